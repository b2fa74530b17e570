/** A database as another server left it: what is not in our form is brought into it by those who meet it. */
import { createHash } from 'node:crypto'
import { atRest, type Cookies, cookieOf } from './tokens.ts'

/** Tokens that rest in clear; passwords under an older hash, which only the default hasher knows. */
export type Moved = 'tokens' | 'hashes'

/** Changes of the rows themselves. */
export interface Rewrite {
  token(from: string, to: string): void
  passwords(hash: string): void
}

/** Of Ada's password, by bcrypt at its least cost. */
const older = '$2b$04$FE7t.UG7lfOCmd0GN7v3d.OvWnIVyl/KHKTQaBB2I9HzUSGzej7a.'

/** Gives the cookies that the sessions have then. */
export function move(what: Moved, cookies: Cookies, rewrite: Rewrite): Cookies {
  if (what === 'hashes') {
    rewrite.passwords(older)
    return cookies
  }
  const moved = (cookie: string) => {
    const stored = atRest(cookie)
    const token = createHash('sha256').update(stored).digest('hex').slice(0, 32)
    rewrite.token(stored, token)
    return cookieOf(token)
  }
  return { own: moved(cookies.own), other: moved(cookies.other), bob: moved(cookies.bob) }
}
