/** What a hook that reads the session finds within one call, before and after the call changed it. */
import { username } from '@keystile/plugins/username'
import { describe, expect, it } from 'vitest'
import { ada, day, setup } from '../support.ts'

describe('reads of the session within one call', () => {
  it('after a sign-in find the new session, and leave its cookie', async () => {
    const seen: unknown[] = []
    const { browser } = setup({
      hooks: {
        after: async ({ exchange, domain }) => {
          seen.push((await domain.sessions.read(exchange))?.session.token)
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    const answer = await caller.signIn()
    expect(seen.at(-1)).toBe(answer.json.token)
    expect((await caller.get('/get-session')).json.session?.token).toBe(answer.json.token)
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
