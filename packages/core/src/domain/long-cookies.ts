/**
 * Cookies whose line is longer than browsers keep go out in pieces: `name.0`, `name.1` … Pieces that the caller holds
 * and the answer does not renew are expired with it, so that old and new ones never mix.
 */
import { type CookieAttributes, serializeCookie } from '../lib/cookies.ts'
import type { AuthCookie, Exchange } from './exchange.ts'

/** Of a whole `Set-Cookie` line: browsers drop what is over 4,096. */
const longestLine = 4050
const mostPieces = 100

const piece = ({ name, attributes }: AuthCookie, index: number): AuthCookie => ({
  name: `${name}.${index}`,
  attributes,
})

/** Sets a cookie of any length. One of over a hundred pieces, which no server would take back, is expired instead. */
export function setLongCookie(exchange: Exchange, cookie: AuthCookie, value: string, own: CookieAttributes = {}): void {
  const room = longestLine - serializeCookie(`${cookie.name}.99`, '', { ...cookie.attributes, ...own }).length
  const pieces = value.length <= room ? 0 : Math.ceil(value.length / room)
  expirePieces(exchange, cookie, pieces > mostPieces ? 0 : pieces)
  if (pieces === 0) {
    exchange.setCookie(cookie, value, own)
    return
  }
  if (exchange.cookies(cookie.name).length > 0) exchange.expireCookie(cookie)
  if (pieces > mostPieces) return
  for (let i = 0; i < pieces; i++) exchange.setCookie(piece(cookie, i), value.slice(i * room, (i + 1) * room), own)
}

/** Every value sent under the name; without one, what its pieces make. */
export function longCookieValues(exchange: Exchange, { name }: AuthCookie): string[] {
  const whole = exchange.cookies(name)
  if (whole.length > 0) return whole
  let value = ''
  for (let i = 0; i < mostPieces; i++) {
    const [part] = exchange.cookies(`${name}.${i}`)
    if (part === undefined) break
    value += part
  }
  return value === '' ? [] : [value]
}

export function expireLongCookie(exchange: Exchange, cookie: AuthCookie): void {
  exchange.expireCookie(cookie)
  expirePieces(exchange, cookie, 0)
}

/** Expires the pieces from `first` on that the caller holds, or would get with this answer. */
function expirePieces(exchange: Exchange, cookie: AuthCookie, first: number): void {
  for (let i = first; i < mostPieces; i++) {
    const old = piece(cookie, i)
    if (exchange.cookies(old.name).length === 0 && !exchange.sets(old.name)) break
    exchange.expireCookie(old)
  }
}
