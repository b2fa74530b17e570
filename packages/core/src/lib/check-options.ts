/** The check of options against their kinds: each that nothing reads or that holds something else is a problem. */
import { ConfigError, type Problem } from './errors.ts'
import { type AnyKind, group, isPlain, type Members } from './kinds.ts'
import { nearest } from './nearest.ts'

/**
 * The options without what is of no kind or what nothing reads; each such goes to `problems`. The same object where
 * there is none.
 *
 * @param owner whose options these are, as messages name it
 */
export function checkedOptions<T extends object>(options: T, kind: AnyKind, problems: Problem[], owner?: string): T {
  const found: Problem[] = []
  const right = below(options, kind, '', { root: kind, problems: found })
  problems.push(
    ...found.map((each) => (owner === undefined ? each : { ...each, message: `${owner}: ${each.message}` })),
  )
  return (right === dropped ? {} : right) as T
}

/** Throws a ConfigError of every option that nothing reads, with the one that was probably meant, and of every wrong value. */
export function checkOptions<O extends object>(options: O, kinds: Members<O>, owner?: string): void {
  const problems: Problem[] = []
  checkedOptions(options, group(kinds), problems, owner)
  if (problems.length > 0) throw new ConfigError(problems)
}

interface Check {
  /** Of all options; not known below names of the app's own. */
  readonly root?: AnyKind
  readonly problems: Problem[]
}

/** In the place of what is of no kind. */
const dropped = Symbol('dropped')

/** What is right of a value. */
function below(value: unknown, kind: AnyKind, path: string, check: Check): unknown {
  if (!kind.holds(value)) {
    check.problems.push(wrongKind(path, value, kind))
    return dropped
  }
  if (kind.either) return below(value, kind.either.find((each) => each.holds(value)) as AnyKind, path, check)
  if (kind.members) return membersOf(value as object, kind, path, check)
  if (!kind.each) return value
  const { problems } = check
  return Array.isArray(value)
    ? itemsOf(value, kind.each, path, { problems })
    : namedOf(value as object, kind.each, path, { problems })
}

function itemsOf(list: readonly unknown[], each: AnyKind, path: string, check: Check): unknown {
  const right = list.map((item, i) => below(item, each, `${path}[${i}]`, check))
  return right.every((item, i) => item === list[i]) ? list : right.filter((item) => item !== dropped)
}

function namedOf(value: object, each: AnyKind, path: string, check: Check): unknown {
  return kept(value, ownNames(value), (name, inner) => below(inner, each, placeOf(path, name), check))
}

function membersOf(value: object, { members = {}, required = [], open }: AnyKind, path: string, check: Check): unknown {
  const known = Object.keys(members)
  // What a class has beside them is its own.
  const names = isPlain(value) ? ownNames(value) : known
  let misspelt = false
  const right = kept(value, names, (name, inner) => {
    const kind = Object.hasOwn(members, name) ? members[name] : undefined
    if (kind) return below(inner, kind, placeOf(path, name), check)
    if (open) return inner
    misspelt = true
    check.problems.push(unknownOption(path, name, known, elsewhere(path, name, check.root)))
    return dropped
  })
  const missing = required.filter((name) => Reflect.get(right, name) === undefined)
  for (const name of missing) {
    // One of another type is told already; where a name was told that nothing reads, it may be the one that was meant.
    const told = misspelt || Reflect.get(value, name) !== undefined
    if (!told) check.problems.push(lacking(path, name, members[name] as AnyKind))
  }
  return missing.length > 0 ? dropped : right
}

/** An own key `__proto__` is one of parsed JSON: it says nothing and is never looked at. */
const ownNames = (value: object) => Object.keys(value).filter((name) => name !== '__proto__')

/** The object with what `right` says of each that is set; itself where that is the same. */
function kept(value: object, names: readonly string[], right: (name: string, inner: unknown) => unknown): object {
  let copy: Record<string, unknown> | undefined
  for (const name of names) {
    const inner: unknown = Reflect.get(value, name)
    if (inner === undefined) continue
    const rest = right(name, inner)
    if (rest === inner) continue
    copy ??= { ...value }
    if (rest === dropped) delete copy[name]
    else copy[name] = rest
  }
  return copy ?? value
}

const placeOf = (path: string, name: string) => (path ? `${path}.${name}` : name)

function wrongKind(path: string, value: unknown, { expected, fix, shown }: AnyKind): Problem {
  return {
    code: 'OPTION_INVALID',
    message: path ? `The option ${path} is ${seenOf(value, false)}` : `The options are ${seenOf(value, false)}`,
    seen: seenOf(value, shown ?? false),
    expected,
    fix,
  }
}

function lacking(path: string, name: string, { expected }: AnyKind): Problem {
  return {
    code: 'OPTION_INVALID',
    message: path ? `The option ${path} lacks ${name}` : `The option ${name} is missing`,
    seen: `no ${name}`,
    expected,
    fix: `write ${name}: …`,
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

/** One problem for each name that is set and is none of those known. */
export function unknownNames(path: string, given: object, known: readonly string[]): Problem[] {
  const unknown = ownNames(given).filter((name) => Reflect.get(given, name) !== undefined && !known.includes(name))
  return unknown.map((name) => unknownOption(path, name, known))
}

/** What is said of an option that nothing reads: `path` is where it stands, `meant` the whole name of another. */
function unknownOption(path: string, name: string, known: readonly string[], meant?: string): Problem {
  const near = nearest(name, known)
  const option = placeOf(path, name)
  const other = meant ?? (near && placeOf(path, near))
  return {
    code: 'OPTION_UNKNOWN',
    message: `There is no option ${option}`,
    seen: option,
    expected: other ?? `one of ${known.join(', ')}`,
    fix: other ? `write ${other} instead` : `leave ${option} out: nothing reads it`,
  }
}

/** Letters of a name that stands for one thing wherever it is: `path`, `name` or `max` do not. */
const telling = 6

/** The one option of this name further out or further in: it may only stand on the wrong level. */
function elsewhere(path: string, name: string, root: AnyKind | undefined): string | undefined {
  if (!root || name.length < telling) return undefined
  const [place, another] = placesOf(name, root, '')
  if (place === undefined || another !== undefined) return undefined
  const around = place.slice(0, -name.length)
  const here = path && `${path}.`
  return around.startsWith(here) || here.startsWith(around) ? place : undefined
}

function placesOf(name: string, { members = {}, either = [] }: AnyKind, path: string): string[] {
  const here = Object.hasOwn(members, name) ? [placeOf(path, name)] : []
  const inner = Object.entries(members).flatMap(([at, kind]) => placesOf(name, kind, placeOf(path, at)))
  return [...here, ...inner, ...either.flatMap((kind) => placesOf(name, kind, path))]
}
