import { setMaxListeners } from 'node:events'
import { createAuth } from '@keystile/core'
import { memoryAdapter } from '@keystile/core/memory'
import { username } from '@keystile/plugins/username'
import { describe, expect, it, vi } from 'vitest'
import { ada, keep, quickPasswords, secret } from '../support.ts'
import { generations } from './generations.ts'
import { hosts, portOf, serving as serveOn } from './servers.ts'

/** What a browser does around `fetch`: it keeps cookies, and tells the page's origin. */
function browserFetch(origin: string) {
  const jar = new Map<string, string>()
  const requests: string[] = []
  const fetchIt = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    if (jar.size > 0) request.headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    if (request.method !== 'GET') request.headers.set('origin', origin)
    requests.push(`${request.method} ${new URL(request.url).pathname}`)
    const response = await fetch(request)
    keep(jar, response.headers.getSetCookie())
    return response
  }
  return { jar, requests, fetch: fetchIt }
}

const deviceOf = (generation: keyof typeof generations, baseURL: string) => {
  const page = browserFetch(baseURL)
  const { createAuthClient, usernameClient } = generations[generation]
  const client = createAuthClient({
    baseURL,
    plugins: [usernameClient()],
    fetchOptions: { customFetchImpl: page.fetch },
  })
  return { ...page, client }
}

const start = Date.UTC(2026, 0, 1)

// What the client's session store asks before it fetches by itself. It cleans up a second later: so for the whole file.
const page = Object.assign(new EventTarget(), { location: new URL('http://localhost') })
setMaxListeners(0, page)
vi.stubGlobal('window', page)

const pairs = Object.keys(generations).flatMap((generation) =>
  Object.keys(hosts).map((host) => [generation, host] as [keyof typeof generations, keyof typeof hosts]),
)

