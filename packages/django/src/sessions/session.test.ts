import { describe, expect, it } from 'vitest'
import { engineParts, testKey } from '../testing/engine-parts.ts'
import { cookieCodec } from './codec.ts'
import { sessionCookie, sessionCookieDeletion } from './cookie.ts'
import type { SessionEngine } from './engine.ts'
import { type JsonObject, type JsonValue, parsePythonJson, pythonJson } from './json.ts'
import { type DjangoSession, openSession } from './session.ts'
import { signedCookieSessions } from './signed-cookie.ts'

const NOW = Date.UTC(2025, 0, 1, 12)
const KEY = 'k'.repeat(32)

/** Sessions in a map, and what was asked of it. */
function inMemory(rows: Record<string, string> = {}) {
  const asked: string[] = []
  const stored = new Map(Object.entries(rows))
  let made = 0
  const put = (data: JsonObject) => {
    const key = `new-key-${++made}`
    stored.set(key, pythonJson(data))
    return key
  }
  const engine: SessionEngine = {
    async load(key) {
      asked.push(`load ${key}`)
      const text = stored.get(key)
      return text === undefined ? null : (parsePythonJson(text) as JsonObject)
    },
    async create(data) {
      asked.push('create')
      return put(data)
    },
    async save(key, data) {
      asked.push(`save ${key}`)
      if (!stored.has(key)) return null
      stored.set(key, pythonJson(data))
      return key
    },
    async replace(key, data) {
      asked.push(`replace ${key}`)
      return stored.delete(key) ? put(data) : null
    },
    async remove(key) {
      asked.push(`remove ${key}`)
      stored.delete(key)
    },
  }
  const open = (key?: string) => openSession(key, { engine, clock: () => NOW })
  return { asked, stored, open }
}

