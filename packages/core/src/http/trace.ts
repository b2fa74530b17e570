/** Why callers were refused, kept for a while in memory so that a page can tell: for development alone. */
import type { HeaderSource } from '../domain/exchange.ts'
import { fromBase64 } from '../lib/bytes.ts'
import type { Clock } from '../lib/environment.ts'
import { makeId, type Random } from '../lib/random.ts'
import type { Step } from './chain.ts'
import { type Told, tracePage } from './trace-page.ts'

/** A refused request, as it came. */
export interface Refused {
  readonly method: string
  readonly url: string
  readonly headers: HeaderSource
  readonly steps: readonly Step[]
  readonly status: number
}

export interface Trace {
  /** The pattern of its pages. */
  readonly path: string
  /** Whether a raw path is one of its pages. */
  owns(path: string): boolean
  /** Keeps what led to a refusal, and gives the `Link` header (RFC 8288) to the page that tells. */
  keep(refused: Refused): string
  /** The page of a request; undefined where it asks for something else. */
  answer(request: Request): Response | undefined
}

export interface TraceOptions {
  readonly basePath: string
  readonly clock: Clock
  readonly random: Random
  /** How many refusals are kept; the oldest goes first. */
  readonly size?: number | undefined
}

export function createTrace({ basePath, clock, random, size = 100 }: TraceOptions): Trace {
  const prefix = `${basePath}/-/trace/`
  const kept = new Map<string, Told>()
  const owns = (path: string) => path.startsWith(prefix)

  return {
    path: `${prefix}:id`,
    owns,

    keep(refused) {
      const id = makeId(random)
      for (const oldest of kept.keys()) {
        if (kept.size < size) break
        kept.delete(oldest)
      }
      kept.set(id, told(refused, clock()))
      return `<${prefix}${id}>; rel="help"`
    },

    answer({ method, url }) {
      const { pathname } = new URL(url)
      if (!owns(pathname) || (method !== 'GET' && method !== 'HEAD')) return undefined
      const found = kept.get(pathname.slice(prefix.length))
      const nonce = makeId(random)
      return new Response(method === 'HEAD' ? null : tracePage(found, nonce), {
        status: found ? 200 : 404,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        },
      })
    },
  }
}

/** Shorter words say nothing, and would take the sense out of reasons. */
const shortest = 6

const wordsOf = (text: string) => text.split(/[\s,;="&?]+/)

/** Words as they came, and as a scheme may have read them: percent-decoded, or out of base64, whole or as Basic has it. */
const readingsOf = (word: string) => [word, decoded(word), ...basicWords(word)]

function basicWords(word: string): string[] {
  const bytes = fromBase64(word + '='.repeat((4 - (word.length % 4)) % 4))
  const text = bytes ? new TextDecoder().decode(bytes) : ''
  const colon = text.indexOf(':')
  return [text, text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)]
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

/** What is kept holds no value of a header or a query, wherever else it may have got to. */
function told({ method, url, headers, steps, status }: Refused, at: number): Told {
  const values = [...(headers.keys?.() ?? [])].map((name) => [name, headers.get(name) ?? ''] as const)
  const { pathname, search } = new URL(url)
  const words = [search, ...values.map(([, value]) => value)].flatMap(wordsOf)
  const secrets = [...new Set(words.flatMap(readingsOf))]
    .filter((word) => word.length >= shortest)
    .sort((a, b) => b.length - a.length)
  const masked = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, mask), text)
  return {
    at: new Date(at),
    method,
    path: masked(pathname),
    status,
    steps: steps.map((step) => ({ ...step, reason: masked(step.reason) })),
    headers: values.map(([name, value]) => [name, value === '' ? '(empty)' : `${mask} ${value.length} characters`]),
  }
}

const mask = '••••'