describe.each(pairs)('the official client %s over %s', (generation, host) => {
  async function serving(session: Parameters<typeof createAuth>[0]['session'] = {}) {
    const clock = { now: start }
    const auth = createAuth({
      database: memoryAdapter({}),
      secret,
      env: {},
      production: false,
      logger: { disabled: true },
      clock: () => clock.now,
      emailAndPassword: { enabled: true, password: quickPasswords },
      plugins: [username()],
      session,
    })
    const origin = `http://127.0.0.1:${portOf(await serveOn(hosts[host], auth))}`
    return { clock, origin, device: () => deviceOf(generation, origin) }
  }

  it('signs up, reads the session, signs out', async () => {
    const page = (await serving()).device()
    const { client, jar, requests } = page
    const up = await client.signUp.email({ ...ada, image: '/ada.png' })
    expect(up.error).toBeNull()
    expect(up.data).toMatchObject({
      token: expect.stringMatching(/^[\w-]{43}$/),
      user: { email: ada.email, image: '/ada.png' },
    })
    expect(up.data?.user.createdAt).toEqual(new Date(start))
    const got = await client.getSession()
    expect(got).toMatchObject({ error: null, data: { user: { name: 'Ada' }, session: { token: up.data?.token } } })
    expect(got.data?.session.expiresAt).toEqual(new Date(start + 7 * 86400_000))
    expect(await client.signOut()).toEqual({ data: { success: true }, error: null })
    expect(jar.size).toBe(0)
    expect(await client.getSession()).toEqual({ data: null, error: null })
    expect(requests).toEqual([
      'POST /api/auth/sign-up/email',
      'GET /api/auth/get-session',
      'POST /api/auth/sign-out',
      'GET /api/auth/get-session',
    ])
  })

  it('signs in, and tells the app’s own routes who it is', async () => {
    const { device, origin } = await serving()
    const first = device()
    await first.client.signUp.email(ada)
    const page = device()
    expect(
      await page.client.signIn.email({ email: ada.email, password: ada.password, rememberMe: false }),
    ).toMatchObject({
      error: null,
      data: { redirect: false, user: { email: ada.email } },
    })
    expect([...page.jar.keys()]).toEqual(['better-auth.session_token', 'better-auth.dont_remember'])
    expect(await (await page.fetch(`${origin}/hello`)).json()).toEqual({ name: 'Ada' })
    expect(await (await device().fetch(`${origin}/hello`)).json()).toEqual({ name: null })
  })

  it('tells errors as the client expects them', async () => {
    const { client } = (await serving()).device()
    await client.signUp.email(ada)
    const wrong = await client.signIn.email({ email: ada.email, password: 'password124' })
    // Hono's Node server sends the phrase that Node has for the status.
    const unauthorized = expect.stringMatching(/^unauthorized$/i)
    expect(wrong).toEqual({
      data: null,
      error: {
        code: 'INVALID_EMAIL_OR_PASSWORD',
        message: 'Invalid email or password',
        status: 401,
        statusText: unauthorized,
      },
    })
    const bad = await client.signUp.email({ name: 'A', email: 'no address', password: 'x' })
    expect(bad.error).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      message: '[body.email] Invalid email address',
    })
    await expect(
      client.signIn.email({ email: ada.email, password: 'password124', fetchOptions: { throw: true } }),
    ).rejects.toThrow(/^unauthorized$/i)
  })

  it('lists sessions and revokes them', async () => {
    const { device } = await serving()
    const pages = [device(), device(), device(), device()]
    const [one, two, three, four] = pages as [
      (typeof pages)[0] & {},
      (typeof pages)[0] & {},
      (typeof pages)[0] & {},
      (typeof pages)[0] & {},
    ]
    await one.client.signUp.email(ada)
    for (const page of [two, three, four]) await page.client.signIn.email(ada)
    const listed = await one.client.listSessions()
    expect(listed.data).toHaveLength(4)
    expect(listed.data?.[0]?.createdAt).toEqual(new Date(start))
    expect(await one.client.revokeSession({ token: listed.data?.[1]?.token ?? '' })).toEqual({
      data: { status: true },
      error: null,
    })
    expect((await two.client.getSession()).data).toBeNull()
    expect((await three.client.getSession()).data).not.toBeNull()
    expect(await one.client.revokeOtherSessions()).toEqual({ data: { status: true }, error: null })
    expect((await three.client.getSession()).data).toBeNull()
    expect((await one.client.listSessions()).data).toHaveLength(1)
    expect(await one.client.revokeSessions()).toEqual({ data: { status: true }, error: null })
    expect((await one.client.getSession()).data).toBeNull()
    expect((await one.client.listSessions()).error).toMatchObject({ status: 401, code: 'UNAUTHORIZED' })
  })

  it('updates the user and changes the password', async () => {
    const { device } = await serving()
    const { client } = device()
    const up = await client.signUp.email(ada)
    expect(await client.updateUser({ name: 'Countess', image: null })).toEqual({ data: { status: true }, error: null })
    expect((await client.getSession()).data?.user).toMatchObject({ name: 'Countess', image: null })
    const change = { currentPassword: ada.password, newPassword: 'password999', revokeOtherSessions: true }
    const changed = await client.changePassword(change)
    expect(changed.data?.token).toMatch(/^[\w-]{43}$/)
    expect(changed.data?.token).not.toBe(up.data?.token)
    expect((await client.getSession()).data?.session.token).toBe(changed.data?.token)
    expect((await client.changePassword(change)).error).toMatchObject({ code: 'INVALID_PASSWORD' })
    expect((await device().client.signIn.email({ email: ada.email, password: 'password999' })).error).toBeNull()
  })

  it('4.1.6 a POST without body and type is taken', async () => {
    const { device, origin } = await serving()
    const page = device()
    await page.client.signUp.email(ada)
    const response = await page.fetch(`${origin}/api/auth/sign-out`, { method: 'POST' })
    expect([response.status, await response.json()]).toEqual([200, { success: true }])
    expect(page.jar.size).toBe(0)
  })

  it('signs out with and without the fields that 1.7 added', async () => {
    const { device } = await serving()
    const { client, jar } = device()
    await client.signUp.email(ada)
    expect(await client.signOut({ callbackURL: '/bye', disableRedirect: true, state: 's' })).toEqual({
      data: { success: true },
      error: null,
    })
    await client.signIn.email(ada)
    expect(await client.$fetch('/sign-out', { method: 'POST' })).toEqual({ data: { success: true }, error: null })
    expect(jar.size).toBe(0)
  })

  it('signs in with a user name', async () => {
    const { device } = await serving()
    await device().client.signUp.email({ ...ada, username: 'Ada_L' })
    const { client } = device()
    expect((await client.isUsernameAvailable({ username: 'ada_l' })).data).toEqual({ available: false })
    expect((await client.signIn.username({ username: 'ADA_L', password: ada.password })).data?.user).toMatchObject({
      username: 'ada_l',
      displayUsername: 'Ada_L',
    })
    expect((await client.getSession()).data?.user.username).toBe('ada_l')
    expect((await client.signIn.username({ username: 'ada_l', password: 'no' })).error).toMatchObject({
      status: 401,
      code: 'INVALID_USERNAME_OR_PASSWORD',
    })
  })

  it('useSession: the mount fetches, sign-in, update and sign-out fetch again', async () => {
    const { device } = await serving()
    const { client, requests } = device()
    const session = watch(client.useSession)
    await session.until((data) => data === null)
    expect(requests).toEqual(['GET /api/auth/get-session'])
    await client.signUp.email(ada)
    await session.until((data) => data?.user.email === ada.email)
    await client.updateUser({ name: 'Countess' })
    await session.until((data) => data?.user.name === 'Countess')
    await client.signOut()
    await session.until((data) => data === null)
    expect(client.useSession.get().error).toBeNull()
    session.stop()
  })

  it('6.3 useSession: needsRefresh is followed by a POST', async () => {
    const { clock, device } = await serving({ deferSessionRefresh: true })
    const { client, requests } = device()
    await client.signUp.email(ada)
    const session = watch(client.useSession)
    await session.until((data) => data !== null)
    expect(requests).not.toContain('POST /api/auth/get-session')
    clock.now += 2 * 86400_000
    await client.useSession.get().refetch()
    await session.until((data) => data?.session.expiresAt.getTime() === clock.now + 7 * 86400_000)
    expect(requests).toContain('POST /api/auth/get-session')
    session.stop()
  })
})

type Client = ReturnType<typeof deviceOf>['client']
type SessionData = ReturnType<Client['useSession']['get']>['data']

/** Follows the session as a component does. */
function watch(atom: Client['useSession']) {
  let told = () => {}
  let settled: { data: SessionData } | undefined
  const stop = atom.subscribe(({ data, isPending, isRefetching }) => {
    settled = isPending || isRefetching ? undefined : { data }
    told()
  })
  return {
    stop,
    /** Resolves once a state that is at rest is as said. */
    async until(holds: (data: SessionData) => boolean) {
      while (!settled || !holds(settled.data)) {
        await new Promise<void>((resolve) => {
          told = resolve
        })
      }
    },
  }
}