describe('a session', () => {
  it('is a dictionary that knows whether it was changed', async () => {
    const { open } = inMemory({ [KEY]: '{"a":1,"b":{"c":[]}}' })
    const session = await open(KEY)
    expect([session.get('a'), session.get('z'), session.has('a'), session.has('z')]).toEqual([
      1,
      undefined,
      true,
      false,
    ])
    expect(session.keys()).toEqual(['a', 'b'])
    expect(session.pop('z')).toBeUndefined()
    expect(session.delete('z')).toBe(false)
    expect(session.modified).toBe(false)
    const changes: ((one: DjangoSession) => unknown)[] = [
      (one) => one.set('a', 1),
      (one) => one.delete('a'),
      (one) => one.pop('a'),
      (one) => one.clear(),
      (one) => one.flush(),
      (one) => one.cycleKey(),
      (one) => one.setExpiry(null),
      (one) => one.setTestCookie(),
    ]
    for (const change of changes) {
      const one = await open(KEY)
      await change(one)
      expect(one.modified).toBe(true)
    }
  })

  it('is stored where only what lies deeper was changed once it is told', async () => {
    const { open, stored } = inMemory({ [KEY]: '{"list":[1.0]}' })
    const session = await open(KEY)
    const list = session.get('list') as JsonValue[]
    list.push(2)
    expect(session.modified).toBe(false)
    session.modified = true
    await session.save()
    expect(stored.get(KEY)).toBe('{"list":[1.0,2]}')
    expect([session.modified, session.saved, session.key]).toEqual([false, true, KEY])
  })

  it('takes any name for a key', async () => {
    const { open, stored } = inMemory()
    const session = await open()
    expect([session.has('constructor'), session.get('__proto__')]).toEqual([false, undefined])
    session.set('__proto__', { admin: true })
    session.set('1', 'one')
    await session.save()
    expect(stored.get('new-key-1')).toBe('{"1":"one","__proto__":{"admin":true}}')
  })

  it('asks for nothing where there is no key', async () => {
    const { open, asked } = inMemory()
    const session = await open()
    expect([session.isEmpty, session.key, session.modified]).toEqual([true, undefined, false])
    await session.flush()
    expect(asked).toEqual([])
  })

  it("DJ-05 never adopts a key that is nobody's", async () => {
    const { open, asked } = inMemory()
    const session = await open(KEY)
    expect([session.isEmpty, session.key]).toEqual([true, undefined])
    session.set('a', 1)
    await session.save()
    expect(session.key).toBe('new-key-1')
    expect(asked).toEqual([`load ${KEY}`, 'create'])
  })

  it('is not empty while it is stored, and is without its row', async () => {
    const { open, stored } = inMemory({ [KEY]: '{}' })
    const session = await open(KEY)
    expect(session.isEmpty).toBe(false)
    session.clear()
    expect(session.isEmpty).toBe(false)
    await session.flush()
    expect([session.isEmpty, session.key, stored.size]).toEqual([true, undefined, 0])
  })

  it('takes a new key with its data when it is saved', async () => {
    const { open, stored, asked } = inMemory({ [KEY]: '{"a":1}' })
    const session = await open(KEY)
    session.cycleKey()
    expect([session.key, session.isEmpty, stored.has(KEY)]).toEqual([undefined, false, true])
    await session.save()
    expect([session.key, [...stored]]).toEqual(['new-key-1', [['new-key-1', '{"a":1}']]])
    session.set('a', 2)
    await session.save()
    expect(asked.slice(1)).toEqual([`replace ${KEY}`, 'save new-key-1'])
  })

  it('ends the stored session when it is flushed, also where its key was to change', async () => {
    const { open, stored } = inMemory({ [KEY]: '{"a":1}' })
    const session = await open(KEY)
    session.cycleKey()
    await session.flush()
    expect(stored.size).toBe(0)
    session.set('b', 1)
    await session.save()
    expect([...stored]).toEqual([['new-key-1', '{"b":1}']])
  })

  it('is not stored again once it was ended', async () => {
    const changes: ((one: DjangoSession) => void)[] = [
      (one) => one.set('a', 2),
      (one) => one.cycleKey(),
      // What must not go on does not go on as a sign-in either.
      (one) => {
        one.cycleKey()
        one.cycleKey('forgive')
      },
    ]
    for (const change of changes) {
      const { open, stored } = inMemory({ [KEY]: '{"a":1}' })
      const session = await open(KEY)
      change(session)
      stored.clear()
      await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_INTERRUPTED', status: 400 })
      expect([stored.size, session.saved]).toEqual([0, false])
    }
  })

  it('goes on without its old key where that is forgiven', async () => {
    const { open, stored } = inMemory({ [KEY]: '{"a":1}' })
    const session = await open(KEY)
    session.cycleKey('forgive')
    stored.clear()
    await session.save()
    expect([...stored]).toEqual([['new-key-1', '{"a":1}']])
  })

  it('has the test cookie of Django', async () => {
    const { open } = inMemory()
    const session = await open()
    expect(session.testCookieWorked()).toBe(false)
    session.setTestCookie()
    expect([session.get('testcookie'), session.testCookieWorked()]).toEqual(['worked', true])
    session.deleteTestCookie()
    expect(session.testCookieWorked()).toBe(false)
  })

  it('ends when it says', async () => {
    const { open } = inMemory()
    const session = await open()
    expect(session.expiry).toMatchObject({ age: 1_209_600, atBrowserClose: false })
    session.setExpiry(300)
    expect([session.get('_session_expiry'), session.expiry.age]).toEqual([300, 300])
    session.setExpiry(0)
    expect(session.expiry).toMatchObject({ age: 1_209_600, atBrowserClose: true })
    session.setExpiry(new Date(NOW + 5000))
    expect(session.expiry).toMatchObject({ age: 5, date: new Date(NOW + 5000) })
    session.setExpiry(null)
    expect(session.has('_session_expiry')).toBe(false)
  })
})

