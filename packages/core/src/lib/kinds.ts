/** What options may hold, as tables of kinds that follow the options' types, and the one check of them. */
import { ConfigError, type Problem } from './errors.ts'
import { nearest } from './nearest.ts'

// biome-ignore lint/suspicious/noExplicitAny: fits whatever type an option has
type Any = any

/** What a value of type `T` looks like; no wider and no narrower, or it does not compile. */
export interface Kind<T> {
  /** Types only. */
  readonly '~of'?: (value: T) => T
  /** Whether a value is of this kind, whatever lies below it. */
  readonly holds: (value: unknown) => boolean
  /** As in: expected … */
  readonly expected: string
  readonly fix: string
  /** Wrong values are shown: they are settings, and no secrets. */
  readonly shown?: boolean | undefined
  /** The names below it, and what each holds; others nothing reads. */
  readonly members?: { readonly [name: string]: Kind<Any> } | undefined
  /** What all that lies below it holds, whatever its name. */
  readonly each?: Kind<Any> | undefined
  /** It is of one of these. */
  readonly either?: readonly Kind<Any>[] | undefined
}

/** A kind for each name that `T` has. */
export type Members<T> = { readonly [K in keyof T]-?: Kind<Exclude<T[K], undefined>> }

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

export const flag: Kind<boolean> = {
  holds: (value) => typeof value === 'boolean',
  expected: 'true or false',
  fix: "write true or false; what comes as text is compared first: env.NAME === 'true'",
  shown: true,
}
export const number: Kind<number> = {
  holds: (value) => typeof value === 'number' && !Number.isNaN(value),
  expected: 'a number',
  fix: 'write a number; what comes as text is made one first: Number(env.NAME)',
  shown: true,
}
export const text: Kind<string> = {
  holds: (value) => typeof value === 'string',
  expected: 'a text',
  fix: 'write a text',
}
/** A function of any type. */
export const call: Kind<Any> = {
  holds: (value) => typeof value === 'function',
  expected: 'a function',
  fix: 'give the function itself',
}
/** What somebody else judges. */
export const anything: Kind<Any> = { holds: () => true, expected: 'anything', fix: '' }
/** An object with methods of these names, of the app's own making. */
export const having = (...methods: readonly string[]): Kind<Any> => ({
  holds: (value) =>
    isObject(value) && methods.every((name) => typeof Reflect.get(value as object, name) === 'function'),
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

/** An object with these names and no others. */
export const group = <T>(members: Members<T>): Kind<T> => ({
  holds: isObject,
  expected: `an object with some of ${Object.keys(members).join(', ')}`,
  fix: `write { ${Object.keys(members)[0]}: … }`,
  members: members as { readonly [name: string]: Kind<Any> },
})

export const object: Kind<Any> = { holds: isObject, expected: 'an object', fix: 'write { … }' }
/** An object with names of the app's own. */
export const byName = (each: Kind<Any>): Kind<Any> => ({ ...object, fix: 'write { name: … }', each })

export const either = <A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> => ({
  holds: (value) => a.holds(value) || b.holds(value),
  expected: `${a.expected}, or ${b.expected}`,
  fix: `${a.fix}, or ${b.fix}`,
  shown: a.shown && b.shown,
  either: [a, b],
})

/**
 * The options without what is of no kind or what nothing reads; each such goes to `problems`. The same object where
 * there is none.
 *
 * @param owner whose options these are, as messages name it
 */
export function checked<T extends object>(options: T, kind: Kind<Any>, problems: Problem[], owner?: string): T {
  const found: Problem[] = []
  const right = below(options, kind, '', found, kind)
  problems.push(
    ...found.map((each) => (owner === undefined ? each : { ...each, message: `${owner}: ${each.message}` })),
  )
  return (right === dropped ? {} : right) as T
}

/** Throws a ConfigError of every option that nothing reads, with the one that was probably meant, and of every wrong value. */
export function checkOptions<O extends object>(options: O, kinds: Members<O>, owner?: string): void {
  const problems: Problem[] = []
  checked(options, group(kinds), problems, owner)
  if (problems.length > 0) throw new ConfigError(problems)
}

/** In the place of what is of no kind. */
const dropped = Symbol('dropped')

function below(value: unknown, kind: Kind<Any>, path: string, problems: Problem[], root: Kind<Any>): unknown {
  if (!kind.holds(value)) {
    problems.push(wrongKind(path, value, kind))
    return dropped
  }
  if (kind.either) {
    const of = kind.either.find((each) => each.holds(value)) as Kind<Any>
    return below(value, of, path, problems, root)
  }
  if (!kind.members && !kind.each) return value
  const isList = Array.isArray(value)
  let right: Record<string, unknown> | undefined
  for (const [name, inner] of Object.entries(value as object)) {
    // An own key of this name is one of parsed JSON: it says nothing and is never looked at.
    if ((inner === undefined && !isList) || name === '__proto__') continue
    const of = kind.each ?? (Object.hasOwn(kind.members as object, name) ? kind.members?.[name] : undefined)
    const place = isList ? `${path}[${name}]` : path ? `${path}.${name}` : name
    if (of === undefined) {
      const [elsewhere, another] = placesOf(name, root)
      problems.push(unknownOption(path, name, Object.keys(kind.members ?? {}), another ? undefined : elsewhere))
    }
    const kept = of ? below(inner, of, place, problems, root) : dropped
    if (kept === inner) continue
    right ??= { ...(value as object) }
    if (kept === dropped) delete right[name]
    else right[name] = kept
  }
  return right && isList ? Object.values(right) : (right ?? value)
}

function wrongKind(path: string, value: unknown, { expected, fix, shown }: Kind<Any>): Problem {
  return {
    code: 'OPTION_INVALID',
    message: path ? `The option ${path} is ${seenOf(value, false)}` : `The options are ${seenOf(value, false)}`,
    seen: seenOf(value, shown ?? false),
    expected,
    fix,
  }
}

/** A value by its kind; itself only where it may be shown. */
function seenOf(value: unknown, shown: boolean): string {
  if (value === undefined || value === null || value === true || value === false || Number.isNaN(value))
    return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return shown ? `the text ${JSON.stringify(value.slice(0, 40))}` : 'a text'
  if (typeof value === 'number') return shown ? `the number ${value}` : 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** What is said of an option that nothing reads: `path` is where it stands, `elsewhere` the one place that has its name. */
export function unknownOption(path: string, name: string, known: readonly string[], elsewhere?: string): Problem {
  const at = (name: string) => (path ? `${path}.${name}` : name)
  const near = nearest(name, known)
  const option = at(name)
  const meant = elsewhere ?? (near && at(near))
  return {
    code: 'OPTION_UNKNOWN',
    message: `There is no option ${option}`,
    seen: option,
    expected: meant ?? `one of ${known.join(', ')}`,
    fix: meant ? `write ${meant} instead` : `leave ${option} out: nothing reads it`,
  }
}

/** Where options of this name are: it may only stand in the wrong place. */
function placesOf(name: string, { members = {}, either = [] }: Kind<Any>, path = ''): string[] {
  const here = Object.hasOwn(members, name) ? [path + name] : []
  const inner = Object.entries(members).flatMap(([at, kind]) => placesOf(name, kind, `${path}${at}.`))
  return [...here, ...inner, ...either.flatMap((kind) => placesOf(name, kind, path))]
}
