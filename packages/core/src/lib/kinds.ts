/** What options may hold: tables of kinds that follow the options' types. */
import { isObject } from './is-object.ts'

/** What a value looks like. As it is, it fits options of every type. */
export interface AnyKind {
  /** Whether a value is of this kind, whatever lies below it. */
  readonly holds: (value: unknown) => boolean
  /** As in: expected … */
  readonly expected: string
  readonly fix: string
  /** Wrong values are shown: they are settings, and no secrets. */
  readonly shown?: boolean | undefined
  /** The names below it, and what each holds; others nothing reads. */
  readonly members?: { readonly [name: string]: AnyKind } | undefined
  /** Those that have to be there. */
  readonly required?: readonly string[] | undefined
  /** Other names are the app's own. */
  readonly open?: boolean | undefined
  /** What all that lies below it holds, whatever its name. */
  readonly each?: AnyKind | undefined
  /** It is of one of these. */
  readonly either?: readonly AnyKind[] | undefined
}

/** What a value of type `T` looks like, and of no other. */
export interface Kind<T> extends AnyKind {
  /** Types only. */
  readonly '~of'?: (value: T) => T
}

/** What a function looks like. */
export interface Callable extends AnyKind {
  readonly callable: true
}

type KindOf<T> = [T] extends [(...args: never) => unknown] ? Callable : Kind<T>

/** A kind for each name that `T` has: a missing one does not compile, nor one of another type. */
export type Members<T> = { readonly [K in keyof T]-?: KindOf<Exclude<T[K], undefined>> }

/** An object as options are written; others, as instances of classes, have names of their own. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

export const flag: Kind<boolean> = {
  holds: (value) => typeof value === 'boolean',
  expected: 'true or false',
  fix: "write true or false; what comes as text is compared first: env.NAME === 'true'",
  shown: true,
}

/** From `least` to `most`, both among them. */
export const numberFrom = (least: number, most = Number.MAX_SAFE_INTEGER): Kind<number> => ({
  holds: (value) => typeof value === 'number' && value >= least && value <= most,
  expected: `a number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}`,
  fix: 'write a number; what comes as text is made one first: Number(env.NAME), which is NaN where NAME is not set',
  shown: true,
})

/** Of a range that a check of its own knows. */
export const number: Kind<number> = {
  ...numberFrom(0),
  holds: (value) => typeof value === 'number',
  expected: 'a number',
}

export const text: Kind<string> = {
  holds: (value) => typeof value === 'string',
  expected: 'a text',
  fix: 'write a text',
}

export const bytes: Kind<Uint8Array> = {
  // Those of another realm, as test runners make one, are bytes too.
  holds: (value) => ArrayBuffer.isView(value),
  expected: 'bytes',
  fix: 'give a Uint8Array',
}

export const date: Kind<Date> = {
  holds: (value) => Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN(Number(value)),
  expected: 'a date',
  fix: 'give a Date',
}

export const call: Callable = {
  holds: (value) => typeof value === 'function',
  expected: 'a function',
  fix: 'give the function itself',
  callable: true,
}

/** What somebody else judges. */
export const anything: Callable = { holds: () => true, expected: 'anything', fix: '', callable: true }

/** A schema of any library that follows Standard Schema; of some they are functions. */
export const schema: Callable = {
  holds: (value) => typeof (value as { readonly '~standard'?: unknown } | null)?.['~standard'] === 'object',
  expected: 'a schema (Standard Schema)',
  fix: 'give a schema of valibot, zod, arktype or another library of Standard Schema',
  callable: true,
}

export const object: AnyKind = { holds: isObject, expected: 'an object', fix: 'write { … }' }

/** An object with methods of these names, of the app's own making. */
export const having = (...methods: readonly string[]): AnyKind => ({
  holds: (value) => isObject(value) && methods.every((name) => typeof Reflect.get(value, name) === 'function'),
  expected: `an object with ${methods.join(' and ')}`,
  fix: `give an object with the ${methods.length > 1 ? 'methods' : 'method'} ${methods.join(' and ')}`,
})

export const oneOf = <const T>(...values: readonly T[]): Kind<T> => {
  const list = values.map((value) => String(JSON.stringify(value))).join(' or ')
  return { holds: (value) => values.includes(value as T), expected: list, fix: `write ${list}`, shown: true }
}

export const list = <T>(each: Kind<T>): Kind<readonly T[]> => ({
  holds: Array.isArray,
  expected: 'a list',
  fix: 'put it in a list: […]',
  each,
})

/** An object with these names and no others; `required` ones have to be there. An instance of a class has these, or one at least. */
export const group = <T>(members: Members<T>, ...required: readonly (keyof T & string)[]): Kind<T> => {
  const names = Object.keys(members)
  return {
    holds(value) {
      if (!isObject(value)) return false
      const has = (name: string) => Reflect.get(value, name) !== undefined
      return isPlain(value) || (required.length > 0 ? required.every(has) : names.some(has))
    },
    expected: `an object with ${required.length > 0 ? required.join(' and ') : `some of ${names.join(', ')}`}`,
    fix: `write { ${required.map((name) => `${name}: …`).join(', ') || '…'} }`,
    members: members as { readonly [name: string]: AnyKind },
    required,
  }
}

/** The same, with names of the app's own beside them. */
export const openGroup = <T>(members: Members<T>, ...required: readonly (keyof T & string)[]): Kind<T> => ({
  ...group(members, ...required),
  open: true,
})

/** An object with names of the app's own. */
export const byName = (each: AnyKind): AnyKind => ({ ...object, fix: 'write { name: … }', each })

export const either = <A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> => ({
  holds: (value) => a.holds(value) || b.holds(value),
  expected: `${a.expected}, or ${b.expected}`,
  fix: `${a.fix}, or ${b.fix}`,
  shown: a.shown && b.shown,
  either: [a, b],
})
