/** What follows on a value: at once where it is there, later where it is promised. */
export function settled<T, R>(value: T | PromiseLike<T>, then: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPromised(value) ? Promise.resolve(value).then(then) : then(value)
}

/** Promises of other libraries and realms, too. */
export const isPromised = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'
