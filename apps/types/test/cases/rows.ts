/** The app's rows wherever a session is read. */
import type { Auth } from '@keystile/core'
import { expectTypeOf } from 'expect-type'
import { auth, bare, type Pair, type Session, type User } from './app.ts'

const headers = new Headers()

expectTypeOf<typeof auth.$Infer.Session>().branded.toEqualTypeOf<Pair>()
expectTypeOf(auth.getSession).returns.resolves.branded.toEqualTypeOf<Pair | null>()
expectTypeOf(auth.getSession).parameter(0).extract<Request>().toEqualTypeOf<Request>()
expectTypeOf(auth.readSession).returns.resolves.toHaveProperty('pair').branded.toEqualTypeOf<Pair | null>()

// What is never returned is in no row of a client, and a field has its literals, not any string.
// @ts-expect-error returned: false
export type Note = User['note'] | typeof auth.$Infer.Session.user.note
// @ts-expect-error returned: false
export type Risk = typeof auth.$Infer.Session.session.risk
// @ts-expect-error not a plan
export const gold: typeof auth.$Infer.Session.user.plan = 'gold'
// @ts-expect-error an optional field may be null
export const age: number = {} as typeof auth.$Infer.Session.user.age
// @ts-expect-error what the schema makes of the text is a date
export const born: string = {} as typeof auth.$Infer.Session.user.born

// Replies of server calls.
const read = await auth.api.getSession({ headers })
expectTypeOf(read).branded.toEqualTypeOf<{ session: Session; user: User; needsRefresh?: boolean | undefined } | null>()
expectTypeOf(auth.api.listSessions({ headers })).resolves.branded.toEqualTypeOf<Session[]>()
const changed = auth.api.changePassword({ body: { currentPassword: '', newPassword: '' }, headers })
expectTypeOf(changed).resolves.toHaveProperty('user').branded.toEqualTypeOf<User>()
const named = auth.api.signInUsername({ body: { username: '', password: '' } })
expectTypeOf(named).resolves.toHaveProperty('user').branded.toEqualTypeOf<User>()

// An app without additions has the protocol's rows, and no others.
expectTypeOf(bare).toEqualTypeOf<Auth>()
expectTypeOf<typeof bare.$Infer.Session.user>().toEqualTypeOf<{
  id: string
  name: string
  email: string
  emailVerified: boolean
  image: string | null
  createdAt: Date
  updatedAt: Date
}>()
// @ts-expect-error that field is the other app's
export type Plan = typeof bare.$Infer.Session.user.plan
