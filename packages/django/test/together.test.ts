/** Django and we at the same time: while one ends a session or takes a new key for it, the other saves it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Django, django } from '../src/django.ts'
import type { DjangoRequest } from '../src/request.ts'
import { rowCodec } from '../src/sessions/codec.ts'
import { type Scratch, testDatabases } from '../src/testing/databases.ts'
import { DJANGO_VERSIONS } from '../src/version.ts'
import { judge, python, secretKey } from './judge.ts'

const release = python ? judge([], ['--about']).lines[0].django.split('.').slice(0, 2).join('.') : undefined
const djangoVersion = DJANGO_VERSIONS.find((version) => version === release)
const settings = { PASSWORD_HASHERS: ['django.contrib.auth.hashers.MD5PasswordHasher'] }
/** Of each act: some 300 on each database. */
const ROUNDS = 50

describe.each(testDatabases)('on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(!python || missing !== undefined, missing ?? 'no Django on this machine'))

  let scratch: Scratch
  let site: Django
  beforeAll(async () => {
    if (!python || missing) return
    scratch = await open()
    site = django({ driver: scratch.driver, secretKey, djangoVersion, passwordHashers: ['md5'] })
    const fields = { username: 'alice', password: 'pw' }
    const { status } = judge([{ kind: 'migrate' }, { kind: 'create_user', fields, settings }], [], scratch.settings)
    expect(status).toBe(0)
  })
  afterAll(() => scratch?.drop())
  beforeEach(() => scratch?.driver.run('delete from django_session'))

  const request = (key: string) =>
    site.open({ method: 'GET', url: 'http://example.com/', headers: new Headers({ cookie: `sessionid=${key}` }) })

  /** Whether it was stored; else it was ended meanwhile. */
  async function finish(one: DjangoRequest): Promise<boolean> {
    try {
      await one.finish(200)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'SESSION_INTERRUPTED' })
      return false
    }
  }

  async function makeSessions(signedIn: boolean): Promise<string[]> {
    const alice = (await site.users.byUsername('alice')) ?? expect.fail('no such user')
    const signed = await site.openSession()
    if (signedIn) await site.auth.login(signed, alice)
    const keys: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const session = await site.openSession()
      for (const [name, value] of Object.entries(signed.data)) session.set(name, value)
      session.set('round', round)
      await session.save()
      keys.push(session.key ?? expect.fail('not stored'))
    }
    return keys
  }

  /** A session each of as many users. */
  async function makeUsers(name: string): Promise<string[]> {
    const keys: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const user = await site.users.register({ username: `${name}-${round}`, password: 'pw' })
      const row = (await site.users.byId(user.id ?? '')) ?? expect.fail('not stored')
      const session = await site.openSession()
      await site.auth.login(session, row)
      session.set('round', round)
      await session.save()
      keys.push(session.key ?? expect.fail('not stored'))
    }
    return keys
  }

  const everyRound = Array.from({ length: ROUNDS }, (_, round) => round)

  /** After every user has a new password: these have one session each, which goes on. Who came too late is nobody. */
  async function eachGoesOn(name: string, password: string, rounds: readonly number[]) {
    const rows = (await stored()).filter(({ data }) => data._auth_user_id !== undefined)
    expect(rows.map(({ data }) => Number(data.round)).sort((a, b) => a - b)).toEqual(rounds)
    for (const { key, data } of rows) {
      const user = await site.userFromSession(await site.openSession(key)).load()
      expect(user.get('username')).toBe(`${name}-${data.round}`)
      expect(await user.checkPassword(password)).toBe(true)
    }
  }

  /** Django's visits and our acts of the same sessions, in one order. */
  async function both(sessionids: readonly string[], visit: object, act: (key: string) => Promise<unknown>) {
    const child = spawn(python ?? '', [new URL('judge.py', import.meta.url).pathname])
    let told = ''
    const ended = once(child, 'close')
    const ready = new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text) => {
        told += text
        if (told.includes('\n')) resolve()
      })
      child.stderr.on('data', (text) => reject(new Error(String(text))))
    })
    // As patient as it takes: SQLite has one writer at a time.
    const database = { ...scratch.settings, ...(dialect === 'sqlite' && { OPTIONS: { timeout: 60 } }) }
    child.stdin.end(
      JSON.stringify({ secret_key: secretKey, database, items: [{ kind: 'storm', sessionids, visit, settings }] }),
    )
    await ready
    for (const key of sessionids) await act(key)
    await ended
    const lines = told.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ ready: true }, { judged: 1, failed: 0 }])
  }

  /** What is stored, none of it torn. */
  async function stored() {
    const rows = await scratch.driver.all('select session_key, session_data from django_session')
    const codec = rowCodec({ secretKey, djangoVersion })
    return rows.map(({ session_key, session_data }) => ({
      key: String(session_key),
      data: { ...codec.decode(String(session_data)) },
    }))
  }

  const save = async (key: string) => {
    const one = request(key)
    const session = await one.session()
    if (!session.isEmpty) session.set('ours', 1)
    return finish(one)
  }

  it('DJ-11 a sign-out here is final while Django saves', async () => {
    const keys = await makeSessions(true)
    await both(keys, { set: { theirs: 1 } }, async (key) => {
      const one = request(key)
      await one.logout()
      await one.finish(200)
    })
    // Who came too late is somebody new.
    for (const { key, data } of await stored())
      expect([keys.includes(key), data._auth_user_id]).toEqual([false, undefined])
  })

  it('DJ-11 a sign-out there is final while we save', async () => {
    const keys = await makeSessions(true)
    const saved: boolean[] = []
    await both(keys, { logout: true }, async (key) => saved.push(await save(key)))
    expect(await stored()).toEqual([])
    expect(saved).toHaveLength(ROUNDS)
  })

  it('DJ-11 a sign-in there leaves nothing of the session of before, which we save', async () => {
    const keys = await makeSessions(false)
    await both(keys, { login: 'alice' }, save)
    const rows = await stored()
    expect(rows).toHaveLength(ROUNDS)
    for (const { key, data } of rows) expect([keys.includes(key), data._auth_user_id]).toEqual([false, '1'])
    const rounds = rows.map(({ data }) => Number(data.round)).sort((a, b) => a - b)
    expect(rounds).toEqual(everyRound)
  })

  it('DJ-11 nor does a sign-in here, which Django saves', async () => {
    const keys = await makeSessions(false)
    const alice = (await site.authenticate('alice', 'pw')) ?? expect.fail('not let in')
    await both(keys, { set: { theirs: 1 } }, async (key) => {
      const one = request(key)
      await one.login(alice)
      await finish(one)
    })
    const rows = await stored()
    expect(rows.filter(({ key }) => keys.includes(key))).toEqual([])
    const ours = rows.filter(({ data }) => data._auth_user_id === '1')
    expect(ours).toHaveLength(ROUNDS)
    for (const { data } of rows) expect([undefined, '1']).toContain(data._auth_user_id)
  })

  it('DJ-11 a new password there ends no session that we save, and none comes back', async () => {
    const keys = await makeUsers('there')
    await both(keys, { change: 'new there' }, save)
    await eachGoesOn('there', 'new there', everyRound)
  })

  it('DJ-11 nor does a new password here, which Django saves', async () => {
    const keys = await makeUsers('here')
    const rounds: number[] = []
    await both(keys, { set: { theirs: 1 } }, async (key) => {
      const one = request(key)
      const user = (await one.user()) ?? expect.fail('nobody')
      await user.setPassword('new here')
      await user.save(['password'])
      await one.updateSessionAuthHash(user)
      // Between password and session, Django may meet the one without the other, and end it.
      if (await finish(one)) rounds.push(keys.indexOf(key))
    })
    await eachGoesOn('here', 'new here', rounds)
    expect((await stored()).filter(({ key }) => keys.includes(key))).toEqual([])
  })
})
