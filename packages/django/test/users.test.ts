/** Django and we write the same users, on each database that is there: what one wrote, the other takes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { djangoPasswords } from '../src/passwords/passwords.ts'
import { type Scratch, testDatabases } from '../src/testing/databases.ts'
import { djangoUsers, type Users } from '../src/users/users.ts'
import { DJANGO_VERSIONS } from '../src/version.ts'
import { type Item, judge, python } from './judge.ts'

const release = python ? judge([], ['--about']).lines[0].django.split('.').slice(0, 2).join('.') : undefined
const djangoVersion = DJANGO_VERSIONS.find((version) => version === release)

describe.each(testDatabases)('with Django on $name', ({ missing, open }) => {
  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing)
    skip(!python, 'no Django on this machine')
  })

  let scratch: Scratch
  let users: Users
  const ask = (items: readonly Item[]) => {
    const { status, lines } = judge(items, [], scratch.settings)
    expect(lines.slice(0, -1)).toEqual([])
    expect(status).toBe(0)
  }
  beforeAll(async () => {
    if (missing || !python) return
    scratch = await open()
    users = djangoUsers({ driver: scratch.driver, passwords: djangoPasswords({ djangoVersion }) })
    const fields = { username: 'ﬁne Ünï', email: 'A@B.COM', password: 'пароль' }
    ask([
      { kind: 'migrate' },
      { kind: 'create_user', fields, groups: { Käufer: ['add_user', 'view_group'] } },
      { kind: 'create_user', fields: { username: 'gone', password: 'pw', is_active: false } },
      { kind: 'create_user', fields: { username: 'none' } },
    ])
  })
  afterAll(() => scratch?.drop())

  it('its users are let in here, and changed here for it', async () => {
    // Made as NFKC.
    expect(await users.authenticate('ﬁne Ünï', 'пароль')).toBeNull()
    const user = await users.authenticate('fine Ünï', 'пароль')
    expect(user?.fields).toMatchObject({ username: 'fine Ünï', email: 'A@b.com', is_active: true, last_login: null })
    expect(await user?.groups()).toEqual(['Käufer'])
    expect([...((await user?.getAllPermissions()) ?? [])].sort()).toEqual(['auth.add_user', 'auth.view_group'])
    expect(await users.authenticate('gone', 'pw')).toBeNull()
    expect(await users.authenticate('none', '')).toBeNull()

    user?.set('first_name', 'Zoë 🔑')
    user?.set('is_staff', true)
    await user?.setPassword('new')
    await user?.save()
    await users.touchLastLogin(user?.id ?? '', new Date('2025-01-02T03:04:05.678Z'))
    const row = { first_name: 'Zoë 🔑', is_staff: true, last_login: '2025-01-02T03:04:05.678000+00:00' }
    ask([
      { kind: 'user_row', username: 'fine Ünï', password: 'new', expect: { ...row, email: 'A@b.com' } },
      { kind: 'login', username: 'fine Ünï', password: 'new' },
      { kind: 'login', username: 'fine Ünï', password: 'пароль', expect: false },
    ])
    // It found nothing to hash anew.
    expect((await users.byUsername('fine Ünï'))?.password).toBe(user?.get('password'))
  })

  it('it takes the users of here', async () => {
    const { id } = await users.register({
      username: 'ours',
      email: 'Ours@EXAMPLE.org',
      password: 'correct horse',
      date_joined: '2025-01-01T12:00:00.000006Z',
    })
    await users.register({ username: 'shut', password: 'pw', is_active: false, is_superuser: true })
    await users.register({ username: 'void', password: null })
    const row = {
      id: Number(id),
      email: 'Ours@example.org',
      first_name: '',
      last_name: '',
      last_login: null,
      is_active: true,
      is_staff: false,
      is_superuser: false,
      date_joined: '2025-01-01T12:00:00.000006+00:00',
    }
    ask([
      { kind: 'user_row', username: 'ours', password: 'correct horse', expect: row },
      { kind: 'user_row', username: 'shut', password: 'pw', expect: { is_active: false, is_superuser: true } },
      { kind: 'login', username: 'ours', password: 'correct horse' },
      { kind: 'login', username: 'ours', password: 'correct horsf', expect: false },
      { kind: 'login', username: 'shut', password: 'pw', expect: false },
      { kind: 'login', username: 'void', password: '', expect: false },
      { kind: 'create_user', fields: { username: 'ours' }, expect_error: 'IntegrityError' },
      { kind: 'create_user', fields: { username: 'theirs', password: 'pw' } },
    ])
    await expect(users.register({ username: 'theirs', password: 'x' })).rejects.toMatchObject({
      code: 'USERNAME_TAKEN',
    })
  })
})
