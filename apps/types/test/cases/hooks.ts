/** The app's rows in hooks, in `databaseHooks` and behind `$context`. */
import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { expectTypeOf } from 'expect-type'
import { auth } from './app.ts'

createAuth({
  database: ':memory:',
  user: {
    additionalFields: {
      plan: { type: ['free', 'pro'] },
      note: { type: 'string', required: false, returned: false },
    },
  },
  session: { additionalFields: { device: { type: 'string', required: false } } },
  plugins: [username()],
  hooks: {
    before({ exchange, body }) {
      expectTypeOf(body).toBeUnknown()
      expectTypeOf(exchange.cookies).returns.toEqualTypeOf<string[]>()
    },
    async after({ exchange, domain }) {
      const opened = exchange.opened
      expectTypeOf(opened?.user.plan).toEqualTypeOf<'free' | 'pro' | undefined>()
      expectTypeOf(opened?.user.username).toEqualTypeOf<string | null | undefined>()
      expectTypeOf(opened?.session.device).toEqualTypeOf<string | null | undefined>()
      const current = await domain.sessions.read(exchange)
      expectTypeOf(current?.user.note).toEqualTypeOf<string | null | undefined>()
      const found = await domain.store.find(domain.tables.user, { plan: 'pro' })
      expectTypeOf(found?.plan).toEqualTypeOf<'free' | 'pro' | undefined>()
      // @ts-expect-error not a plan
      await domain.store.find(domain.tables.user, { plan: 'gold' })
      // @ts-expect-error no such field
      opened?.user.plam
    },
  },
  events: {
    'session.opened'({ user, session, method, at, ipAddress }) {
      expectTypeOf(user.plan).toEqualTypeOf<'free' | 'pro'>()
      expectTypeOf(user.username).toEqualTypeOf<string | null>()
      expectTypeOf(session.device).toEqualTypeOf<string | null>()
      expectTypeOf(method).toEqualTypeOf<string>()
      expectTypeOf(at).toEqualTypeOf<Date>()
      expectTypeOf(ipAddress).toEqualTypeOf<string | null>()
      // @ts-expect-error no such field
      user.plam
    },
    'sign-in.failed': ({ name, userId }) => {
      expectTypeOf(name).toEqualTypeOf<string>()
      expectTypeOf(userId).toEqualTypeOf<string | undefined>()
    },
    // @ts-expect-error no such event
    'session.closed': () => {},
  },
  databaseHooks: {
    user: {
      create: {
        before(user) {
          expectTypeOf(user.email).toEqualTypeOf<string>()
          expectTypeOf(user.plan).toEqualTypeOf<'free' | 'pro' | undefined>()
          expectTypeOf(user.note).toEqualTypeOf<string | null | undefined>()
          expectTypeOf(user.username).toEqualTypeOf<string | null | undefined>()
          // @ts-expect-error no such field
          user.plam
          return { data: { plan: 'pro', name: user.name.trim() } }
        },
        after(user, exchange) {
          expectTypeOf(user.id).toEqualTypeOf<string>()
          expectTypeOf(user.plan).toEqualTypeOf<'free' | 'pro'>()
          expectTypeOf(exchange?.headers.get('x')).toEqualTypeOf<string | null | undefined>()
        },
      },
      update: { before: (patch) => ({ data: { plan: patch.plan ?? 'free' } }) },
      delete: { before: (user) => user.plan === 'free' && undefined },
    },
    session: {
      create: {
        before: async (session) => {
          expectTypeOf(session.userId).toEqualTypeOf<string>()
          expectTypeOf(session.device).toEqualTypeOf<string | null | undefined>()
          return { data: { device: 'phone' } }
        },
      },
    },
    account: { create: { after: (account) => expectTypeOf(account.providerId).toEqualTypeOf<string>() } },
  },
})

const database = ':memory:'
const user = { additionalFields: { plan: { type: ['free', 'pro'] } } } as const
// @ts-expect-error not a plan
createAuth({ database, user, databaseHooks: { user: { update: { before: () => ({ data: { plan: 'gold' } }) } } } })
// @ts-expect-error no such table
createAuth({ database, databaseHooks: { sessions: {} } })
// @ts-expect-error no such moment
createAuth({ database, databaseHooks: { user: { creates: { after: () => {} } } } })
// @ts-expect-error no such hook
createAuth({ database, hooks: { between: () => {} } })

const { sessions, tables } = await auth.$context
expectTypeOf(sessions.read).returns.resolves.extract<object>().toHaveProperty('user').toHaveProperty('plan')
expectTypeOf(tables.user).toHaveProperty('fields')
