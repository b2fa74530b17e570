import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Client from 'libsql'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openOnDisk } from '../src/faults/disk.ts'
import { pairs, singles } from '../src/faults/index.ts'
import { shed } from '../src/faults/shed.ts'
import { type Answer, ada, day, type FlowOptions, makeWorld, type World } from '../src/faults/world.ts'

const year = 365 * day
const right = { email: ada.email, password: ada.password }
const eve = { name: 'Eve', email: 'eve@example.com', password: 'tr0ub4dor and 3' }

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world.close())

function site(options: FlowOptions = {}) {
  const made = world.open('sqlite', { options })
  onTestFinished(() => made.close())
  return made
}

describe('a store that fails', () => {
  it.each(['memory', 'sqlite', 'remote'] as const)('FI-02 at any call of any flow, %s', async (store) => {
    const { runs, broken } = await singles([store])
    expect(broken).toEqual([])
    expect(runs).toBeGreaterThan(600)
  })

  it('FI-02 at two calls of a sign-up or change of password', async () => {
    const wanted = ['sign-up over a session', 'change-password, all sessions end']
    const { runs, broken } = await pairs(['memory'], (name) => wanted.includes(name))
    expect(broken).toEqual([])
    expect(runs).toBeGreaterThan(1000)
  })
})

describe('a source of random bytes that fails', () => {
  const acts: Record<string, [path: string, body: object, who?: 'own']> = {
    'sign-up': ['/sign-up/email', eve],
    'sign-in': ['/sign-in/email', right],
    'change-password': [
      '/change-password',
      { currentPassword: ada.password, newPassword: 'staple battery', revokeOtherSessions: true },
      'own',
    ],
  }
  it.each(Object.keys(acts))('FI-07 issues nothing: %s', async (name) => {
    const [path, body, who] = acts[name] as (typeof acts)[string]
    let left = Number.POSITIVE_INFINITY
    let drawn = 0
    const breakages = [
      () => {
        throw new Error('no entropy')
      },
      (size: number) => new Uint8Array(size - 1),
    ]
    for (const breakage of breakages) {
      for (let at = 0; ; at++) {
        left = Number.POSITIVE_INFINITY
        const made = site({ random: (size) => (left-- > 0 ? randomBytes(size) : breakage(size)) })
        const before = made.rows('session')
        left = at
        drawn = at
        const answer = await made.ask(path, { body, cookie: who && made.cookies[who] })
        if (answer.status === 200) break
        await made.idle()
        expect(answer, `${name} at ${at}`).toMatchObject({ status: 500, cookies: new Map() })
        expect(made.rows('session')).toEqual(before)
        left = Number.POSITIVE_INFINITY
        expect((await made.ask('/sign-in/email', { body: right })).status).toBe(200)
      }
      expect(drawn).toBeGreaterThan(0)
    }
  })
})

describe('a clock that jumps', () => {
  const isSignedIn = ({ status, body }: Answer) => {
    expect(status).toBe(200)
    return body !== null
  }

  it.each<[string, FlowOptions]>([
    ['from the store', {}],
    ['cached', { session: { cookieCache: { enabled: true } } }],
    ['without an absolute end', { session: { absoluteExpiresIn: false } }],
  ])('FI-09 makes no session eternal, %s', async (_name, options) => {
    const made = site(options)
    const cookieOf = async () => {
      const { cookies } = await made.ask('/sign-in/email', { body: right })
      return [...cookies].map((pair) => pair.join('=')).join('; ')
    }
    const { now } = made.clock
    const early = await cookieOf()
    made.clock.now = now + year
    expect(isSignedIn(await made.ask('/get-session', { cookie: early }))).toBe(false)
    const late = await cookieOf()
    expect(isSignedIn(await made.ask('/get-session', { cookie: late }))).toBe(true)
    made.clock.now = now
    expect(isSignedIn(await made.ask('/get-session', { cookie: late }))).toBe(false)
    const present = await cookieOf()
    expect(isSignedIn(await made.ask('/get-session', { cookie: present }))).toBe(true)
    made.clock.now = now - year
    expect(isSignedIn(await made.ask('/get-session', { cookie: present }))).toBe(false)
  })

  it('FI-09 holds no limit longer than its window', async () => {
    const made = site({ production: true })
    const wrong = { ...right, password: 'not this one' }
    const knock = async () => (await made.ask('/sign-in/email', { body: wrong })).status
    const { now } = made.clock
    for (const at of [now + year, now, now - year, now]) {
      made.clock.now = at
      expect([await knock(), await knock(), await knock(), await knock()]).toEqual([401, 401, 401, 429])
    }
  })

  it('FI-09 does not stop the sweep', async () => {
    const made = site()
    const expired = async () => {
      await made.ask('/ok')
      await made.idle()
      return made.rows('session').length
    }
    const { now } = made.clock
    made.clock.now = now + year
    expect(await expired()).toBe(0)
    made.clock.now = now
    expect((await made.ask('/sign-in/email', { body: right })).status).toBe(200)
    expect(await expired()).toBe(1)
    made.clock.now = now + 8 * day
    expect(await expired()).toBe(0)
  })
})

describe('a process', () => {
  it('FI-11 with 128 MB turns away what it cannot hash', async () => {
    const { answers, rss, after } = await shed({ requests: 3000, seconds: 0 })
    expect(Object.keys(answers).sort()).toEqual(['401 INVALID_EMAIL_OR_PASSWORD', '503 HASH_QUEUE_FULL retry'])
    expect(answers['503 HASH_QUEUE_FULL retry']).toBeGreaterThan(1500)
    expect(rss).toBeLessThan(512 * 2 ** 20)
    expect(after).toBe('200')
  })
})

