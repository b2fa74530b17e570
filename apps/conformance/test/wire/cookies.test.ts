import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, cleared, setup, signed, start, storedForm, tokenCookie, tokenIn } from '../support.ts'

type Advanced = Options['advanced']
const plain = 'Path=/; HttpOnly; SameSite=Lax'

describe('3.2 the lines', () => {
  it('3.1 a sign-up sets one cookie, signed as 3.3 says', async () => {
    const caller = setup().browser()
    const { json, setCookies } = await caller.signUp()
    expect(setCookies).toEqual([`${tokenCookie}=${signed(json.token ?? '')}; Max-Age=604800; ${plain}`])
  })

  it('3.1 rememberMe: false has no Max-Age and the signed dont_remember of 9.1', async () => {
    const caller = setup().browser()
    const { json, setCookies } = await caller.signUp({ ...ada, rememberMe: false })
    expect(setCookies).toEqual([
      `${tokenCookie}=${signed(json.token ?? '')}; ${plain}`,
      `better-auth.dont_remember=true.aZGbuGvWObKfKl5prPM97oaGpPArEhtecNXgDJn0mrw%3D; ${plain}`,
    ])
  })

  it('3.1 rememberMe: false has no Max-Age whatever the attributes of the cookies', async () => {
    const session = { cookieCache: { enabled: true } }
    const { setCookies } = await setup({ session, advanced: { defaultCookieAttributes: { maxAge: 3600 } } })
      .browser()
      .signUp({ ...ada, rememberMe: false })
    expect(setCookies).toHaveLength(3)
    for (const line of setCookies) expect(line).not.toContain('Max-Age')
  })

  const lines: readonly [string, Partial<Options>, name: string, attributes: string][] = [
    ['session.expiresIn', { session: { expiresIn: 60 } }, tokenCookie, `Max-Age=60; ${plain}`],
    ['session.absoluteExpiresIn', { session: { absoluteExpiresIn: 60 } }, tokenCookie, `Max-Age=60; ${plain}`],
    ['3.1 cookiePrefix', { advanced: { cookiePrefix: 'app' } }, 'app.session_token', `Max-Age=604800; ${plain}`],
    [
      '3.1 useSecureCookies',
      { advanced: { useSecureCookies: true } },
      `__Secure-${tokenCookie}`,
      'Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      '3.1 a custom name and attributes',
      {
        advanced: {
          cookies: {
            session_token: { name: 'sid', attributes: { path: '/app', sameSite: 'strict', httpOnly: false } },
          },
        },
      },
      'sid',
      'Max-Age=604800; Path=/app; SameSite=Strict',
    ],
    [
      '3.1 the secure prefix stands before a custom name too',
      { advanced: { useSecureCookies: true, cookies: { session_token: { name: 'sid' } } } },
      '__Secure-sid',
      'Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      '3.1 defaultCookieAttributes',
      { advanced: { defaultCookieAttributes: { sameSite: 'none', secure: true, partitioned: true } } },
      tokenCookie,
      'Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
    ],
    [
      '3.1 the cookie’s own attributes win over the defaults',
      {
        advanced: {
          defaultCookieAttributes: { sameSite: 'none', secure: true },
          cookies: { session_token: { attributes: { sameSite: 'strict' } } },
        },
      },
      tokenCookie,
      'Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Strict',
    ],
    [
      '3.7 cross-subdomain, domain given',
      { advanced: { crossSubDomainCookies: { enabled: true, domain: '.example.com' } } },
      tokenCookie,
      'Max-Age=604800; Domain=.example.com; Path=/; HttpOnly; SameSite=Lax',
    ],
    [
      '3.7 cross-subdomain, from the base URL',
      { baseURL: 'https://app.example.com', advanced: { crossSubDomainCookies: { enabled: true } } },
      `__Secure-${tokenCookie}`,
      'Max-Age=604800; Domain=app.example.com; Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      'strict: __Host- without a domain',
      { preset: 'strict', baseURL: 'https://app.example.com' },
      `__Host-${tokenCookie}`,
      'Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
  ]
  it.each(lines)('%s', async (_title, options, name, attributes) => {
    const { browser } = setup(options)
    const { json, setCookies } = await browser().signUp()
    const [line = ''] = setCookies
    expect(line.slice(0, line.indexOf('='))).toBe(name)
    expect(line.slice(line.indexOf('; ') + 2)).toBe(attributes)
    if (!options.preset) expect(line).toContain(`=${signed(json.token ?? '')};`)
  })

  it('a cookie of every such name is read again', async () => {
    for (const [, options] of lines) {
      const caller = setup(options).browser()
      await caller.signUp()
      expect((await caller.get('/get-session')).text).not.toBe('null')
    }
  })

  it('3.7 without a domain to be found it does not start', () => {
    expect(() => setup({ baseURL: undefined, advanced: { crossSubDomainCookies: { enabled: true } } })).toThrow(
      'baseURL is required when crossSubdomainCookies are enabled.',
    )
  })

  it('3.1 every cookie of a custom setting is cleared under its own name and attributes', async () => {
    const advanced: Advanced = {
      useSecureCookies: true,
      crossSubDomainCookies: { enabled: true, domain: 'example.com' },
      cookies: { session_token: { name: 'sid' } },
    }
    const caller = setup({ advanced }).browser()
    await caller.signUp()
    expect((await caller.post('/sign-out')).setCookies).toEqual(
      ['sid', 'better-auth.session_data', 'better-auth.dont_remember'].map(
        (name) => `__Secure-${name}=; Max-Age=0; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax`,
      ),
    )
  })
})

describe('3.1 when cookies are secure', () => {
  const cases: readonly [string, Partial<Options>, boolean][] = [
    ['http', {}, false],
    ['https', { baseURL: 'https://app.example.com' }, true],
    ['http in production', { production: true }, false],
    ['no base URL', { baseURL: undefined }, false],
    ['no base URL in production', { baseURL: undefined, production: true }, true],
    ['useSecureCookies over http', { advanced: { useSecureCookies: true } }, true],
    [
      'useSecureCookies: false over https',
      { baseURL: 'https://app.example.com', advanced: { useSecureCookies: false } },
      false,
    ],
    ['dynamic https', { baseURL: { allowedHosts: ['*'], protocol: 'https' } }, true],
    ['dynamic http in production', { baseURL: { allowedHosts: ['*'], protocol: 'http' }, production: true }, false],
    ['dynamic auto', { baseURL: { allowedHosts: ['*'] } }, false],
    ['dynamic auto in production', { baseURL: { allowedHosts: ['*'], protocol: 'auto' }, production: true }, true],
  ]
  it.each(cases)('%s: %s', async (_title, options, secure) => {
    const { setCookies } = await setup(options).browser().post('/sign-up/email', ada, { origin: null })
    expect(setCookies[0]?.startsWith('__Secure-')).toBe(secure)
    expect(/; Secure/.test(setCookies[0] ?? '')).toBe(secure)
  })
})

describe('3.3 reading', () => {
  async function withSession() {
    const made = setup()
    const caller = made.browser()
    await caller.signUp()
    const value = caller.jar.get(tokenCookie) ?? ''
    const seen = async (cookie: string) => (await made.browser().get('/get-session', { cookie })).json?.session?.token
    return { ...made, token: tokenIn(caller.jar), value, seen }
  }

  it.each([
    ['encoded', (value: string) => `${tokenCookie}=${value}`],
    ['decoded', (value: string) => `${tokenCookie}=${decodeURIComponent(value)}`],
    ['quoted', (value: string) => `${tokenCookie}="${value}"`],
    ['among others', (value: string) => `a=b; x${tokenCookie}=no;${tokenCookie}=${value}; c`],
    ['after one that does not verify', (value: string) => `${tokenCookie}=evil.evil; ${tokenCookie}=${value}`],
    ['before one that does not verify', (value: string) => `${tokenCookie}=${value}; ${tokenCookie}=evil.evil`],
  ])('%s', async (_title, write) => {
    const { seen, token, value } = await withSession()
    expect(await seen(write(value))).toBe(token)
  })

  it('after one that verifies and names no session', async () => {
    const { seen, token, value } = await withSession()
    expect(await seen(`${tokenCookie}=${signed('x'.repeat(43))}; ${tokenCookie}=${value}`)).toBe(token)
  })

  it.each([`${tokenCookie}_`, `x${tokenCookie}`, `__Secure-${tokenCookie}`, tokenCookie.toUpperCase()])(
    'a cookie named %s is another',
    async (name) => {
      const { seen, value } = await withSession()
      expect(await seen(`${name}=${value}`)).toBeUndefined()
    },
  )

  it('a token in clear, or its hash, is no cookie', async () => {
    const { seen, token } = await withSession()
    expect(await seen(`${tokenCookie}=${token}`)).toBeUndefined()
    expect(await seen(`${tokenCookie}=${signed(storedForm(token))}`)).toBeUndefined()
  })
})

describe('3.3, 9.6 several secrets', () => {
  const [older, newer] = ['aQp4Xc7vZq3vB8nM1kLp0sXwE5rT7yU2', 'Kd83hfPq01mNzXv7LwQe56tRyUi2oAsB']

  it('a cookie of any is taken and re-issued under the first', async () => {
    const before = setup({ secret: older })
    const caller = before.browser()
    await caller.signUp()
    const token = tokenIn(caller.jar)
    const secrets = [
      { version: 2, value: newer },
      { version: 1, value: older },
    ]
    const after = setup({ secret: undefined, secrets }, before.rows)
    const renewed = after.browser()
    renewed.jar.set(tokenCookie, caller.jar.get(tokenCookie) ?? '')
    const answer = await renewed.get('/get-session')
    expect(answer.json.session?.token).toBe(token)
    expect(answer.setCookies).toEqual([`${tokenCookie}=${signed(token, newer)}; Max-Age=604800; ${plain}`])
    expect((await renewed.get('/get-session')).setCookies).toEqual([])
  })

  it('a re-issued cookie keeps to the browser session', async () => {
    const before = setup({ secret: older })
    const caller = before.browser()
    await caller.signUp({ ...ada, rememberMe: false })
    const { browser } = setup(
      {
        secret: newer,
        secrets: [
          { version: 2, value: newer },
          { version: 1, value: older },
        ],
      },
      before.rows,
    )
    const renewed = browser()
    for (const [name, value] of caller.jar) renewed.jar.set(name, value)
    expect((await renewed.get('/get-session')).setCookies).toEqual([
      `${tokenCookie}=${signed(tokenIn(caller.jar), newer)}; ${plain}`,
      `better-auth.dont_remember=${signed('true', newer)}; ${plain}`,
    ])
  })

  it('without the old secret the cookie is nobody’s', async () => {
    const before = setup({ secret: older })
    const caller = before.browser()
    await caller.signUp()
    const { browser } = setup({ secret: newer }, before.rows)
    const cookie = `${tokenCookie}=${caller.jar.get(tokenCookie)}`
    expect((await browser().get('/get-session', { cookie })).text).toBe('null')
  })
})

describe('6.2 dont_remember', () => {
  it('re-issued cookies stay with the browser session', async () => {
    const caller = setup().browser()
    await caller.signUp({ ...ada, rememberMe: false })
    const { setCookies } = await caller.post('/update-user', { name: 'x' })
    expect(setCookies).toHaveLength(2)
    for (const line of setCookies) expect(line).not.toContain('Max-Age')
  })

  it('trap 12: a remembered sign-in expires it', async () => {
    const caller = setup().browser()
    await caller.signUp({ ...ada, rememberMe: false })
    const { setCookies } = await caller.signIn()
    expect(setCookies).toEqual([
      expect.stringContaining(`${tokenCookie}=`),
      `better-auth.dont_remember=; Max-Age=0; ${plain}`,
    ])
  })

  it('one that is not signed by us counts for nothing', async () => {
    const { browser, clock } = setup()
    const caller = browser()
    await caller.signUp()
    caller.jar.set('better-auth.dont_remember', 'true')
    clock.now = start + 2 * 86400_000
    expect((await caller.get('/get-session')).json.session?.expiresAt).toBe('2026-01-10T00:00:00.000Z')
  })
})

describe('3.8 clearing', () => {
  it('a value set earlier in the same answer is not sent', async () => {
    const { browser } = setup({ session: { updateAge: 0 } })
    const caller = browser()
    await caller.signUp()
    expect((await caller.post('/revoke-sessions')).setCookies).toEqual(cleared)
  })
})
