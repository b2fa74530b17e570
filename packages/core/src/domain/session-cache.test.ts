import { describe, expect, it } from 'vitest'
import { textFromBase64Url, textToBase64Url } from '#base64'
import { hmac, hmacKey } from '#crypto'
import { type CachedSession, readCache, writeCache } from './session-cache.ts'
import type { CookieCacheSettings } from './settings.ts'

const now = Date.UTC(2026, 0, 1)
const key = hmacKey('a secret')
const cache = { version: '1' } as CookieCacheSettings
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
const read = (text: string, at = now) =>
  readCache([textToBase64Url(text)], [{ token: 'token' }], cache, [hmacKey('newer'), key], at, ({ session, user }) => {
    const revived = { ...session, expiresAt: new Date(session.expiresAt as string) }
    return { session: revived, user } as unknown as CachedSession
  })
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

  it('is over at its end', async () => {
    expect(await read(texts['as we write it'], expiresAt - 1)).toEqual(pair)
    expect(await read(texts['as we write it'], expiresAt)).toBe(null)
  })
})
