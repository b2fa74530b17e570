/** The official client, told of the server by its types alone. */
import type { username } from '@keystile/plugins/username'
import { type BetterAuthClientPlugin, createAuthClient } from 'better-auth-client/client'
import { inferAdditionalFields, usernameClient } from 'better-auth-client/client/plugins'
import { expectTypeOf } from 'expect-type'
import type { auth } from './app.ts'

const app = createAuthClient({ plugins: [inferAdditionalFields<typeof auth>(), usernameClient()] })
type User = typeof app.$Infer.Session.user
type Session = typeof app.$Infer.Session.session
expectTypeOf<User['plan']>().toEqualTypeOf<'free' | 'pro'>()
expectTypeOf<User['tags']>().toEqualTypeOf<string[]>()
expectTypeOf<User['age']>().toEqualTypeOf<number | null | undefined>()
expectTypeOf<User['role']>().toEqualTypeOf<string>()
expectTypeOf<User['colour']>().toEqualTypeOf<'red' | 'blue' | null | undefined>()
expectTypeOf<User['username']>().toEqualTypeOf<string | null | undefined>()
expectTypeOf<Session['device']>().toEqualTypeOf<'phone' | 'desk' | null | undefined>()
expectTypeOf<User>().not.toHaveProperty('note')
expectTypeOf<Session>().not.toHaveProperty('risk')

const named = { name: '', email: '', password: '' }
const born = new Date()
app.signUp.email({ ...named, plan: 'pro', tags: [], born, username: 'ada' })
app.updateUser({ plan: 'free' })
app.signIn.username({ username: 'ada', password: '' })
// @ts-expect-error `plan` is missing
app.signUp.email({ ...named, tags: [], born })
// @ts-expect-error not a plan
app.signUp.email({ ...named, plan: 'gold', tags: [], born })
// @ts-expect-error input: false
app.signUp.email({ ...named, plan: 'pro', tags: [], born, role: 'admin' })

// The fields of a plugin of ours, without those of the app.
const usernames = () =>
  ({ id: 'username', $InferServerPlugin: {} as ReturnType<typeof username> }) satisfies BetterAuthClientPlugin
const alone = createAuthClient({ plugins: [usernames()] })
expectTypeOf<typeof alone.$Infer.Session.user.username>().toEqualTypeOf<string | null | undefined>()
alone.signUp.email({ ...named, username: 'ada' })
// @ts-expect-error a name is a text
alone.signUp.email({ ...named, username: 1 })
// Nothing told this client of the app.
expectTypeOf<typeof alone.$Infer.Session.user>().not.toHaveProperty('plan')
