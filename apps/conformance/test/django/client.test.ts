/** The official client over the users and sessions of a Django project, on each database that is there. */
import { createAuth } from '@keystile/core'
import { djangoDatabase, djangoPasswords, passwordPair } from '@keystile/django'
import { username } from '@keystile/plugins/username'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { djangoTables, type Scratch, testDatabases } from '../../../../packages/django/test/scratch.ts'
import { generations } from '../client/generations.ts'
import { ada, keep, origin, secret, start } from '../support.ts'

// A quick one of Django's, for what it costs is no part of this.
const password = passwordPair(djangoPasswords({ hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 1000 }] }))

const pairs = testDatabases.flatMap((database) =>
  (Object.keys(generations) as (keyof typeof generations)[]).map((generation) => ({ ...database, generation })),
)

describe.each(pairs)('the client $generation over Django on $name', ({ generation, dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    await scratch.script(djangoTables(dialect))
  })
  afterAll(() => scratch?.drop())

  const clock = { now: start }
  const serving = () =>
    createAuth({
      database: djangoDatabase({ driver: scratch.driver, secretKey: 'the key of the project', clock: () => clock.now }),
      secret,
      baseURL: origin,
      env: {},
      production: false,
      logger: { disabled: true },
      clock: () => clock.now,
      rateLimit: { enabled: false },
      emailAndPassword: { enabled: true, password },
      plugins: [username({ usernameNormalization: false })],
    })

  function device(auth: ReturnType<typeof serving>) {
    const jar = new Map<string, string>()
    const { createAuthClient, usernameClient } = generations[generation]
    const customFetchImpl = async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init)
      if (jar.size > 0) request.headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
      if (request.method !== 'GET') request.headers.set('origin', origin)
      const response = await auth.handler(request)
      keep(jar, response.headers.getSetCookie())
      return response
    }
    const client = createAuthClient({ baseURL: origin, plugins: [usernameClient()], fetchOptions: { customFetchImpl } })
    return { client, jar }
  }
  const rows = (text: string) => scratch.driver.all(text)

  it('signs up, in and out, and changes the user', async () => {
    const auth = serving()
    const { client, jar } = device(auth)
    const up = await client.signUp.email({ ...ada, username: 'Ada_L', displayUsername: 'Countess', image: '/a.png' })
    expect(up.error).toBeNull()
    expect(up.data).toMatchObject({ token: expect.stringMatching(/^[\w-]{43}$/), user: { email: ada.email } })
    const got = await client.getSession()
    expect(got.data).toMatchObject({
      user: { id: up.data?.user.id, name: 'Ada', username: 'Ada_L', displayUsername: 'Countess', image: '/a.png' },
      session: { token: up.data?.token, userId: up.data?.user.id, expiresAt: new Date(start + 7 * 86400_000) },
    })
    expect((await client.updateUser({ name: 'Ada Lovelace', username: 'countess' })).error).toBeNull()
    expect(await rows('select first_name, last_name, username from auth_user')).toEqual([
      { first_name: 'Ada', last_name: 'Lovelace', username: 'countess' },
    ])
    expect((await client.getSession()).data?.user).toMatchObject({ name: 'Ada Lovelace', username: 'countess' })
    expect(await client.signOut()).toEqual({ data: { success: true }, error: null })
    expect(jar.size).toBe(0)
    expect(await rows('select * from django_session')).toEqual([])
    expect(await rows('select * from keystile_session')).toEqual([])
    const named = await client.signIn.username({ username: 'countess', password: ada.password })
    expect(named).toMatchObject({ error: null, data: { user: { email: ada.email } } })
    expect((await client.isUsernameAvailable({ username: 'countess' })).data).toEqual({ available: false })
    expect(
      (await device(auth).client.signIn.username({ username: 'countess', password: 'wrong' })).error,
    ).toMatchObject({
      status: 401,
    })
  })

  it('lists sessions and revokes them', async () => {
    const auth = serving()
    const [one, two, three, four] = [device(auth), device(auth), device(auth), device(auth)]
    const bea = { name: 'Bea', email: 'bea@example.com', password: 'password456', username: 'bea' }
    await one.client.signUp.email(bea)
    for (const { client } of [two, three, four]) {
      clock.now += 1000
      await client.signIn.email({ email: 'BEA@example.com', password: bea.password })
    }
    const listed = (await one.client.listSessions()).data ?? []
    expect(listed.map(({ createdAt }) => createdAt.getTime())).toEqual(
      [0, 1, 2, 3].map((n) => clock.now - 3000 + 1000 * n),
    )
    expect((await one.client.revokeSession({ token: listed[1]?.token ?? '' })).data).toEqual({ status: true })
    expect((await two.client.getSession()).data).toBeNull()
    expect((await three.client.getSession()).data).not.toBeNull()
    expect((await one.client.revokeOtherSessions()).data).toEqual({ status: true })
    expect((await three.client.getSession()).data).toBeNull()
    expect((await one.client.getSession()).data).not.toBeNull()
    expect((await one.client.revokeSessions()).data).toEqual({ status: true })
    expect((await one.client.getSession()).data).toBeNull()
    expect(
      await rows("select 1 from keystile_session k join auth_user u on u.id = k.user_id where username = 'bea'"),
    ).toEqual([])
  })

  it('changes the password and keeps the session, refreshes it, and ends it in time', async () => {
    const auth = serving()
    const [mine, other] = [device(auth), device(auth)]
    const cid = { name: 'Cid', email: 'cid@example.com', password: 'password789' }
    await mine.client.signUp.email(cid)
    await other.client.signIn.email(cid)
    const changed = await mine.client.changePassword({ currentPassword: cid.password, newPassword: 'password000' })
    expect(changed.error).toBeNull()
    expect((await mine.client.getSession()).data?.user.email).toBe(cid.email)
    expect((await other.client.getSession()).data).toBeNull()
    expect((await other.client.signIn.email(cid)).error).toMatchObject({ status: 401 })
    const data = () =>
      rows(
        "select session_data from django_session d join keystile_session k on k.session_key = d.session_key join auth_user u on u.id = k.user_id where u.email = 'cid@example.com'",
      )
    const before = await data()
    clock.now += 2 * 86400_000
    const refreshed = await mine.client.getSession()
    expect(refreshed.data?.session.expiresAt).toEqual(new Date(clock.now + 7 * 86400_000))
    expect(await data()).toEqual(before)
    clock.now += 8 * 86400_000
    expect((await mine.client.getSession()).data).toBeNull()
  })

  it('tells an address and a name that are taken', async () => {
    const { client } = device(serving())
    const dan = { name: 'Dan', email: 'dan@example.com', password: 'password123', username: 'dan' }
    expect((await client.signUp.email(dan)).error).toBeNull()
    expect((await client.signUp.email({ ...dan, username: 'dan2' })).error).toMatchObject({
      status: 422,
      code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL',
    })
    expect((await client.signUp.email({ ...dan, email: 'd@example.com' })).error).toMatchObject({
      status: 400,
      code: 'USERNAME_IS_ALREADY_TAKEN',
    })
  })
})
