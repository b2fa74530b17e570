/** Origins and callback URLs: what is let through leads, for a browser, nowhere but to what is trusted. */
import { latin1, type Target } from '../target.ts'
import { base, checkAnswer, inhabited, makeWorld, origin, requestOf } from '../world.ts'

const trustedOrigins = [
  'https://exact.example.org',
  'https://*.wild.example.org',
  'myapp://open/here',
  'https://one-?.example.net',
]

/** What a browser may be led to, told of the parsed URL. */
const trusted: readonly ((url: URL) => boolean)[] = [
  (url) => url.origin === origin,
  (url) => url.origin === 'https://exact.example.org',
  (url) => /^https:\/\/[^/]*\.wild\.example\.org$/.test(url.origin),
  (url) => /^https:\/\/one-[^/]\.example\.net$/.test(url.origin),
  (url) => url.protocol === 'myapp:' && url.host === 'open' && /^\/here(?:[/\\]|$)/.test(decoded(url.pathname)),
]

export async function makeTarget(): Promise<Target> {
  const { rows } = await inhabited()
  let reached = false
  const before = () => {
    reached = true
    return { answered: true }
  }
  const world = makeWorld(rows, { trustedOrigins, hooks: { before } })

  async function passes(headers: Record<string, string>, body: object): Promise<boolean> {
    const all = { 'content-type': 'application/json', ...headers }
    const request = requestOf(`${base}/sign-in/email`, { method: 'POST', headers: all, body: JSON.stringify(body) })
    if (!request) return false
    reached = false
    checkAnswer(await world.handler(request), world)
    return reached
  }

  return {
    words: [
      ...trustedOrigins,
      origin,
      'https://',
      'http://',
      '//',
      '/\\',
      '/',
      '@',
      ':443',
      '.',
      '..',
      'a.wild.example.org',
      'evil.com',
      'javascript:',
      'data:',
      '%2f',
      '%5c',
      '%2e%2e',
      '?',
      '#',
      '\t',
      '\\',
      'null',
    ],
    async run(input) {
      const value = latin1(input)
      // Headers lose the blanks around them.
      if ((await passes({ cookie: 'a=b', origin: value }, {})) && !leadsHome(value.trim())) {
        throw new Error(`origin ${JSON.stringify(value)} was trusted`)
      }
      for (const name of ['callbackURL', 'redirectTo', 'errorCallbackURL', 'newUserCallbackURL']) {
        if (value !== '' && (await passes({}, { [name]: value })) && !leadsHome(value)) {
          throw new Error(`${name} ${JSON.stringify(value)} was trusted`)
        }
      }
    },
  }
}

/** Whether a browser on our pages, told to go there, ends on a trusted place. */
function leadsHome(value: string): boolean {
  if (!URL.canParse(value, `${base}/x`)) return false
  const url = new URL(value, `${base}/x`)
  return trusted.some((holds) => holds(url))
}

/** A path as an app may read it. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
