import { describe, expect, it } from 'vitest'
import { bestOf } from '../../../../packages/core/test/best-of.ts'
import { type Browser, dataName, expectDead, forgetName, mac, open, sign, tokenName, tokenOf, v, w } from './support.ts'

const https = { baseURL: 'https://app.example.com' }
const strict = { ...https, preset: 'strict' } as const
const cookieOf = (caller: Browser) => [...caller.jar][0] as [name: string, value: string]

describe('cookies', () => {
  it('CK-01 binds the session cookie to TLS, to HTTP and to the site', async () => {
    const cases = [
      [https, `__Secure-${tokenName}`, '; Path=/; HttpOnly; Secure; SameSite=Lax'],
      [strict, `__Host-${tokenName}`, '; Path=/; HttpOnly; Secure; SameSite=Lax'],
      [
        { ...strict, advanced: { crossSubDomainCookies: { enabled: true, domain: 'example.com' } } },
        `__Secure-${tokenName}`,
        '; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax',
      ],
      [
        { baseURL: 'http://app.example.com', advanced: { useSecureCookies: true } },
        `__Secure-${tokenName}`,
        '; Path=/; HttpOnly; Secure; SameSite=Lax',
      ],
    ] as const
    for (const [options, name, attributes] of cases) {
      const site = await open(options)
      for (const answer of [await site.browser().signIn(v), await site.browser().signUp(w)]) {
        expect(answer.setCookies).toHaveLength(1)
        const [line = ''] = answer.setCookies
        expect(line.split('=')[0]).toBe(name)
        expect(line.replace(/^[^;]*/, '').replace(/; Max-Age=\d+/, '')).toBe(attributes)
      }
    }
  })

  it('CK-04 finds the live session among several cookies of one name, in any order', async () => {
    for (const options of [{}, strict]) {
      const site = await open(options, { users: [v, w] })
      const caller = await site.signedIn()
      const gone = await site.signedIn()
      await gone.post('/sign-out')
      const [name, good] = cookieOf(caller)
      const ended = sign('A'.repeat(43))
      const tossed = [
        '',
        'x',
        'unsigned',
        tokenOf(caller.jar, name),
        `${tokenOf(caller.jar, name)}.${'A'.repeat(43)}%3D`,
        ended,
        '"',
        '%',
      ]
      for (const bad of tossed) {
        for (const cookie of [
          `${name}=${bad}; ${name}=${good}`,
          `${name}=${good}; ${name}=${bad}`,
          `${name}=${bad};${name}=${good}`,
        ]) {
          expect((await site.browser().get('/get-session', { cookie })).json?.user?.email, cookie).toBe(v.email)
        }
        expect((await site.browser().get('/get-session', { cookie: `${name}=${bad}; ${name}=${bad}` })).text).toBe(
          'null',
        )
      }
    }
  })

  it('CK-04 looks for a token once, however often it is sent', async () => {
    const site = await open()
    const dead = sign('A'.repeat(43))
    const { join } = site.domain.store
    let looks = 0
    Object.assign(site.domain.store, {
      join: (...args: Parameters<typeof join>) => {
        looks++
        return join(...args)
      },
    })
    const cookie = Array(50).fill(`${tokenName}=${dead}`).join('; ')
    expect((await site.browser().get('/get-session', { cookie })).text).toBe('null')
    expect(looks).toBe(1)
  })

  it('CK-05 knows its cookies by their exact names', async () => {
    for (const options of [https, strict]) {
      const site = await open(options)
      const [name, value] = cookieOf(await site.signedIn())
      const bare = name.replace(/^__\w+-/, '')
      const others = [
        name.toLowerCase(),
        name.toUpperCase(),
        `__secure-${bare}`,
        `__HOST-${bare}`,
        `__SECURE-${bare}`,
        bare,
        ` ${name}x`,
        `x${name}`,
      ]
      for (const other of others) {
        const { text } = await site.browser().get('/get-session', { cookie: `${other}=${value}` })
        expect(text, other).toBe('null')
      }
    }
  })

  it('CK-06 lets a signed value gain nothing under the name of another cookie', async () => {
    const site = await open({ session: { cookieCache: { enabled: true } } })
    const caller = await site.signedIn({ ...v, rememberMe: false })
    const forget = caller.jar.get(forgetName) ?? ''
    const token = caller.jar.get(tokenName) ?? ''
    for (const swapped of [forget, caller.jar.get(dataName) ?? ''])
      await expectDead(site, new Map([[tokenName, swapped]]))
    // A token is no «true»: the session is still one to be remembered, and is refreshed.
    const remembered = await site.signedIn()
    remembered.jar.set(forgetName, token)
    remembered.jar.delete(dataName)
    site.clock.now += 2 * 86400_000
    expect((await remembered.get('/get-session')).setCookies.join()).toContain('Max-Age=604800')
  })

  it('puts the name under the signature where the preset is strict', async () => {
    const site = await open(strict)
    const caller = await site.signedIn({ ...v, rememberMe: false })
    const [name, value] = cookieOf(caller)
    const token = tokenOf(caller.jar, name)
    expect(value).toBe(encodeURIComponent(`${token}.${mac(`${name}=${token}`)}`))
    const others = [tokenName, `__Host-${forgetName}`, `__Secure-${tokenName}`].map((other) => mac(`${other}=${token}`))
    for (const signature of [mac(token), ...others]) {
      const cookie = `${name}=${encodeURIComponent(`${token}.${signature}`)}`
      expect((await site.browser().get('/get-session', { cookie })).text).toBe('null')
    }
    expect((await site.browser().get('/get-session', { cookie: `${name}=${value}` })).json.user?.email).toBe(v.email)
  })

  it('takes no signature that differs in a character from one that was taken before', async () => {
    const site = await open()
    const [name, value] = cookieOf(await site.signedIn())
    const raw = decodeURIComponent(value)
    const read = async (value: string) =>
      (await site.browser().get('/get-session', { cookie: `${name}=${encodeURIComponent(value)}` })).text
    const taken = await read(raw)
    expect(taken).toContain(v.email)
    for (let at = 0; at < raw.length; at++) {
      const other = `${raw.slice(0, at)}${raw[at] === 'A' ? 'B' : 'A'}${raw.slice(at + 1)}`
      expect(await read(other), `character ${at}`).toBe('null')
    }
    for (const other of [`${raw}A`, `A${raw}`, raw.slice(1), raw.slice(0, -1)]) expect(await read(other)).toBe('null')
    expect(await read(raw)).toBe(taken)
  })

  it('CK-07 takes the canonical form of a signature only', async () => {
    const site = await open()
    const token = tokenOf((await site.signedIn()).jar)
    const good = mac(token)
    const bytes = Buffer.from(good, 'base64')
    const forms = [
      bytes.toString('hex'),
      good.replace('=', ''),
      `${good}=`,
      `${good}A`,
      `${good} `,
      ` ${good}`,
      `${good}\n`,
      `${good}.`,
      `${good}.${good}`,
      // The last character before the padding carries two bits that base64 leaves unused.
      `${good.slice(0, 42)}${String.fromCharCode(good.charCodeAt(42) + 1)}=`,
      good.slice(0, 43),
      good.toLowerCase(),
      '',
      '='.repeat(44),
    ]
    if (/[+/]/.test(good)) forms.push(bytes.toString('base64url'), `${bytes.toString('base64url')}=`)
    for (const form of forms) {
      const cookie = `${tokenName}=${encodeURIComponent(`${token}.${form}`)}`
      expect((await site.browser().get('/get-session', { cookie })).text, form).toBe('null')
    }
    for (const form of [encodeURIComponent(`${token}.${good}`), `${token}.${good}`]) {
      expect((await site.browser().get('/get-session', { cookie: `${tokenName}=${form}` })).json.user?.email).toBe(
        v.email,
      )
    }
  })

  it('CK-08 cuts no cookie that is longer than browsers keep: it goes out in pieces, or not at all', async () => {
    const bio = { type: 'string', required: false } as const
    const site = await open({ session: { cookieCache: { enabled: true } }, user: { additionalFields: { bio } } })
    const caller = await site.signedIn()
    for (const length of [100, 3000, 4000, 20_000, 300_000, 600_000]) {
      const text = 'x'.repeat(length)
      const { status, setCookies } = await caller.post('/update-user', { bio: text })
      expect(status, String(length)).toBe(200)
      for (const line of setCookies) expect(line.length, String(length)).toBeLessThanOrEqual(4096)
      // From the copy, where there is one.
      expect((await caller.get('/get-session')).json.user?.bio, String(length)).toBe(text)
      const pieces = [...caller.jar.keys()].filter((name) => name.startsWith(dataName)).length
      if (length > 4000) expect(pieces, String(length)).not.toBe(1)
    }
  })

  it('CK-09 answers a request with two hundred cookies of 3 kB as any other', async () => {
    const site = await open({ session: { cookieCache: { enabled: true } } })
    const caller = await site.signedIn()
    const own = `${tokenName}=${caller.jar.get(tokenName)}`
    const long = 'x'.repeat(3000)
    const copy = Buffer.from(
      JSON.stringify({ session: { pad: 'x'.repeat(2000) }, expiresAt: 9e15, signature: 'A'.repeat(43) }),
    )
    const floods = {
      foreign: Array.from({ length: 200 }, (_, i) => `c${i}=${long}`),
      unsigned: Array.from({ length: 200 }, () => `${tokenName}=${long}`),
      forged: Array.from({ length: 200 }, () => `${tokenName}=${long}.${'A'.repeat(43)}=`),
      escaped: Array.from({ length: 200 }, () => `${tokenName}=${'%41'.repeat(1000)}`),
      names: Array.from({ length: 200 }, () => tokenName.repeat(120)),
      caches: Array.from({ length: 200 }, (_, i) => (i % 2 ? own : `${dataName}=${copy.toString('base64url')}`)),
    }
    for (const [name, cookies] of Object.entries(floods)) {
      for (const cookie of [[...cookies, own].join('; '), [own, ...cookies].join('; ')]) {
        const ms = await bestOf(5, async () => {
          const answer = await site.browser().get('/get-session', { cookie })
          expect(answer.json?.user?.email, name).toBe(v.email)
        })
        expect(ms, name).toBeLessThan(50)
      }
    }
  })

  it('CK-13 does not read cookies of another prefix', async () => {
    const site = await open({ advanced: { cookiePrefix: 'renamed' } })
    const [name, value] = cookieOf(await site.signedIn())
    expect(name).toBe('renamed.session_token')
    for (const other of [tokenName, 'keystile.session_token', 'session_token', 'renamed-session_token']) {
      expect((await site.browser().get('/get-session', { cookie: `${other}=${value}` })).text).toBe('null')
    }
  })

  it('CK-14 does not decode the names of cookies', async () => {
    const site = await open()
    const [, value] = cookieOf(await site.signedIn())
    for (const name of [
      'better-auth%2Esession_token',
      '%62etter-auth.session_token',
      'better-auth.session%5Ftoken',
      'better-auth.session_token%00',
    ]) {
      expect((await site.browser().get('/get-session', { cookie: `${name}=${value}` })).text).toBe('null')
    }
  })
})
