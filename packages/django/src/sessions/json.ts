/**
 * Python's JSON, as Django's sessions and signatures hold it: compact, ASCII, and with `NaN` and `Infinity`.
 *
 * What is read and written back unchanged keeps its source text, so that `1.0` stays a float for Python and no digit
 * of a number is lost. A number that is put in anew is written as JavaScript has it.
 */
import { DjangoError } from '../errors.ts'

/** A value of Python's JSON. Whole numbers beyond 2^53 are `bigint`. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject

/** An object of Python's JSON, as it is read: without a prototype, so that any key is a key like others. */
export interface JsonObject {
  [key: string]: JsonValue
}

/** As deep as Python goes by default. */
const DEEPEST = 1000

/** As many digits as Python takes by default: the time to convert more grows with their square. */
const MOST_DIGITS = 4300

/** The source text of numbers whose value alone would be written otherwise, by the container and key they stand at. */
const sources = new WeakMap<object, Map<string, { readonly value: number; readonly text: string }>>()

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y
const WORD = /true|false|null|NaN|-?Infinity/y
const SPACE = /[ \t\n\r]*/y
/** An object of printable ASCII texts without escapes. */
const TEXTS_BY_NAME = /^\{"[ !#-[\]-~]*":"[ !#-[\]-~]*"(?:,"[ !#-[\]-~]*":"[ !#-[\]-~]*")*\}$/
const WORDS: Readonly<Record<string, null | boolean | number>> = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/**
 * The value of a text as Python's `json.loads` reads it. Of equal keys the last one counts.
 *
 * @throws {DjangoError} `NOT_JSON`
 */
export function parsePythonJson(text: string): JsonValue {
  // Most sessions are texts by name, which JavaScript reads alike.
  if (TEXTS_BY_NAME.test(text)) return Object.assign(Object.create(null), JSON.parse(text))
  let at = 0

  const fail = (): never => {
    throw new DjangoError('NOT_JSON', `not JSON at character ${at}`)
  }
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at += found[0].length
    return found
  }
  /** Passes a sign and the space around it. */
  const take = (sign: string) => {
    match(SPACE)
    if (text[at] !== sign) return false
    at++
    match(SPACE)
    return true
  }

  function string(): string {
    const start = at++
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    try {
      return JSON.parse(text.slice(start, ++at))
    } catch {
      at = start
      return fail()
    }
  }

  /** The value at this place, which is put into `container` under `key`. */
  function value(depth: number, container: object, key: string): JsonValue {
    if (depth > DEEPEST) fail()
    if (text[at] === '"') return string()
    if (take('{')) return object(depth)
    if (take('[')) return array(depth)
    const start = at
    const word = match(WORD)
    if (!word) return number(container, key)
    const found = WORDS[word[0]] as null | boolean | number
    if (typeof found === 'number') remember(container, key, found, text.slice(start, at))
    return found
  }

  function number(container: object, key: string): number | bigint {
    const [source, fraction, exponent] = match(NUMBER) ?? fail()
    if (fraction === undefined && exponent === undefined) {
      if (source.length > MOST_DIGITS) fail()
      if (!Number.isSafeInteger(Number(source))) return BigInt(source)
    }
    const read = Number(source)
    if (numberText(read) !== source) remember(container, key, read, source)
    return read
  }

  function object(depth: number): JsonObject {
    const read: JsonObject = Object.create(null)
    if (take('}')) return read
    do {
      if (text[at] !== '"') fail()
      const key = string()
      if (!take(':')) fail()
      sources.get(read)?.delete(key)
      read[key] = value(depth + 1, read, key)
    } while (take(','))
    return take('}') ? read : fail()
  }

  function array(depth: number): JsonValue[] {
    const read: JsonValue[] = []
    if (take(']')) return read
    do {
      read.push(value(depth + 1, read, String(read.length)))
    } while (take(','))
    return take(']') ? read : fail()
  }

  match(SPACE)
  const read = value(0, {}, '')
  match(SPACE)
  return at === text.length ? read : fail()
}

/**
 * The text that Python's `json.dumps` makes of a value with the separators of Django, in ASCII.
 *
 * @throws {DjangoError} `NOT_JSON` at what JSON has not: `undefined`, dates, maps, objects of classes, and `NaN` and
 *   infinities other than those that were read there
 */
export function pythonJson(value: JsonValue): string {
  return textOf(value, 0, {}, '')
}

function textOf(value: unknown, depth: number, container: object, key: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return ascii(value)
  if (typeof value === 'number') {
    const source = sources.get(container)?.get(key)
    if (source && Object.is(source.value, value)) return source.text
    if (Number.isFinite(value)) return numberText(value)
  }
  if (typeof value === 'object' && depth <= DEEPEST) {
    if (Array.isArray(value)) {
      return `[${Array.from(value, (item, index) => textOf(item, depth + 1, value, String(index))).join(',')}]`
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === null || prototype === Object.prototype) {
      const pairs = Object.entries(value)
      return `{${pairs.map(([name, item]) => `${ascii(name)}:${textOf(item, depth + 1, value, name)}`).join(',')}}`
    }
  }
  throw new DjangoError('NOT_JSON', `JSON has no such ${typeof value}${key && ` as stands at ${ascii(key)}`}`)
}

/** What is kept, so that the number is written as it was read. */
function remember(container: object, key: string, value: number, text: string): void {
  const known = sources.get(container) ?? new Map()
  sources.set(container, known.set(key, { value, text }))
}

/** `-0` is a float for Python too. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value)
}

/** `JSON.stringify` escapes what JSON must; Django decodes the bytes as Latin-1, so all else beyond ASCII must be too. */
function ascii(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
