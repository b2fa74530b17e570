/** Servers to be asked over HTTP. */
import type { RequestListener } from 'node:http'
import type { Contender } from '../contender.ts'
import { signUp } from '../visitor.ts'

/** What answers, and a signed-in caller. */
export interface Made {
  readonly listener: RequestListener
  /** The header of a caller who is signed in. Without it `/sign-in` sets the cookies. */
  readonly cookie?: string | undefined
}

/** The servers of one host, by the name of what is measured on it. */
export type Servers = Readonly<Record<string, () => Made | Promise<Made>>>

/** What an open route and a guarded one answer. */
export const body = { ok: true }
export const text = JSON.stringify(body)

/** Of the libraries that keep no users. */
export const user = { id: 'user-1', name: 'Ada Lovelace', email: 'ada@example.com' }

/** The header of somebody who has just signed up. */
export const cookieOf = async (server: Pick<Contender, 'handler'>) => (await signUp(server)).cookie
