/** An auth instance of ours, and the headers of somebody who is signed in there. */
import { createAuth } from '@keystile/core'
import { origin, secret } from './contender.ts'

/** @param database `':memory:'`, or the path of an SQLite file */
export async function ownAuth(database: string) {
  const auth = createAuth({
    database,
    secret,
    baseURL: origin,
    env: {},
    production: true,
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, password: { hash: async (text) => text, verify: async () => true } },
    logger: { log: () => {} },
  })
  const signUp = new Request(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'password-of-ada' }),
  })
  const [line = ''] = (await auth.handler(signUp)).headers.getSetCookie()
  return { auth, headers: new Headers({ cookie: line.split(';')[0] ?? '' }) }
}
