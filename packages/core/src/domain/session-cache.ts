/**
 * The cookie cache in its compact form: session and user signed into a cookie, so that a read within its window asks
 * no store. The signed text is the payload's JSON as it was written; dates are revived only after the signature holds.
 */
import { textFromBase64Url, textToBase64Url } from '#base64'
import { type HmacKey, hmac, hmacMatches } from '#crypto'
import { toJson } from '../lib/json.ts'
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
 */
export async function readCache(
  values: readonly string[],
  tokens: readonly { readonly token: string }[],
  cache: CookieCacheSettings,
  keys: readonly HmacKey[],
  now: number,
  revive: (pair: { session: Record<string, unknown>; user: Record<string, unknown> }) => CachedSession,
): Promise<CachedSession | null> {
  const copies = values.flatMap((value) => openCache(value, keys, now) ?? [])
  if (copies.length === 0) return null
  for (const { token } of tokens) {
    const copy = copies.find(({ session }) => session.token === token)
    if (!copy) continue
    const pair = revive(copy)
    const { expiresAt } = pair.session
    if (!(expiresAt instanceof Date) || !(expiresAt.getTime() > now)) continue
    if (copy.version === (await cacheVersion(pair, cache))) return pair
  }
  return null
}

function openCache(value: string, keys: readonly HmacKey[], now: number): CachePayload | null {
  const text = textFromBase64Url(value)
  if (text === null) return null
  let parsed: { session?: CachePayload; expiresAt?: unknown; signature?: unknown } | null
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  const payload = parsed?.session
  const { expiresAt, signature } = parsed ?? {}
  if (typeof payload !== 'object' || payload === null) return null
  if (typeof expiresAt !== 'number' || typeof signature !== 'string' || !(expiresAt > now)) return null
  const mac = padded(signature)
  const holds = (signed: string) => keys.some((key) => hmacMatches(key, signed, mac))
  const cut = cutSignedText(text, expiresAt, signature)
  if (cut === null || !holds(cut)) {
    // Others may write the cookie in another form; what they sign is the same.
    const again = JSON.stringify({ ...payload, expiresAt })
    if (again === cut || !holds(again)) return null
  }
  if (typeof payload.session !== 'object' || payload.session === null) return null
  if (typeof payload.user !== 'object' || payload.user === null) return null
  return payload
}

/**
 * The signed text out of a cookie of exactly the form we write, else `null`. It and the signature make up the whole
 * cookie, so that where the signature holds, nothing else can have been parsed.
 */
function cutSignedText(text: string, expiresAt: number, signature: string): string | null {
  const end = closing(expiresAt, signature)
  if (!text.startsWith(opening) || !text.endsWith(end)) return null
  return signedText(text.slice(opening.length, -end.length), expiresAt)
}

/** A function that turns the ISO text of a table's date fields back into dates. */
export function dateReviver(table: Table): (row: Record<string, unknown>) => Record<string, unknown> {
  const dates = Object.entries(table.fields).flatMap(([name, field]) => (field.type === 'date' ? [name] : []))
  return (row) => {
    const revived = { ...row }
    for (const name of dates) {
      const text = revived[name]
      if (typeof text === 'string') revived[name] = new Date(parseIso(text))
    }
    return revived
  }
}