describe('signedCookieSessions', () => {
  const engine = (at = NOW) => {
    const clock = () => at
    return signedCookieSessions(engineParts({ clock, cookieCodec: cookieCodec({ secretKey: testKey, clock }) }))
  }
  const expiry = { age: 1, date: new Date(0), atBrowserClose: false }

  it('keeps the session in the cookie, until its age', async () => {
    const cookie = await engine().create({ a: 1 }, expiry)
    expect({ ...(await engine(NOW + 1_209_600_000).load(cookie)) }).toEqual({ a: 1 })
    expect(await engine(NOW + 1_209_601_000).load(cookie)).toBeNull()
    expect(await engine().load(`${cookie}x`)).toBeNull()
    expect(await engine().save(cookie, { a: 2 }, expiry)).not.toBe(cookie)
    await engine().remove(cookie)
    expect(await engine().load(cookie)).not.toBeNull()
  })

  it('DJ-08 takes the cookie of a key of before, and signs it anew at the next save', async () => {
    const old = cookieCodec({ secretKey: 'the key before', clock: () => NOW }).encode({ a: 1 })
    const keys = { secretKey: testKey, secretKeyFallbacks: ['the key before'], clock: () => NOW }
    const both = signedCookieSessions(engineParts({ cookieCodec: cookieCodec(keys) }))
    const session = await openSession(old, { engine: both, clock: () => NOW })
    expect(session.get('a')).toBe(1)
    await session.save()
    expect({ ...(await engine().load(session.key ?? '')) }).toEqual({ a: 1 })
    expect(await engine().load(old)).toBeNull()
  })

  it('refuses what browsers would drop', async () => {
    const codec = cookieCodec({ secretKey: testKey, clock: () => NOW })
    const data = { a: Array.from({ length: 500 }, (_, at) => ((at * 7919) % 65_521).toString(36)).join('') }
    const value = codec.encode(data)
    const named = (length: number) =>
      signedCookieSessions(engineParts({ cookieCodec: codec, cookieName: 'n'.repeat(length) }))
    const room = 4093 - value.length
    expect(await named(room).create(data, expiry)).toBe(value)
    const refused = { code: 'SESSION_TOO_LARGE' }
    await expect(named(room + 1).create(data, expiry)).rejects.toMatchObject(refused)
    await expect(named(room + 1).save('', data, expiry)).rejects.toMatchObject(refused)
    await expect(named(room + 1).replace('', data, expiry)).rejects.toMatchObject(refused)
  })
})

describe('the cookie', () => {
  const expiry = { age: 600, date: new Date(NOW), atBrowserClose: false }

  it('has every attribute that the settings have', () => {
    expect(sessionCookie('v', {}, expiry, NOW)).toBe(
      'sessionid=v; expires=Wed, 01 Jan 2025 12:10:00 GMT; HttpOnly; Max-Age=600; Path=/; SameSite=Lax',
    )
    const all = {
      name: 'sid',
      domain: '.example.com',
      path: '/app',
      secure: true,
      httpOnly: false,
      sameSite: 'None',
    } as const
    expect(sessionCookie('v', all, { ...expiry, atBrowserClose: true }, NOW)).toBe(
      'sid=v; Domain=.example.com; Path=/app; SameSite=None; Secure',
    )
    expect(sessionCookieDeletion(all)).toBe(
      'sid=""; Domain=.example.com; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/app; SameSite=None; Secure',
    )
  })

  it('goes without SameSite where the settings say so', () => {
    expect(sessionCookie('v', { sameSite: false }, expiry, NOW)).toMatch(/; Path=\/$/)
    expect(sessionCookieDeletion({ sameSite: false })).toMatch(/; Path=\/$/)
  })

  it('is deleted as secure where browsers would not hear of it otherwise', () => {
    const line = (name: string) => sessionCookieDeletion({ name })
    expect(line('sessionid')).not.toContain('Secure')
    expect(line('__Host-sessionid')).toMatch(/^__Host-sessionid=""; .*; Secure$/)
    expect(line('__Secure-sessionid')).toMatch(/; Secure$/)
  })
})
