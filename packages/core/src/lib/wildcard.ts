/**
 * The wildcard language of trusted origins, allowed hosts and rate-limit rules. A pattern is split at `/`; in a segment
 * `*` is any run of characters, `?` one character, and `\` takes the next one literally. A segment `**` stands for any
 * number of segments. In the sample `\` separates too, and repeated or trailing separators do not matter.
 *
 * No regular expressions: matching takes at most pattern × sample steps, whatever the sample.
 */

export interface WildcardOptions {
  /** `*` and `?` stop at dots: `*` stands for one label of a host name, or a part of it. */
  readonly oneLabel?: boolean | undefined
}

const ANY = -1
const RUN = -2

/** A segment's characters as codes, `ANY` for `?` and `RUN` for `*`; or `'**'`. */
type Segment = readonly number[] | '**'

/** Compiles a pattern into a test. */
export function wildcard(pattern: string, options: WildcardOptions = {}): (sample: string) => boolean {
  const segments = pattern
    .split('/')
    .filter((segment, i) => segment !== '' || i === 0)
    .map((segment): Segment => (segment === '**' ? segment : compile(segment)))
  const stop = options.oneLabel ? DOT : NONE
  return (sample) => {
    const parts = sample.split(/[/\\]+/)
    if (matches(segments, parts, stop)) return true
    return parts.length > 1 && parts.at(-1) === '' && matches(segments, parts.slice(0, -1), stop)
  }
}

const DOT = 46
const NONE = -1

function compile(segment: string): number[] {
  const codes: number[] = []
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i]
    if (char === '*') codes.push(RUN)
    else if (char === '?') codes.push(ANY)
    else if (char !== '\\') codes.push(segment.charCodeAt(i))
    else if (++i < segment.length) codes.push(segment.charCodeAt(i))
  }
  return codes
}

/**
 * The usual walk for one kind of star: on a mismatch let the last star take one more and go on behind it. Earlier stars
 * need no second look, since what follows them was found as far left as it can be.
 */
function matches(segments: readonly Segment[], parts: readonly string[], stop: number): boolean {
  let s = 0
  let p = 0
  let star = -1
  let taken = 0
  while (p < parts.length) {
    const segment = segments[s]
    if (segment === '**') {
      star = s++
      taken = p
    } else if (segment !== undefined && matchesPart(segment, parts[p] as string, stop)) {
      s++
      p++
    } else if (star !== -1) {
      s = star + 1
      p = ++taken
    } else {
      return false
    }
  }
  while (segments[s] === '**') s++
  return s === segments.length
}

/** The same walk over characters; the last star cannot take a character it must stop at. */
function matchesPart(codes: readonly number[], part: string, stop: number): boolean {
  let c = 0
  let p = 0
  let star = -1
  let taken = 0
  while (p < part.length) {
    const unit = codes[c]
    const char = part.charCodeAt(p)
    if (unit === RUN) {
      star = c++
      taken = p
    } else if (unit === char || (unit === ANY && char !== stop)) {
      c++
      p++
    } else if (star !== -1 && part.charCodeAt(taken) !== stop) {
      c = star + 1
      p = ++taken
    } else {
      return false
    }
  }
  while (codes[c] === RUN) c++
  return c === codes.length
}
