import { remember } from '@keystile/core/store'
import { DjangoError } from '../errors.ts'
import { fromBase64 } from '../primitives/base64.ts'
import type { Clock } from '../primitives/clock.ts'
import { timingSafeEqual } from '../primitives/compare.ts'
import { allKeys } from '../primitives/keys.ts'
import { saltedHmac } from '../primitives/salted-hmac.ts'
import { dumps, loads } from '../signing/payload.ts'
import type { SigningOptions } from '../signing/signer.ts'
import { NEWEST_DJANGO, since } from '../version.ts'
import { type JsonObject, type JsonValue, parsePythonJson, pythonJson } from './json.ts'

/** What both codecs are told. */
interface CodecOptions extends SigningOptions {
  /** The most bytes that a session may inflate to. Default 1 MiB. */
  readonly maxInflated?: number | undefined
  readonly clock?: Clock | undefined
}

/** What `rowCodec` is told. */
export interface RowCodecOptions extends CodecOptions {
  /** `django.contrib.sessions.` and the name of the project's store class. Default Django's own, `SessionStore`. */
  readonly sessionSalt?: string | undefined
  /** Reads rows in the form written before 3.1, under SHA-1. Default only where `djangoVersion` writes it. */
  readonly acceptLegacySessions?: boolean | undefined
}

/** What `cookieCodec` is told. */
export interface CookieCodecOptions extends CodecOptions {
  /** `SESSION_COOKIE_AGE`: how many seconds a cookie is good for. Default two weeks. */
  readonly cookieAge?: number | undefined
}

/** Session data as Django stores it. */
export interface SessionCodec {
  /**
   * The text that is stored.
   *
   * @throws {DjangoError} `NOT_JSON`
   */
  encode(data: JsonObject): string
  /** The data that a stored text holds; none where it was tampered with, made with another key, or is not a session. */
  decode(text: string): JsonObject
}

/** The column `session_data` of `django_session`. Its own time is not looked at: the row has a date of expiry. */
export function rowCodec(options: RowCodecOptions): SessionCodec {
  const { djangoVersion = NEWEST_DJANGO, sessionSalt = 'django.contrib.sessions.SessionStore' } = options
  const keys = allKeys(options)
  const payload = { ...options, salt: sessionSalt, compress: true }
  const writeLegacy = !since(djangoVersion, '3.1')
  const readLegacy = options.acceptLegacySessions ?? writeLegacy

  const read = new Map<string, () => JsonObject>()

  // The old salt had no dot before the name of the class.
  const legacySalt = sessionSalt.replace(/\.([^.]*)$/, '$1')
  const legacyHash = (json: Uint8Array, key: string) => saltedHmac(legacySalt, json, key, 'sha1').toString('hex')

  function decodeLegacy(text: string): JsonValue | undefined {
    const decoded = fromBase64(text)?.toString('latin1')
    const at = decoded?.indexOf(':') ?? -1
    if (decoded === undefined || at < 0) return undefined
    const given = decoded.slice(0, at)
    const json = Buffer.from(decoded.slice(at + 1), 'latin1')
    return keys.some((key) => timingSafeEqual(legacyHash(json, key), given))
      ? parsePythonJson(json.toString('latin1'))
      : undefined
  }

  return {
    encode(data) {
      if (!writeLegacy) return dumps(data, payload)
      const json = Buffer.from(pythonJson(data), 'latin1')
      return Buffer.concat([Buffer.from(`${legacyHash(json, keys[0])}:`), json]).toString('base64')
    },

    decode(text) {
      const known = read.get(text)
      if (known) return known()
      const data = readable(() => (readLegacy ? decodeLegacy(text) : undefined) ?? loads(text, payload))
      // Of what is short when it is read, too: a row may inflate to a thousand times its length.
      const json = text.length <= LONGEST_KEPT && Object.keys(data).length > 0 ? pythonJson(data) : ''
      if (json !== '' && json.length <= LONGEST_KEPT) remember(read, text, copies(data, json), MOST_KEPT)
      return data
    },
  }
}

/** Makes the same data again, which whoever has it may change. Most sessions are texts by name alone. */
function copies(data: JsonObject, json: string): () => JsonObject {
  if (!Object.values(data).every((value) => typeof value === 'string')) return () => parsePythonJson(json) as JsonObject
  const kept = { ...data }
  return () => Object.assign(Object.create(null), kept)
}

/** Rows that were read are kept: the same one comes with every request of a session, and was checked. */
const MOST_KEPT = 500
const LONGEST_KEPT = 4096

/**
 * The whole session in a cookie, as the `signed_cookies` engine has it. Nothing is kept here, so a copied cookie is
 * good until its age ends it: a logout does not reach it.
 */
export function cookieCodec(options: CookieCodecOptions): SessionCodec {
  const { cookieAge = 1_209_600 } = options
  const payload = { ...options, salt: 'django.contrib.sessions.backends.signed_cookies', compress: true }

  return {
    encode: (data) => dumps(data, payload),
    decode: (text) => readable(() => loads(text, payload, cookieAge)),
  }
}

/** What was read where it is an object; whatever cannot be read is an empty session. */
function readable(read: () => JsonValue): JsonObject {
  const empty: JsonObject = Object.create(null)
  try {
    const value = read()
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : empty
  } catch (error) {
    if (error instanceof DjangoError) return empty
    throw error
  }
}
