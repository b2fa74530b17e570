/** Guards that an app writes around a server call: the floor's and better-auth's. */
import type { IncomingHttpHeaders } from 'node:http'
import { fromNodeHeaders } from 'better-auth/node'
import { openBetterAuth } from '../better-auth.ts'
import { openFloor } from '../floor.ts'
import { cookieOf } from './host.ts'

export interface Reader {
  readonly cookie: string
  /** The session and its user; null where there is none. */
  read(headers: IncomingHttpHeaders): Promise<unknown>
}

export async function floorReader(): Promise<Reader> {
  const floor = await openFloor({ path: ':memory:' })
  return {
    cookie: await cookieOf(floor),
    read: ({ cookie = null }) => floor.getSession({ get: () => cookie }),
  }
}

export async function betterAuthReader(): Promise<Reader> {
  const betterAuth = await openBetterAuth({ path: ':memory:' })
  return {
    cookie: await cookieOf(betterAuth),
    read: (headers) => betterAuth.getSession(fromNodeHeaders(headers)),
  }
}
