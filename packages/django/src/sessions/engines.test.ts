/** What every engine does, in each of the places that sessions are kept. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { engineParts, testKey } from '../testing/engine-parts.ts'
import { openRedis, redisMissing, type ScratchRedis } from '../testing/redis.ts'
import { cacheSessions } from './cache.ts'
import { cachedDatabaseSessions } from './cached-db.ts'
import { rowCodec } from './codec.ts'
import { databaseSessions } from './db.ts'
import type { EngineParts, SessionEngine } from './engine.ts'
import { expiryOf } from './expiry.ts'
import { type JsonObject, parsePythonJson, pythonJson } from './json.ts'

const T0 = Date.UTC(2025, 0, 1, 12)
const textOf = (data: JsonObject | null) => data && pythonJson(data)
const expiry = (seconds: number, now: number) => expiryOf({ _session_expiry: seconds }, {}, now)

interface Place {
  readonly engine: (parts?: Partial<EngineParts>) => SessionEngine
  drop(): Promise<void>
}

async function inDatabase(open: () => Promise<Scratch>, dialect: 'sqlite' | 'postgresql' | 'mysql') {
  const scratch = await open()
  await scratch.script(djangoTables(dialect))
  return scratch
}

async function inRedis(make: (redis: ScratchRedis) => Place['engine'], drop?: () => Promise<void>): Promise<Place> {
  const redis = await openRedis()
  return {
    engine: make(redis),
    async drop() {
      await redis.drop()
      await drop?.()
    },
  }
}

const places: readonly { name: string; missing: string | undefined; ownClock: boolean; open(): Promise<Place> }[] = [
  ...testDatabases.map(({ name, dialect, missing, open }) => ({
    name,
    missing,
    ownClock: true,
    async open(): Promise<Place> {
      const { driver, drop } = await inDatabase(open, dialect)
      return { engine: (parts) => databaseSessions(engineParts({ driver, ...parts })), drop }
    },
  })),
  {
    name: 'Redis',
    missing: redisMissing,
    ownClock: false,
    open: () =>
      inRedis(
        ({ client, prefix }) =>
          (parts) =>
            cacheSessions({ client, keyPrefix: prefix })(engineParts(parts)),
      ),
  },
  ...testDatabases.map(({ name, dialect, missing, open }) => ({
    name: `Redis before ${name}`,
    missing: missing ?? redisMissing,
    ownClock: false,
    async open(): Promise<Place> {
      const { driver, drop } = await inDatabase(open, dialect)
      return inRedis(
        ({ client, prefix }) =>
          (parts) =>
            cachedDatabaseSessions({ client, keyPrefix: prefix })(engineParts({ driver, ...parts })),
        drop,
      )
    },
  })),
]

describe.each(places)('in $name', ({ missing, ownClock, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let place: Place
  let now = T0
  const clock = () => now
  const engine = () => place.engine({ clock })
  beforeAll(async () => {
    if (!missing) place = await open()
  })
  afterAll(() => place?.drop())
  beforeEach(() => {
    // Redis keeps time by itself.
    now = ownClock ? T0 : Date.now()
  })

  const json = '{"a":1.0,"big":9007199254740993,"nan":NaN,"\\u00fc":["\\ud83d\\udd11",{"":null}]}'
  const data = () => parsePythonJson(json) as JsonObject

  it('gives back what was stored, as it was', async () => {
    const key = await engine().create(data(), expiry(100, now))
    expect(key).toMatch(/^[a-z0-9]{32}$/)
    expect(textOf(await engine().load(key))).toBe(json)
    const changed = data()
    changed.more = 1
    expect(await engine().save(key, changed, expiry(100, now))).toBe(key)
    expect(textOf(await engine().load(key))).toBe(`${json.slice(0, -1)},"more":1}`)
    await engine().remove(key)
    expect(await engine().load(key)).toBeNull()
  })

  it('has no session of a key that it did not make', async () => {
    const hostile = [
      'nosuchsessionkey0000000000000000',
      'a\0bcdefghijk',
      `${"';--".repeat(9)}`,
      'x'.repeat(100_000),
      'ü'.repeat(9),
    ]
    for (const key of [...hostile, '\ud800'.repeat(8), ' '.repeat(32), '%'.repeat(32)]) {
      expect(await engine().load(key)).toBeNull()
    }
  })

  it('keeps apart keys that differ in case, and those with a space behind', async () => {
    const key = await engine().create({ a: 1 }, expiry(100, now))
    expect(await engine().load(key.toUpperCase())).toBeNull()
    expect(await engine().load(`${key} `)).toBeNull()
  })

  it('never stores again what was ended', async () => {
    const key = await engine().create({ a: 1 }, expiry(100, now))
    await engine().remove(key)
    expect(await engine().save(key, { a: 2 }, expiry(100, now))).toBeNull()
    expect(await engine().replace(key, { a: 2 }, expiry(100, now))).toBeNull()
    expect(await engine().load(key)).toBeNull()
  })

  it('ends the old key with the new one, and once', async () => {
    const key = await engine().create({ a: 1 }, expiry(100, now))
    const tries = await Promise.all([1, 2, 3, 4].map((a) => engine().replace(key, { a }, expiry(100, now))))
    const made = tries.filter((one) => one !== null)
    expect(made).toHaveLength(1)
    expect(await engine().load(key)).toBeNull()
    expect(textOf(await engine().load(made[0] ?? ''))).toBe(`{"a":${tries.indexOf(made[0] ?? '') + 1}}`)
    expect(await engine().save(key, { a: 5 }, expiry(100, now))).toBeNull()
  })

  it('tries another key where one is taken, and leaves the taken one alone', async () => {
    const taken = await engine().create({ a: 1 }, expiry(100, now))
    const codes = (text: string) =>
      Uint8Array.from([...text, ...'aaaaaaaa'], (one) => 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(one))
    const makeParts = () => {
      const free = `${taken.slice(1)}${taken.slice(0, 1)}`
      const keys = [codes(taken), codes(taken), codes(free)]
      return { clock, random: () => keys.shift() ?? codes(taken) }
    }
    const other = await place.engine(makeParts()).create({ a: 2 }, expiry(100, now))
    expect(other).not.toBe(taken)
    expect(textOf(await engine().load(taken))).toBe('{"a":1}')
    await engine().remove(other)
    const old = await engine().create({ a: 3 }, expiry(100, now))
    const replaced = await place.engine(makeParts()).replace(old, { a: 4 }, expiry(100, now))
    expect(textOf(await engine().load(replaced ?? ''))).toBe('{"a":4}')
    expect(textOf(await engine().load(taken))).toBe('{"a":1}')
    const always = place.engine({ clock, random: () => codes(taken) })
    await expect(always.create({}, expiry(100, now))).rejects.toMatchObject({ code: 'SESSION_KEY_TAKEN' })
  })

  it('has no session that has ended', async () => {
    const key = await engine().create({ a: 1 }, expiry(-1, now))
    expect(await engine().load(key)).toBeNull()
    const other = await engine().create({ a: 1 }, expiry(100, now))
    expect(await engine().save(other, { a: 2 }, expiry(-1, now))).toBe(other)
    expect(await engine().load(other)).toBeNull()
    if (!ownClock) return
    const last = await engine().create({ a: 1 }, expiry(100, now))
    now += 99_999
    expect(textOf(await engine().load(last))).toBe('{"a":1}')
    now += 1
    expect(await engine().load(last)).toBeNull()
  })

  it('stores what ends after all dates', async () => {
    const key = await engine().create({ a: 1 }, expiryOf({}, { cookieAge: 1e12 }, now))
    expect(textOf(await engine().load(key))).toBe('{"a":1}')
  })

  it('DJ-11 a sign-out is final, whoever saves or cycles meanwhile', async () => {
    for (let round = 0; round < 100; round++) {
      const key = await engine().create({ _auth_user_id: '1' }, expiry(100, now))
      const acts = [
        () =>
          engine()
            .remove(key)
            .then(() => null),
        async () => (await engine().load(key)) && engine().save(key, { a: 1 }, expiry(100, now)),
        async () => (await engine().load(key)) && engine().save(key, { a: 2 }, expiry(100, now)),
        async () => void (await engine().load(key)),
      ]
      // Each in every place of the row.
      await Promise.all(acts.map((_, at) => acts[(at + round) % acts.length]?.()))
      expect(await engine().load(key)).toBeNull()
      expect(await engine().save(key, { a: 3 }, expiry(100, now))).toBeNull()
    }
  })
})

describe('databaseSessions', () => {
  it('makes one statement of a load, and none of a key that cannot be', async () => {
    const statements: string[] = []
    const base = engineParts()
    const all = async (text: string) => {
      statements.push(text)
      return []
    }
    const driver = { ...base.driver, all }
    const engine = databaseSessions({ ...base, driver })
    expect(await engine.load('k'.repeat(32))).toBeNull()
    expect(await engine.load('short')).toBeNull()
    expect(statements).toEqual([
      'SELECT "session_key", "session_data", "expire_date" FROM "django_session" WHERE "session_key" = ? AND "expire_date" > ?',
    ])
  })

  it('refuses a table whose name is SQL', () => {
    expect(() => databaseSessions(engineParts({ sessionTable: 'a" where 1=1; --' }))).toThrow()
  })

  it('keeps the row of what it cannot read', async () => {
    const { open } = testDatabases[0] ?? expect.fail()
    const { driver, drop } = await inDatabase(open, 'sqlite')
    const foreign = rowCodec({ secretKey: `not ${testKey}` })
    const key = await databaseSessions(engineParts({ driver, rowCodec: foreign })).create(
      { a: 1 },
      expiry(9, Date.now()),
    )
    expect({ ...(await databaseSessions(engineParts({ driver })).load(key)) }).toEqual({})
    expect(await driver.all('select session_key from django_session')).toHaveLength(1)
    await drop()
  })

  it("writes Django's dates, by the clock of the zone where USE_TZ is off", async () => {
    const { open } = testDatabases[0] ?? expect.fail()
    const { driver, drop } = await inDatabase(open, 'sqlite')
    const clock = () => T0 + 123
    const dateOf = async (databaseTimeZone: string) => {
      const engine = databaseSessions(engineParts({ driver, clock, databaseTimeZone }))
      const key = await engine.create({ a: 1 }, expiry(60, clock()))
      expect(await engine.load(key)).not.toBeNull()
      const [row] = await driver.all('select expire_date from django_session where session_key = ?', [key])
      return row?.expire_date
    }
    expect(await dateOf('UTC')).toBe('2025-01-01 12:01:00.123000')
    expect(await dateOf('Europe/Berlin')).toBe('2025-01-01 13:01:00.123000')
    await drop()
  })
})
