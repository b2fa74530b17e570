/**
 * Something of ours on an object of somebody else's that nobody else sees. It is a private field of that object: an entry
 * of a `WeakMap` outlives, with all it leads to, every collection but the full ones, which for a request is too long.
 */
export interface Slot<K extends object, V> {
  /** undefined for what has none, an object or not. */
  get(key: K): V | undefined
  set(key: K, value: V): void
}

/** A constructor that gives back what it gets: the fields of a class that extends it are added to that. */
class Given {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a field comes onto another object
    return given
  }
}

export function slotOf<K extends object, V>(): Slot<K, V> {
  class Holder extends Given {
    #value: V

    constructor(key: K, value: V) {
      super(key)
      this.#value = value
    }

    static get(key: unknown): V | undefined {
      return isObject(key) && #value in key ? key.#value : undefined
    }

    static set(key: K, value: V): void {
      if (#value in key) key.#value = value
      else new Holder(key, value)
    }
  }
  return Holder
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
