/**
 * The cookie cache in its compact form: session and user signed into a cookie, so that a read within its window asks
 * no store. The signed text is the payload's JSON as it was written, and what is parsed once its signature holds.
 */
import { textFromBase64Url, textToBase64Url } from '#base64'
import { type HmacKey, hmac, hmacMatches, timingSafeEqual } from '#crypto'
import { toJson } from '../lib/json.ts'
import { remember } from '../lib/remember.ts'
import { parseIso } from '../store/dates.ts'
import type { Table } from '../store/table.ts'
import type { SessionRow, UserRow } from './model.ts'
import type { CookieCacheSettings } from './settings.ts'

export interface CachedSession {
  readonly session: SessionRow
  readonly user: UserRow
}

const unpadded = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
const padded = (base64url: string) => `${base64url.replaceAll('-', '+').replaceAll('_', '/')}=`

/** The cookie's JSON around that of its payload, of which the last brace belongs to `closing`. */
const opening = '{"session":'
const closing = (expiresAt: number, signature: string) => `},"expiresAt":${expiresAt},"signature":"${signature}"}`
/** The text that is signed: the payload with `expiresAt` last. */
const signedText = (payload: string, expiresAt: number) => `${payload},"expiresAt":${expiresAt}}`

/** The value of `session_data`. `window` is in seconds. */
export async function writeCache(
  pair: { readonly session: object; readonly user: object },
  cache: CookieCacheSettings,
  key: HmacKey,
  now: number,
  window: number,
): Promise<string> {
  const payload = toJson({
    session: pair.session,
    user: pair.user,
    updatedAt: now,
    version: await cacheVersion(pair, cache),
  }).slice(0, -1)
  const expiresAt = now + window * 1000
  const signature = unpadded(hmac(key, signedText(payload, expiresAt)))
  return textToBase64Url(opening + payload + closing(expiresAt, signature))
}

/** A promise only where the app's own function gives one: waiting for a text would cost each read a turn. */
function cacheVersion(pair: { readonly session: object; readonly user: object }, cache: CookieCacheSettings) {
  return typeof cache.version === 'function' ? cache.version(pair.session, pair.user) : cache.version
}

interface CachePayload {
  readonly session: Record<string, unknown>
  readonly user: Record<string, unknown>
  readonly updatedAt: number
  readonly version: string
}

/**
 * What the first of the copies says that is ours, in its window, of this version and of the first token it can be of;
 * else `null`. Each copy is opened once, however many tokens there are.
 *
 * `tokens` are those whose own signature holds, although a copy names its token under a signature too: it names it in
 * clear, so whoever has a copy alone could put anything behind that token. A copy saves the store, it opens nothing.
 */
export async function readCache(
  values: readonly string[],
  tokens: readonly { readonly token: string }[],
  cache: CookieCacheSettings,
  keys: readonly HmacKey[],
  now: number,
  revive: (pair: { session: Record<string, unknown>; user: Record<string, unknown> }) => CachedSession,
): Promise<CachedSession | null> {
  const copies: CachePayload[] = []
  for (const value of values) {
    const copy = openCache(value, cache, keys, now)
    if (copy) copies.push(copy)
  }
  if (copies.length === 0) return null
  for (const { token } of tokens) {
    const copy = copies.find(({ session }) => timingSafeEqual(String(session.token), token))
    if (!copy) continue
    const pair = revive(copy)
    const { expiresAt } = pair.session
    if (!(expiresAt instanceof Date) || !(expiresAt.getTime() > now)) continue
    const version = cacheVersion(pair, cache)
    if (copy.version === (typeof version === 'string' ? version : await version)) return pair
  }
  return null
}

/** What the clocks of two servers may differ by, in milliseconds. */
const skew = 60_000

function openCache(
  value: string,
  { maxAge }: CookieCacheSettings,
  keys: readonly HmacKey[],
  now: number,
): CachePayload | null {
  // A copy that would be good for longer than any is was made while a clock was wrong.
  const inWindow = (expiresAt: number) => expiresAt > now && expiresAt <= now + maxAge * 1000 + skew
  const known = checkedOf(keys)
  const before = known.get(value)
  if (before) return inWindow(before.expiresAt) ? (parsed(before.signed) as unknown as CachePayload) : null
  const text = textFromBase64Url(value)
  if (text === null) return null
  const holds = (signed: string, signature: string) => keys.some((key) => hmacMatches(key, signed, padded(signature)))
  const own = cutOwnForm(text)
  const isOwn = own !== null && inWindow(own.expiresAt) && holds(own.signed, own.signature)
  const payload = isOwn ? parsed(own.signed) : openOther(text, own)
  if (!isObject(payload) || !isObject(payload.session) || !isObject(payload.user)) return null
  if (isOwn && value.length <= longestChecked) remember(known, value, own, mostChecked)
  return payload as unknown as CachePayload

  /** Others may write the cookie in another form; what they sign is the same. */
  function openOther(text: string, tried: OwnForm | null) {
    const { session, expiresAt, signature } = parsed(text) ?? {}
    if (!isObject(session) || typeof expiresAt !== 'number' || typeof signature !== 'string') return null
    if (!inWindow(expiresAt)) return null
    const signed = JSON.stringify({ ...session, expiresAt })
    return signed !== tried?.signed && holds(signed, signature) ? session : null
  }
}

/**
 * Copies whose signature held, by their whole value: the same one comes with every request of a browser. Only what was
 * signed by us gets in, and what is not the same to the last character is checked as ever.
 */
const checked = new WeakMap<readonly HmacKey[], Map<string, OwnForm>>()
const mostChecked = 500
const longestChecked = 4096

function checkedOf(keys: readonly HmacKey[]): Map<string, OwnForm> {
  const known = checked.get(keys) ?? new Map<string, OwnForm>()
  checked.set(keys, known)
  return known
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

interface OwnForm {
  readonly signed: string
  readonly expiresAt: number
  readonly signature: string
}

const afterPayload = /^\},"expiresAt":(\d+),"signature":"([\w-]{43})"\}$/

/** What is signed in a cookie of exactly the form we write, else `null`: found without parsing what nobody has checked. */
function cutOwnForm(text: string): OwnForm | null {
  const end = text.lastIndexOf('},"expiresAt":')
  if (end < 0 || !text.startsWith(opening)) return null
  const [, expiresAt, signature] = afterPayload.exec(text.slice(end)) ?? []
  if (expiresAt === undefined || signature === undefined) return null
  const signed = signedText(text.slice(opening.length, end), Number(expiresAt))
  return { signed, expiresAt: Number(expiresAt), signature }
}
/** A function that turns the ISO text of a row's date fields back into dates, in the row itself. */
export function dateReviver(table: Table): (row: Record<string, unknown>) => Record<string, unknown> {
  const dates = Object.entries(table.fields).flatMap(([name, field]) => (field.type === 'date' ? [name] : []))
  return (row) => {
    for (const name of dates) {
      const text = row[name]
      if (typeof text === 'string') row[name] = new Date(parseIso(text))
    }
    return row
  }
}
