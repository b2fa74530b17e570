/**
 * Headers, behind a trusted proxy and for a list of hosts: links go to listed hosts alone, stored addresses are
 * canonical, no log line is broken.
 */
import { isIP } from 'node:net'
import { latin1, type Target } from '../target.ts'
import { base, checkAnswer, inhabited, makeWorld, password, requestOf } from '../world.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Whether a link leads a browser to a host of the list. */
const isListed = (link: string) =>
  /^(?:app\.example\.com|[^.]+(?:\.[^.]+)*\.preview\.example\.com|\[::1\]:3000)$/.test(new URL(link).host)

export async function makeTarget(): Promise<Target> {
  const { rows } = await inhabited()
  let link: string | undefined
  let line: string | undefined
  const own = {
    baseURL: { allowedHosts: ['app.example.com', '*.preview.example.com', '[::1]:3000'] },
    advanced: { trustedProxyHeaders: true, ipAddress: { trustedProxies: ['203.0.113.0/24', '2001:db8::/32'] } },
    production: false,
    emailVerification: {
      sendOnSignUp: true,
      sendVerificationEmail: ({ url }: { url: string }) => {
        link = url
      },
    },
    emailAndPassword: {
      enabled: true,
      password: { hash: async () => 'cheap', verify: async () => true },
    },
    logger: {
      level: 'debug' as const,
      log: (_level: string, message: string) => {
        if (control.test(message)) line = message
      },
    },
  }
  return {
    words: [
      'host: app.example.com',
      'host: a.preview.example.com',
      'host: evil.com#.preview.example.com',
      'host: evil.com?.preview.example.com',
      'user-agent: a\tb\u0085c',
      'x-forwarded-host: ',
      'x-forwarded-proto: https',
      'x-forwarded-for: 198.51.100.1, 203.0.113.9',
      '2001:db8::1',
      '::ffff:198.51.100.1',
      'fe80::1%eth0',
      '[::1]:3000',
      ':80',
      ', ',
      'origin: https://app.example.com',
      'referer: ',
      'cookie: a=b',
      'sec-fetch-site: cross-site',
      'sec-fetch-mode: navigate',
      'content-type: application/json; charset=utf-8',
      'content-length: 1e9',
      'user-agent: ',
      '\n',
    ],
    async run(input) {
      const world = makeWorld(structuredClone(rows), own)
      const headers: [string, string][] = latin1(input)
        .split('\n', 200)
        .map((text) => {
          const colon = text.indexOf(':')
          return [text.slice(0, Math.max(0, colon)), text.slice(colon + 1).trim()]
        })
      const sent = headers.some(([name]) => name.toLowerCase() === 'content-type')
        ? headers
        : [...headers, ['content-type', 'application/json'] as [string, string]]
      const body = JSON.stringify({ name: 'Walter', email: 'w@example.com', password })
      const request = requestOf(`${base}/sign-up/email`, { method: 'POST', headers: sent, body })
      if (!request) return
      link = undefined
      line = undefined
      checkAnswer(await world.handler(request), world)
      await world.idle()
      if (line !== undefined) throw new Error(`a log line holds control characters: ${JSON.stringify(line)}`)
      if (link !== undefined && !isListed(link)) throw new Error(`a link was mailed to ${link}`)
      for (const { ipAddress, userAgent } of world.rows.session ?? []) {
        if (ipAddress !== '' && isIP(String(ipAddress)) === 0) throw new Error(`stored address ${ipAddress}`)
        if (control.test(String(userAgent))) throw new Error(`stored user agent ${JSON.stringify(userAgent)}`)
      }
    },
  }
}
