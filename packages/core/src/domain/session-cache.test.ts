import { describe, expect, it } from 'vitest'
import { textFromBase64Url, textToBase64Url } from '#base64'
import { hmac, hmacKey } from '#crypto'
import { type CachedSession, readCache, writeCache } from './session-cache.ts'
import type { CookieCacheSettings } from './settings.ts'

const now = Date.UTC(2026, 0, 1)
const key = hmacKey('a secret')
const cache = { version: '1', maxAge: 300 } as CookieCacheSettings
const pair = {
  session: { id: 's', token: 'token', userId: 'u', expiresAt: new Date(now + 86_400_000) },
  user: { id: 'u', name: 'Ada “},"expiresAt":1,"signature":"', image: null },
}
const payload = { ...pair, updatedAt: now, version: '1' }
const expiresAt = now + 300_000
const signature = hmac(key, JSON.stringify({ ...payload, expiresAt }))
  .replaceAll('+', '-')
  .replaceAll('/', '_')
  .replace('=', '')

const write = () => writeCache(pair, cache, key, now, 300)
const read = (text: string, at = now, settings = cache) =>
  readCache(
    [textToBase64Url(text)],
    [{ token: 'token' }],
    settings,
    [hmacKey('newer'), key],
    at,
    ({ session, user }) => {
      const revived = { ...session, expiresAt: new Date(session.expiresAt as string) }
      return { session: revived, user } as unknown as CachedSession
    },
  )
const texts = {
  'as we write it': JSON.stringify({ session: payload, expiresAt, signature }),
  'in another order': JSON.stringify({ signature, expiresAt, session: payload }),
  'with blanks': JSON.stringify({ session: payload, expiresAt, signature }, null, 1),
  'with escapes': JSON.stringify({ session: payload, expiresAt, signature }).replace('Ada', '\\u0041da'),
}

