import { describe, expect, it } from 'vitest'
import { testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { engineParts } from '../testing/engine-parts.ts'
import { cacheSessions } from './cache.ts'
import { cachedDatabaseSessions } from './cached-db.ts'
import { databaseSessions } from './db.ts'
import type { RedisClient } from './redis.ts'

const expiry = { age: 600, date: new Date(Date.now() + 600_000), atBrowserClose: false }

/** A client that writes down what it is sent and answers from a map. */
function fake(values: Record<string, unknown> = {}) {
  const sent: string[][] = []
  const stored = new Map(Object.entries(values))
  async function send([verb, key = '', value, ...rest]: string[]): Promise<unknown> {
    sent.push([verb ?? '', key, value ?? '', ...rest])
    if (verb === 'GET') return stored.get(key) ?? null
    if (verb === 'DEL') return stored.delete(key) ? 1 : 0
    if (rest.includes('NX') && stored.has(key)) return null
    if (rest.includes('XX') && !stored.has(key)) return null
    stored.set(key, value)
    return 'OK'
  }
  return { sent, stored, send }
}
const nodeRedis = (send: (args: string[]) => Promise<unknown>): RedisClient => ({ sendCommand: send })
const ioRedis = (send: (args: string[]) => Promise<unknown>) => ({
  sendCommand: () => Promise.reject(new Error('takes a Command')),
  call: (...args: string[]) => send(args),
})

const KEY = 'k'.repeat(32)
const place = `:1:django.contrib.sessions.cache${KEY}`

describe('cacheSessions', () => {
  it.each([
    ['@redis/client', nodeRedis],
    ['ioredis', ioRedis],
  ])('keeps sessions where Django does, as JSON, by %s', async (_name, client) => {
    const { sent, send } = fake()
    const engine = cacheSessions({ client: client(send) as RedisClient })(engineParts())
    const key = await engine.create({ a: 'ü', b: 1.5 }, expiry)
    await engine.save(key, { a: 1 }, expiry)
    expect(sent).toEqual([
      ['SET', `:1:django.contrib.sessions.cache${key}`, '{"a":"\\u00fc","b":1.5}', 'EX', '600', 'NX'],
      ['SET', `:1:django.contrib.sessions.cache${key}`, '{"a":1}', 'EX', '600', 'XX'],
    ])
    const other = cacheSessions({ client: client(send) as RedisClient, keyPrefix: 'site', version: 2 })(engineParts())
    await other.load(KEY)
    expect(sent.at(-1)?.[1]).toBe(`site:2:django.contrib.sessions.cache${KEY}`)
  })

  it("reads what Python's json wrote, with spaces and without escapes, also as bytes", async () => {
    const text = '{"a": [1.0, "ü"], "n": NaN}'
    for (const value of [text, Buffer.from(text)]) {
      const { send } = fake({ [place]: value })
      const data = await cacheSessions({ client: nodeRedis(send) })(engineParts()).load(KEY)
      expect(data?.a).toEqual([1, 'ü'])
    }
  })

  it('DJ-03 never reads a pickle, nor anything that is no object, and says so without its content', async () => {
    const values = [
      Buffer.from('\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.', 'latin1').toString(),
      Buffer.from('\x80\x04}.', 'latin1'),
      "cos\nsystem\n(S'true'\ntR.",
      '5',
      '"secret"',
      '[]',
      'null',
      '{"secret":',
      '',
    ]
    for (const value of values) {
      const told: string[] = []
      const { send } = fake({ [place]: value })
      const parts = engineParts({ warn: (message) => told.push(message) })
      expect(await cacheSessions({ client: nodeRedis(send) })(parts).load(KEY)).toBeNull()
      expect(told).toHaveLength(1)
      expect(told[0]).not.toMatch(/secret|k{8}/)
    }
  })

  it('takes the form of the project', async () => {
    const { stored, send } = fake()
    const serializer = {
      dumps: (data: object) => `v1 ${JSON.stringify(data)}`,
      loads: (text: string) => JSON.parse(text.slice(3)),
    }
    const engine = cacheSessions({ client: nodeRedis(send), serializer })(engineParts())
    const key = await engine.create({ a: 1 }, expiry)
    expect([...stored.values()]).toEqual(['v1 {"a":1}'])
    expect(await engine.load(key)).toEqual({ a: 1 })
  })

  it('refuses what is no client', () => {
    expect(() => cacheSessions({ client: {} as RedisClient })(engineParts())).toThrow(/client/)
  })
})

describe('cachedDatabaseSessions', () => {
  it('has places of its own, does without the cache, and never without the database', async () => {
    const [sqlite] = testDatabases
    const { driver, script, drop } = (await sqlite?.open()) ?? expect.fail()
    await script(djangoTables('sqlite'))
    const { sent, stored, send } = fake()
    const told: string[] = []
    const parts = engineParts({ driver, warn: (message) => told.push(message) })
    const engine = cachedDatabaseSessions({ client: nodeRedis(send) })(parts)
    const key = await engine.create({ a: 1 }, expiry)
    expect([...stored.keys()]).toEqual([`:1:django.contrib.sessions.cached_db${key}`])
    sent.length = 0
    expect({ ...(await engine.load(key)) }).toEqual({ a: 1 })
    expect(sent.map(([verb]) => verb)).toEqual(['GET'])

    const down = cachedDatabaseSessions({ client: nodeRedis(() => Promise.reject(new Error('down'))) })(parts)
    expect({ ...(await down.load(key)) }).toEqual({ a: 1 })
    expect(await down.save(key, { a: 2 }, expiry)).toBe(key)
    expect(told.length).toBeGreaterThan(0)
    // What is ended must end in the cache too.
    await expect(down.remove(key)).rejects.toThrow('down')

    expect(await databaseSessions(parts).load(key)).toBeNull()
    expect(await engine.save(key, { a: 3 }, expiry)).toBeNull()
    expect(stored.size).toBe(0)
    await drop()
  })

  it('puts nothing into the cache that was ended while it was read', async () => {
    const [sqlite] = testDatabases
    const { driver, script, drop } = (await sqlite?.open()) ?? expect.fail()
    await script(djangoTables('sqlite'))
    const { stored, send } = fake()
    const rows = databaseSessions(engineParts({ driver }))
    const key = await rows.create({ a: 1 }, expiry)
    // Somebody ends it, in both places, just before it is put into the cache.
    const client = nodeRedis(async (args) => {
      if (args[0] === 'SET') await rows.remove(key)
      return send(args)
    })
    expect(await cachedDatabaseSessions({ client })(engineParts({ driver })).load(key)).toBeNull()
    expect(stored.size).toBe(0)
    await drop()
  })
})
