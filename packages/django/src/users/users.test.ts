/** Users on each database that is there, in the tables that Django makes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DjangoPasswords, djangoPasswords } from '../passwords/passwords.ts'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { refusal, watched } from '../testing/watched.ts'
import { djangoUsers, type Users } from './users.ts'

const passwords = djangoPasswords({ hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 10 }, 'md5'] })
const now = '2025-01-01T12:00:00.120Z'
const clock = () => Date.parse(now)

describe.each(testDatabases)('on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  let users: Users
  let watch: ReturnType<typeof watched>
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
    watch = watched(scratch.driver)
    users = djangoUsers({ driver: watch.driver, passwords, clock })
    await users.model()
  })
  afterAll(() => scratch?.drop())
  beforeEach(async () => {
    await scratch.driver.run('delete from auth_user')
    watch.take()
  })

  const stored = (name: string) =>
    scratch.driver
      .all(`select * from auth_user where username = ${dialect === 'postgresql' ? '$1' : '?'}`, [name])
      .then(([row]) => row)

  it('registers with one statement that names every column', async () => {
    const user = await users.register({
      username: '\uff26\uff35\uff2c\uff2c',
      email: 'A.B@EXAMPLE.Com',
      password: 'pw',
    })
    expect(watch.take()).toHaveLength(1)
    const row = await stored('FULL')
    expect(user.id).toBe(String(row?.id))
    expect(user.isAuthenticated).toBe(true)
    expect(user.fields).toEqual({
      id: row?.id,
      username: 'FULL',
      email: 'A.B@example.com',
      first_name: '',
      last_name: '',
      is_active: true,
      is_staff: false,
      is_superuser: false,
      last_login: null,
      date_joined: '2025-01-01T12:00:00.120000Z',
    })
    const again = await users.byId(user.id ?? '')
    expect(again?.fields).toEqual({ ...user.fields, password: row?.password })
    expect(await passwords.verify('pw', again?.password)).toEqual({ valid: true, rehash: false })
  })

  it('registers what was set on a blank user', async () => {
    const user = users.blank()
    expect([user.isAuthenticated, user.isAnonymous, user.id]).toEqual([false, true, undefined])
    expect(await refusal(user.register())).toBe('BAD_VALUE')
    user.set('username', 'alice')
    expect(await refusal(user.register())).toBe('BAD_VALUE')
    await user.setPassword(null)
    await user.register()
    expect(user.hasUsablePassword()).toBe(false)
    expect(user.fields).toEqual((await users.lazy(() => users.byUsername('alice')).load()).fields)
  })

  it('tells that a name is taken, and writes nothing else', async () => {
    await users.register({ username: 'alice', password: 'pw' })
    const taken = users.register({ username: 'alice', password: 'other', first_name: 'B' })
    await expect(taken).rejects.toMatchObject({ code: 'USERNAME_TAKEN' })
    const bob = await users.register({ username: 'bob', password: 'pw' })
    bob.set('username', 'alice')
    await expect(bob.save()).rejects.toMatchObject({ code: 'USERNAME_TAKEN' })
    expect((await stored('alice'))?.first_name).toBe('')
  })

  it('lets one of many have a name that all want at once', async () => {
    const other = scratch.another()
    const others = djangoUsers({ driver: other, passwords, clock })
    const tries = Array.from({ length: 20 }, (_, n) =>
      refusal((n % 2 ? users : others).register({ username: 'wanted', password: 'pw' })),
    )
    const codes = await Promise.all(tries)
    expect(codes.filter((code) => code === undefined)).toHaveLength(1)
    expect(codes.filter((code) => code === 'USERNAME_TAKEN')).toHaveLength(19)
    if (dialect === 'sqlite') await other.close()
  })

  it('registers none without a name, with unknown fields, or with what does not fit', async () => {
    const bad: [Record<string, unknown>, string][] = [
      [{ username: '', password: 'x' }, 'BAD_VALUE'],
      [{ password: 'x' }, 'BAD_VALUE'],
      [{ username: 'a' }, 'BAD_VALUE'],
      [{ username: 'a', password: 'x', id: 5 }, 'UNKNOWN_FIELD'],
      [{ username: 'a', password: 'x', nope: 5 }, 'UNKNOWN_FIELD'],
      [{ username: 'a', password: 'x', 'is_staff") values (1); --': true }, 'UNKNOWN_FIELD'],
      [{ username: 'a'.repeat(151), password: 'x' }, 'BAD_VALUE'],
      [{ username: 'a\0', password: 'x' }, 'BAD_VALUE'],
      [{ username: 'a', password: 'x', is_active: 'yes' }, 'BAD_VALUE'],
      [{ username: 'a', password: 'x', date_joined: 'now' }, 'BAD_VALUE'],
    ]
    for (const [values, code] of bad) {
      const got = await refusal(users.register(values as { password: string }))
      expect([values, got]).toEqual([values, code])
    }
    expect(await scratch.driver.all('select username, email from auth_user')).toEqual([])
    const user = await users.register({ username: 'a', password: 'x', email: null })
    expect(user.get('email')).toBe('')
  })

  it('finds by the one form of a key, with one query or none', async () => {
    const { id = '' } = await users.register({ username: 'alice', password: 'pw' })
    watch.take()
    expect((await users.byId(id))?.fields.username).toBe('alice')
    expect(watch.take()).toHaveLength(1)
    const others = [
      ` ${id}`,
      `${id} `,
      `0${id}`,
      `+${id}`,
      `${id}.0`,
      `${id}e0`,
      '',
      'x',
      '1 or 1=1',
      '99999999999999999999',
    ]
    for (const other of [...others, '2147483648', '-1', null, 5, {}]) {
      expect([other, await users.byId(other as string)]).toEqual([other, null])
    }
    expect(watch.take().length).toBeLessThanOrEqual(2)
  })

  it('DJ-09 finds a name as the database compares, and makes nothing of it first', async () => {
    await users.register({ username: 'Alice', password: 'pw' })
    watch.take()
    expect((await users.byUsername('Alice'))?.fields.username).toBe('Alice')
    expect(watch.take()).toHaveLength(1)
    expect((await users.byUsername('alice'))?.fields.username).toBe(dialect === 'mysql' ? 'Alice' : undefined)
    // A name is stored in its one form, and only that form signs in.
    await users.register({ username: 'ＦＵＬＬ', email: 'A.B@EXAMPLE.Com', password: 'pw' })
    expect((await users.authenticate('FULL', 'pw'))?.get('email')).toBe('A.B@example.com')
    if (dialect !== 'mysql') expect(await users.authenticate('ＦＵＬＬ', 'pw')).toBeNull()
    for (const name of ['Alice\0', 'Alice\ud800', '', "' or ''='", 'A'.repeat(100_000)]) {
      expect(await users.byUsername(name)).toBeNull()
    }
  })

  it('authenticates', async () => {
    const { id } = await users.register({ username: 'alice', password: 'pw' })
    const before = await stored('alice')
    expect((await users.authenticate('alice', 'pw'))?.id).toBe(id)
    const nobody: unknown[][] = [
      ['alice', 'PW'],
      ['alice', ''],
      ['bob', 'pw'],
      ['', ''],
      [null, 'pw'],
      ['alice', undefined],
      [{}, []],
    ]
    for (const [name, password] of nobody) {
      expect(await users.authenticate(name as string, password as string)).toBeNull()
    }
    // Neither a new hash nor a last login.
    expect(await stored('alice')).toEqual(before)
  })

  it('refuses who is not active, unless told otherwise', async () => {
    await users.register({ username: 'gone', password: 'pw', is_active: false })
    expect(await users.authenticate('gone', 'pw')).toBeNull()
    expect((await users.authenticate('gone', 'pw', { allowInactive: true }))?.get('username')).toBe('gone')
    expect(await users.authenticate('gone', 'no', { allowInactive: true })).toBeNull()
  })

  it('hashes once for an unknown name as for a wrong password', async () => {
    let hashes = 0
    const counting: DjangoPasswords = {
      ...passwords,
      verify(password, encoded) {
        hashes++
        return passwords.verify(password, encoded)
      },
    }
    const counted = djangoUsers({ driver: scratch.driver, passwords: counting })
    await users.register({ username: 'alice', password: 'pw' })
    for (const name of ['alice', 'bob', 'bob\0']) {
      hashes = 0
      await counted.authenticate(name, 'wrong')
      expect([name, hashes]).toEqual([name, 1])
    }
  })

  it('becomes somebody, or stays as it was', async () => {
    const { id } = await users.register({ username: 'alice', password: 'pw' })
    const user = users.blank()
    user.set('first_name', 'Kept')
    expect(await user.authenticate('alice', 'no')).toBeNull()
    expect([user.id, user.get('first_name')]).toEqual([undefined, 'Kept'])
    expect(await user.authenticate('alice', 'pw')).toBe(user)
    expect([user.id, user.get('first_name')]).toEqual([id, ''])
    user.forget()
    expect([user.isAnonymous, user.get('username'), user.fields]).toEqual([true, undefined, {}])
    expect((await user.reload()).isAnonymous).toBe(true)
  })

  it('hashes anew at the right password, and never undoes a change', async () => {
    const { id = '' } = await users.register({ username: 'alice', password: 'pw' })
    const old = await djangoPasswords({ hashers: ['md5'] }).make('pw')
    await users.updatePassword(id, old)
    await users.authenticate('alice', 'no')
    expect((await users.byId(id))?.password).toBe(old)
    const user = await users.authenticate('alice', 'pw')
    const after = await users.byId(id)
    expect(after?.password).toMatch(/^pbkdf2_sha256\$10\$/)
    expect(user?.get('password')).toBe(after?.password)

    // Somebody changes the password between the check and the new hash.
    await users.updatePassword(id, old)
    const changing = (to: string): Users =>
      djangoUsers({
        driver: scratch.driver,
        passwords: {
          ...passwords,
          async makeNext(password) {
            await users.updatePassword(id, await passwords.make(to))
            return passwords.makeNext(password)
          },
        },
      })
    expect(await changing('new').authenticate('alice', 'pw')).toBeNull()
    expect(await users.authenticate('alice', 'new')).not.toBeNull()
    await users.updatePassword(id, old)
    const same = await changing('pw').authenticate('alice', 'pw')
    expect(same?.get('password')).toBe((await users.byId(id))?.password)
  })

  it('writes a password only over the one that is meant', async () => {
    const { id = '' } = await users.register({ username: 'alice', password: 'pw' })
    expect(await users.updatePassword(id, 'a', 'other')).toBe(false)
    expect(await users.updatePassword(id, 'a')).toBe(true)
    expect(await users.updatePassword(id, 'b', 'a')).toBe(true)
    expect(await users.updatePassword('0', 'b')).toBe(false)
    expect((await users.byId(id))?.password).toBe('b')
  })

  it('writes last_login alone', async () => {
    const { id = '' } = await users.register({ username: 'alice', password: 'pw' })
    const before = await stored('alice')
    watch.take()
    await users.touchLastLogin(id, new Date('2025-02-03T04:05:06.007Z'))
    expect(watch.take()).toHaveLength(1)
    const { last_login, ...rest } = (await stored('alice')) ?? {}
    expect({ last_login: null, ...rest }).toEqual(before)
    expect(last_login).toMatch(/^2025-02-03 \d\d:\d\d:06\.007(000)?(\+00)?$/)
    expect((await users.byId(id))?.fields.last_login).toBe('2025-02-03T04:05:06.007000Z')
  })
})
