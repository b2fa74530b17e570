import { DjangoError } from '../errors.ts'
import type { EngineMaker } from './engine.ts'
import type { JsonObject } from './json.ts'

/** The most bytes of a cookie's name and value that browsers keep. A longer one they drop without a word. */
const LONGEST = 4093

/**
 * Django's `signed_cookies`: the cookie is the session, signed and readable by its owner. The server keeps nothing, so
 * a sign-out cannot end a copy of the cookie: it is good until `SESSION_COOKIE_AGE` has passed since it was written, or
 * the user's password changes. A session beyond the 4093 bytes that browsers keep is refused, `SESSION_TOO_LARGE`.
 */
export const signedCookieSessions: EngineMaker = ({ cookieCodec, cookieName }) => {
  const written = async (data: JsonObject) => {
    const value = cookieCodec.encode(data)
    const size = cookieName.length + value.length
    if (size <= LONGEST) return value
    throw new DjangoError(
      'SESSION_TOO_LARGE',
      `the session makes a cookie of ${size} bytes, and browsers keep ${LONGEST}: store less, or use sessions: 'db'`,
    )
  }

  return {
    async load(cookie) {
      const data = cookieCodec.decode(cookie)
      return Object.keys(data).length > 0 ? data : null
    },
    create: written,
    save: (_cookie, data) => written(data),
    replace: (_cookie, data) => written(data),
    async remove() {},
  }
}
