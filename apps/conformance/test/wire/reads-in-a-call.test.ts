/** What a hook that reads the session finds within one call, before and after the call changed it. */
import { username } from '@keystile/plugins/username'
import { describe, expect, it } from 'vitest'
import { ada, day, setup } from '../support.ts'

describe('reads of the session within one call', () => {
  it.each([undefined, false])(
    'after a sign-in find the new session, and leave its cookie (cache: %s)',
    async (cache) => {
      const seen: unknown[] = []
      const { browser } = setup({
        hooks: {
          after: async ({ exchange, domain }) => {
            seen.push(await domain.sessions.read(exchange, { cache }))
          },
        },
      })
      const caller = browser()
      await caller.signUp()
      const answer = await caller.signIn()
      expect(seen.at(-1)).toMatchObject({ session: { token: answer.json.token }, cached: false, needsRefresh: false })
      expect((await caller.get('/get-session')).json.session?.token).toBe(answer.json.token)
    },
  )

  it('of the copy in the cookie do not stand for the store, which stands for them', async () => {
    const seen: unknown[] = []
    const read = async ({ exchange, domain }: Parameters<NonNullable<Hooks['before']>>[0]) => {
      seen.push((await domain.sessions.read(exchange))?.user.name)
    }
    const { browser, rows } = setup({
      session: { cookieCache: { enabled: true } },
      hooks: { before: read, after: read },
    })
    const caller = browser()
    await caller.signUp()
    rows.session.splice(0)
    seen.splice(0)
    expect((await caller.post('/verify-password', { password: ada.password })).status).toBe(401)
    expect(seen).toEqual([ada.name, undefined])
  })

  it('find a copy as it was issued again, and the store as it is', async () => {
    const seen: unknown[] = []
    const { browser } = setup({
      session: { cookieCache: { enabled: true } },
      hooks: {
        after: async ({ path, exchange, domain: { sessions } }) => {
          const current = path === '/get-session' ? await sessions.read(exchange) : null
          if (!current) return
          await sessions.reissue(exchange, { ...current, user: { ...current.user, name: 'New' } })
          for (const cache of [true, false]) seen.push((await sessions.read(exchange, { cache }))?.user.name)
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    await caller.get('/get-session')
    expect(seen).toEqual(['New', ada.name])
  })

  it('find what the call has changed or ended', async () => {
    const seen: unknown[] = []
    const read = async ({ exchange, domain }: Parameters<NonNullable<Hooks['before']>>[0]) =>
      (await domain.sessions.read(exchange))?.user.name
    const { browser } = setup({
      hooks: {
        before: async (context) => {
          await read(context)
        },
        after: async (context) => {
          seen.push(await read(context))
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    await caller.post('/update-user', { name: 'New' })
    await caller.post('/sign-out', {})
    expect(seen.slice(-2)).toEqual(['New', undefined])
  })

  it('tell where the session comes from, and that nothing is due once it is refreshed', async () => {
    const seen: unknown[] = []
    const { browser, clock } = setup({
      session: { cookieCache: { enabled: true }, deferSessionRefresh: true },
      hooks: {
        after: async ({ exchange, domain }) => {
          const { cached, needsRefresh } = (await domain.sessions.read(exchange)) ?? {}
          seen.push({ cached, needsRefresh })
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    const reads = [
      [0, 'get', { cached: true, needsRefresh: false }],
      [2 * day, 'get', { cached: false, needsRefresh: true }],
      [400_000, 'post', { cached: false, needsRefresh: false }],
    ] as const
    for (const [later, method, told] of reads) {
      clock.now += later
      await caller[method]('/get-session')
      expect(seen.at(-1)).toEqual(told)
    }
  })

  it('find none for the token of a session that is over', async () => {
    const seen: unknown[] = []
    let token = ''
    const { auth, browser, clock, rows } = setup({
      hooks: {
        after: async ({ exchange, domain }) => {
          seen.push(await domain.sessions.readToken(exchange, token))
        },
      },
    })
    const caller = browser()
    token = String((await caller.signUp()).json.token)
    await caller.get('/get-session')
    expect(seen.at(-1)).toMatchObject({ session: { token } })
    clock.now += 7 * day - 1000
    // The clean-up of this minute passes, so that the row goes by the read's own doing.
    await caller.get('/ok')
    await auth.idle()
    Object.assign(rows.session[0] ?? {}, { expiresAt: new Date(clock.now) })
    await browser().get('/get-session')
    expect(seen.at(-1)).toBeNull()
    expect(rows.session).toEqual([])
  })

  it('do not keep a deferred refresh from its POST', async () => {
    const { browser, clock } = setup({
      session: { deferSessionRefresh: true },
      hooks: {
        before: async ({ exchange, domain }) => {
          await domain.sessions.read(exchange)
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    clock.now += 2 * day
    expect((await caller.post('/get-session')).setCookies).toHaveLength(1)
  })
})

describe('immutable user names', () => {
  it('are not changed by way of none', async () => {
    const { browser, rows } = setup({ plugins: [username({ immutableUsername: true })] })
    const caller = browser()
    await caller.signUp({ ...ada, username: 'alice' })
    for (const name of ['', null]) expect((await caller.post('/update-user', { username: name })).status).toBe(400)
    expect(rows.user[0]?.username).toBe('alice')
  })
})

type Hooks = NonNullable<NonNullable<Parameters<typeof setup>[0]>['hooks']>
