/** One user, on each database that is there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { djangoPasswords } from '../passwords/passwords.ts'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { refusal, watched } from '../testing/watched.ts'
import type { DjangoUser } from './user.ts'
import { djangoUsers, type Users } from './users.ts'

const passwords = djangoPasswords({ hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 10 }, 'md5'] })

describe.each(testDatabases)('a user on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  let users: Users
  let watch: ReturnType<typeof watched>
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
    watch = watched(scratch.driver)
    users = djangoUsers({ driver: watch.driver, passwords })
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

  let alice: DjangoUser
  beforeEach(async () => {
    alice = await users.register({
      username: 'alice',
      password: 'pw',
      date_joined: '2024-01-02T03:04:05.000006Z',
      last_login: '2024-01-02T03:04:05.999999+05:30',
    })
    watch.take()
  })

  it('is loaded once, whoever asks', async () => {
    const lazy = users.lazy(() => users.byId(alice.id ?? ''))
    expect([lazy.isAuthenticated, lazy.get('username'), lazy.id]).toEqual([false, undefined, undefined])
    await Promise.all([lazy.load(), lazy.load()])
    await lazy.load()
    expect(watch.take()).toHaveLength(1)
    expect(lazy.get('username')).toBe('alice')
    lazy.set('first_name', 'lost')
    await Promise.all([lazy.reload(), lazy.load()])
    expect(watch.take()).toHaveLength(1)
    expect(lazy.get('first_name')).toBe('')
  })

  it('is nobody where nobody is found, and asks again after a failure', async () => {
    let asked = 0
    const lazy = users.lazy(async () => {
      if (++asked === 1) throw new Error('away')
      return null
    })
    await expect(lazy.load()).rejects.toThrow('away')
    expect((await lazy.load()).isAnonymous).toBe(true)
    await lazy.load()
    expect(asked).toBe(2)
    expect(await refusal(lazy.save())).toBe('USER_GONE')
    expect(await lazy.checkPassword('pw')).toBe(false)
    expect(lazy.hasUsablePassword()).toBe(false)
  })

  it('saves what was set, with one statement of these columns', async () => {
    const before = await stored('alice')
    alice.set('first_name', 'Älice')
    alice.set('is_staff', true)
    expect([alice.get('first_name'), alice.get('is_staff')]).toEqual(['Älice', true])
    await alice.save([])
    expect(watch.take()).toEqual([])
    await alice.save(['first_name', 'email'])
    const asked = watch.take()
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatch(/^update \S+ set \Wfirst_name\W = \S+ where \Wid\W = \S+$/)
    expect(await stored('alice')).toEqual({ ...before, first_name: 'Älice' })
    await alice.save()
    await alice.save()
    expect(watch.take()).toHaveLength(1)
    // Among it the microseconds of the dates.
    expect(await stored('alice')).toEqual({
      ...before,
      first_name: 'Älice',
      is_staff: dialect === 'postgresql' ? true : 1,
    })
    expect((await users.byId(alice.id ?? ''))?.fields).toMatchObject({
      ...alice.fields,
      date_joined: '2024-01-02T03:04:05.000006Z',
      last_login: '2024-01-01T21:34:05.999999Z',
    })
  })

  it('leaves alone what others changed meanwhile', async () => {
    const other = await users.authenticate('alice', 'pw')
    other?.set('last_name', 'Other')
    alice.set('first_name', 'Mine')
    await Promise.all([alice.save(), other?.save()])
    expect(await stored('alice')).toMatchObject({ first_name: 'Mine', last_name: 'Other' })
  })

  it('refuses the id, the password and what is no column', async () => {
    for (const field of [
      'id',
      'password',
      'nope',
      '',
      'first_name" = 1 --',
      'FIRST_NAME',
      '__proto__',
      'constructor',
    ]) {
      expect(() => alice.set(field, 'x')).toThrow(expect.objectContaining({ code: 'UNKNOWN_FIELD' }))
      expect(alice.get(field)).toBe(
        field === 'id' ? Number(alice.id) : field === 'password' ? alice.get('password') : undefined,
      )
      if (field !== 'password') expect(await refusal(alice.save([field]))).toBe('UNKNOWN_FIELD')
    }
    expect(() => alice.set('is_active', 'no')).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }))
    expect(() => alice.set('last_name', 'x'.repeat(151))).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }))
    expect(() => alice.set('date_joined', null)).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }))
    expect(watch.take()).toEqual([])
  })

  it('has its password changed in the field, then in the row', async () => {
    const before = (await stored('alice'))?.password
    await alice.setPassword('new')
    expect([await alice.checkPassword('new'), await alice.checkPassword('pw')]).toEqual([true, false])
    expect((await stored('alice'))?.password).toBe(before)
    await alice.save(['password'])
    expect(await users.authenticate('alice', 'pw')).toBeNull()
    expect((await users.authenticate('alice', 'new'))?.id).toBe(alice.id)
    expect(alice.hasUsablePassword()).toBe(true)
    await alice.setUnusablePassword()
    await alice.save()
    expect([alice.hasUsablePassword(), await alice.checkPassword('new')]).toEqual([false, false])
    expect((await stored('alice'))?.password).toMatch(/^!.{40}$/)
    expect('password' in alice.fields).toBe(false)
  })

  it('hashes anew when its password is checked', async () => {
    await users.updatePassword(alice.id ?? '', await djangoPasswords({ hashers: ['md5'] }).make('pw'))
    await alice.reload()
    alice.set('first_name', 'kept')
    expect(await alice.checkPassword('no')).toBe(false)
    expect(await alice.checkPassword('pw')).toBe(true)
    expect((await stored('alice'))?.password).toBe(alice.get('password'))
    expect([alice.get('password'), alice.get('first_name')]).toEqual([expect.stringMatching(/^pbkdf2/), 'kept'])
  })

  it('that was deleted is not written', async () => {
    await scratch.driver.run('delete from auth_user')
    alice.set('first_name', 'x')
    expect(await refusal(alice.save())).toBe('USER_GONE')
    expect((await alice.reload()).isAnonymous).toBe(true)
    expect(await stored('alice')).toBeUndefined()
  })
})
