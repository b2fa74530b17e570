import { createAuth, type Plugin } from '@keystile/core'
import { type Contender, noHashing, type OpenOptions, origin, secret } from './contender.ts'
import { keystilePlugins } from './keystile-plugins.ts'

export function createKeystile({ path, cookieCache = false, updateAge, plugins = 0, hashing = false }: OpenOptions) {
  return createAuth({
    database: path,
    secret,
    baseURL: origin,
    emailAndPassword: { enabled: true, ...(hashing ? {} : { password: noHashing }) },
    session: { updateAge, cookieCache: { enabled: cookieCache } },
    plugins: keystilePlugins(plugins) as Plugin[],
    rateLimit: { enabled: false },
    logger: { disabled: true },
  })
}

export function openKeystile(options: OpenOptions): Contender {
  const auth = createKeystile(options)
  return {
    name: 'keystile',
    handler: (request) => auth.handler(request),
    getSession: (headers) => auth.api.getSession({ headers }),
  }
}
