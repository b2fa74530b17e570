import { createAuth } from '@keystile/core'
import { type Contender, noHashing, type OpenOptions, origin, secret } from './contender.ts'

export function openKeystile({ path, cookieCache = false, updateAge }: OpenOptions): Contender {
  const auth = createAuth({
    database: path,
    secret,
    baseURL: origin,
    emailAndPassword: { enabled: true, password: noHashing },
    session: { updateAge, cookieCache: { enabled: cookieCache } },
    rateLimit: { enabled: false },
    logger: { disabled: true },
  })
  return {
    name: 'keystile',
    handler: (request) => auth.handler(request),
    getSession: (headers) => auth.api.getSession({ headers }),
  }
}