describe('the cookie cache', () => {
  it('is the JSON of the payload, when it ends and the signature over both', async () => {
    expect(textFromBase64Url(await write())).toBe(texts['as we write it'])
  })

  it.each(Object.entries(texts))('is read %s', async (_how, text) => {
    expect(await read(text)).toEqual(pair)
  })

  it('is checked once, and known again for as long as it counts', async () => {
    const value = await write()
    const signed: string[] = []
    const watched = {
      mac(text: string) {
        signed.push(text)
        return hmac(key, text)
      },
    }
    const keys = [watched]
    const revive = (copy: object) => ({ ...pair, ...copy, session: pair.session }) as unknown as CachedSession
    const again = (at: number, given = value, by: readonly (typeof watched)[] = keys) =>
      readCache([given], [{ token: 'token' }], cache, by, at, revive)
    for (let i = 0; i < 3; i++) expect(await again(now)).toMatchObject({ user: pair.user })
    expect(signed).toHaveLength(1)
    expect(await again(expiresAt - 1)).not.toBeNull()
    expect(await again(expiresAt)).toBeNull()
    expect(await again(now)).not.toBeNull()
    // Another instance knows nothing of it, and nothing else is taken for it.
    expect(await again(now, value, [{ mac: (text) => hmac(hmacKey('other'), text) }])).toBeNull()
    const changed = textToBase64Url((textFromBase64Url(value) ?? '').replace('Ada', 'Eve'))
    expect(await again(now, changed)).toBeNull()
    expect(signed.length).toBeGreaterThan(1)
  })

  it.each([
    [4096, 1],
    [4098, 2],
  ])('is kept in mind up to a length: with %d characters two reads check %d time(s)', async (length, checks) => {
    const of = (bytes: number) => writeCache({ ...pair, user: { bio: 'x'.repeat(bytes) } }, cache, key, now, 300)
    const bare = (textFromBase64Url(await of(0)) ?? '').length
    const value = await of(Math.floor((length * 3) / 4) - bare)
    expect(value).toHaveLength(length)
    let checked = 0
    const watched = {
      mac(text: string) {
        checked++
        return hmac(key, text)
      },
    }
    const keys = [watched]
    const revive = () => pair as unknown as CachedSession
    for (let i = 0; i < 2; i++) {
      expect(await readCache([value], [{ token: 'token' }], cache, keys, now, revive)).not.toBeNull()
    }
    expect(checked).toBe(checks)
  })

  it('is known by the form whose signature held', async () => {
    // Its end is that of ours; what is signed is only its second session.
    const text = `{"session":{"id":"another"},"session":${JSON.stringify(payload)},"expiresAt":${expiresAt},"signature":"${signature}"}`
    const keys = [key]
    const revive = (copy: { session: object }) => copy as unknown as CachedSession
    for (let i = 0; i < 2; i++) {
      const live = ({ session, user }: { session: object; user: object }) =>
        revive({ session: { ...session, expiresAt: pair.session.expiresAt }, user } as { session: object })
      const found = await readCache([textToBase64Url(text)], [{ token: 'token' }], cache, keys, now, live)
      expect(found?.session.id).toBe('s')
    }
  })

  it.each(Object.entries(texts))('is refused %s when anything in it was changed', async (_how, text) => {
    for (const [from, to] of [
      ['"s"', '"t"'],
      [String(expiresAt), String(expiresAt + 1)],
      [`"${signature}"`, `"${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}"`],
      ['"id":"u"', '"id":"u","role":"admin"'],
      ['"id": "u"', '"id": "u","role":"admin"'],
    ] as const) {
      if (text.includes(from)) expect(await read(text.replace(from, to))).toBe(null)
    }
    expect(await read(text.replace(/\}$/, ',"session":{}}'))).toBe(null)
  })

  it.each(Object.entries(texts))('is over at its end %s', async (_how, text) => {
    expect(await read(text, expiresAt - 1)).toEqual(pair)
    expect(await read(text, expiresAt)).toBe(null)
  })

  it.each(Object.entries(texts))('does not count long before it can have been made %s', async (_how, text) => {
    expect(await read(text, now - 60_000)).toEqual(pair)
    expect(await read(text, now - 60_001)).toBe(null)
  })

  it('is what was signed, as it was written', async () => {
    // Others write the same JSON in other ways, as with every letter beyond ASCII escaped.
    const written = JSON.stringify(payload).slice(0, -1).replace('Ada', '\\u0041da')
    const mac = hmac(key, `${written},"expiresAt":${expiresAt}}`)
    const signature = mac.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
    const text = `{"session":${written}},"expiresAt":${expiresAt},"signature":"${signature}"}`
    expect(await read(text)).toEqual(pair)
    expect(await read(text.replace('\\u0041', 'A'))).toBe(null)
  })

  it('is none where something else stands around what was signed', async () => {
    const text = texts['as we write it']
    expect(await read(`["session":${text.slice('{"session":'.length)}`)).toBe(null)
    expect(await read(`${text} `)).toEqual(pair)
    expect(await read(`${text}}`)).toBe(null)
    for (const other of [undefined, null, 1, {}]) {
      expect(await read(JSON.stringify({ session: payload, expiresAt, signature: other }))).toBe(null)
    }
  })

  it.each<[string, object | string | null | undefined, (number | string)?]>([
    ['no payload', undefined],
    ['null for a payload', null],
    ['a text for a payload', 'text'],
    ['no session', { ...payload, session: undefined }],
    ['null for a session', { ...payload, session: null }],
    ['a text for a session', { ...payload, session: 'token' }],
    ['no user', { ...payload, user: undefined }],
    ['null for a user', { ...payload, user: null }],
    ['a text for a user', { ...payload, user: 'u' }],
    ['a text for its end', payload, String(expiresAt)],
  ])('is none with %s, whoever signed that', async (_what, inner, end = expiresAt) => {
    const signed = JSON.stringify({ ...(inner as object), expiresAt: end })
    const mac = hmac(key, signed).replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
    expect(await read(JSON.stringify({ session: inner, expiresAt: end, signature: mac }))).toBe(null)
  })

  it.each<[string, (version: string) => CookieCacheSettings['version']]>([
    ['a text', (version) => version],
    ['what a function gives', (version) => () => version],
    ['what a function promises', (version) => async () => version],
  ])('counts for one version, be it %s', async (_what, of) => {
    const text = texts['as we write it']
    expect(await read(text, now, { ...cache, version: of('1') })).toEqual(pair)
    expect(await read(text, now, { ...cache, version: of('2') })).toBe(null)
  })

  it('is never a part of what was signed, taken for the whole', async () => {
    // Fields of an app may have the very names that the whole has.
    const inner = { ...pair.session, session: { ...pair.session, id: 'another' }, user: { id: 'admin' }, version: '1' }
    const text = textFromBase64Url(await writeCache({ ...pair, session: inner }, cache, key, now, 300)) ?? ''
    const opening = '{"session":'
    expect(text.startsWith(opening)).toBe(true)
    const part = text.slice(opening.length).replace('},"expiresAt":', ',"expiresAt":')
    expect(JSON.parse(part)).toMatchObject({ session: { session: { id: 'another' } }, expiresAt })
    expect(await read(`${' '.repeat(opening.length)}${part} `)).toBe(null)
  })
})
