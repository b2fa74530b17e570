/** A session's cookie and token, in every form in which they travel and rest. */
import { createHash, createHmac } from 'node:crypto'

export const secret = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'
export const tokenCookie = 'better-auth.session_token'

/** The cookie of a token, as a browser sends it. */
export const cookieOf = (token: string) => {
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  return `${tokenCookie}=${encodeURIComponent(`${token}.${signature}`)}`
}

/** The token in a cookie. */
export function tokenOf(cookie: string): string {
  const value = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1))
  return value.slice(0, value.lastIndexOf('.'))
}

const hashed = (token: string) => `h1.${createHash('sha256').update(token).digest('base64url')}`

/** The form in which the token of a cookie rests. */
export const atRest = (cookie: string) => hashed(tokenOf(cookie))

/** That one, and the one in which it rests where another server has written it. */
export const formsOf = (cookie: string): readonly string[] => [atRest(cookie), tokenOf(cookie)]

/** Cookies of sessions: two of Ada's, one of Bob's. */
export interface Cookies {
  readonly own: string
  readonly other: string
  readonly bob: string
}