describe('a file that is not as it should be', () => {
  /** A folder for files, and a database in it with Ada, as other processes left it. */
  async function place() {
    const folder = mkdtempSync(join(tmpdir(), 'keystile-disk-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    chmodSync(folder, 0o777)
    return { folder, path: join(folder, 'auth.db') }
  }

  async function open(path: string, userId?: number) {
    const made = await openOnDisk(path, userId)
    onTestFinished(made.end)
    return made
  }

  async function fill(path: string) {
    const made = await openOnDisk(path)
    const { cookie } = await made.ask('/sign-up/email', ada)
    made.end()
    const client = new Client(path)
    client.prepare('pragma wal_checkpoint(truncate)').all()
    client.close()
    for (const beside of ['-wal', '-shm']) rmSync(path + beside, { force: true })
    return cookie
  }

  it.each<[string, string, RegExp, (path: string) => unknown]>([
    [
      'corrupt from the first byte',
      'not a database',
      /copy of the file/,
      (path) => writeFileSync(path, 'x'.repeat(9999)),
    ],
    ['a folder', 'cannot open', /another path/, (path) => mkdirSync(path)],
  ])('is named at the start, with what to do: %s', async (_what, seen, fix, spoil) => {
    const { path } = await place()
    spoil(path)
    const { problem, ask } = await open(path)
    expect(problem).toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      seen: expect.stringContaining(seen),
      expected: expect.stringContaining(path),
      fix: expect.stringMatching(fix),
    })
    const refused = await ask('/sign-up/email', eve)
    expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('SERVICE_UNAVAILABLE') })
    expect(refused.logged?.join()).toContain(path)
  })

  it('is mended without a restart', async () => {
    const { path } = await place()
    writeFileSync(path, 'x'.repeat(9999))
    const { ask } = await open(path)
    expect((await ask('/sign-up/email', eve)).status).toBe(503)
    rmSync(path)
    expect((await ask('/sign-up/email', eve)).status).toBe(200)
  })

  it.each<[string, number, number, RegExp]>([
    ['read-only', 0o444, 0o777, /auth\.db refused: .*; let this process write the file/],
    ['in a read-only folder', 0o444, 0o555, /auth\.db refused: .*; (make the folder and let|let) this process write/],
  ])('says what to do when it is %s', async (_what, mode, folderMode, advice) => {
    const { path, folder } = await place()
    const cookie = await fill(path)
    chmodSync(path, mode)
    chmodSync(folder, folderMode)
    const { problem, ask } = await open(path, process.getuid?.() === 0 ? 65534 : undefined)
    const refused = await ask('/sign-up/email', eve)
    expect([refused.status, refused.logged?.join()]).toEqual([503, expect.stringMatching(advice)])
    const read = await ask('/get-session', undefined, cookie)
    if (folderMode === 0o777) expect([problem, read.status]).toEqual([undefined, 200])
    else expect([problem, read.status]).toEqual([expect.objectContaining({ code: 'DATABASE_UNREACHABLE' }), 503])
    chmodSync(folder, 0o777)
    chmodSync(path, 0o666)
  })

  it('is of an older schema: what it lacks is added', async () => {
    const { path } = await place()
    const client = new Client(path)
    client.exec(`create table user (id text primary key not null, email text not null);
      insert into user values ('1', 'old@example.com')`)
    client.close()
    const { problem, ask } = await open(path)
    expect([problem, (await ask('/sign-up/email', eve)).status]).toEqual([undefined, 200])
  })

  it('is of a newer schema: the column that nobody here fills is named', async () => {
    const { path } = await place()
    const client = new Client(path)
    client.exec('create table user (id text primary key not null, email text not null, plan text not null)')
    client.close()
    const { logged, ask } = await open(path)
    expect(logged?.join()).toContain('Column user.plan is NOT NULL without a default and unknown')
    const refused = await ask('/sign-up/email', eve)
    expect([refused.status, refused.body]).toEqual([422, expect.stringContaining('FAILED_TO_CREATE_USER')])
    expect(refused.logged?.join()).toContain('NOT NULL constraint failed: user.plan')
  })

  it('FI-08 is on a full disk: writes are refused, reads go on', async ({ skip }) => {
    const { folder } = await place()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', folder]).status === 0
    if (!mounted) return skip('no right to make a small disk')
    const path = join(folder, 'auth.db')
    const ballast = join(folder, 'ballast')
    const { ask, end } = await open(path)
    try {
      const { cookie } = await ask('/sign-up/email', ada)
      expect(spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4096']).status).not.toBe(0)
      for (const [act, body] of [
        ['/sign-up/email', eve],
        ['/sign-in/email', right],
      ] as const) {
        const { status, body: text, cookie: set, logged } = await ask(act, body)
        expect([status, text, set]).toEqual([503, expect.stringContaining('SERVICE_UNAVAILABLE'), undefined])
        expect(logged?.join()).toMatch(/auth\.db refused: database or disk is full; make room on the disk/)
      }
      const read = await ask('/get-session', undefined, cookie)
      expect([read.status, read.body]).toEqual([200, expect.stringContaining(ada.email)])
      rmSync(ballast)
      expect((await ask('/sign-up/email', eve)).status).toBe(200)
      expect((await ask('/sign-in/email', right)).status).toBe(200)
    } finally {
      end()
      spawnSync('umount', ['-l', folder])
    }
  })
})
