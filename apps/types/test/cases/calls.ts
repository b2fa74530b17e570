/** `auth.api`: flat, under the protocol's names, with the app's own input. */
import { expectTypeOf } from 'expect-type'
import { auth, bare, newUser, type User } from './app.ts'

const headers = new Headers()

type SignUp = Parameters<typeof auth.api.signUpEmail>[0]['body']
expectTypeOf<Pick<SignUp, keyof SignUp>>().branded.toEqualTypeOf<{
  name: string
  email: string
  password: string
  image?: string | undefined
  callbackURL?: string | undefined
  rememberMe?: boolean | undefined
  plan: 'free' | 'pro'
  tags: string[]
  age?: number | null | undefined
  score?: number | undefined
  note?: string | null | undefined
  colour?: 'red' | 'blue' | null | undefined
  born: string
  username?: string | null | undefined
  displayUsername?: string | null | undefined
}>()

const body = { ...newUser, tags: ['first'] }
const made = auth.api.signUpEmail({ body })
expectTypeOf(made).resolves.branded.toEqualTypeOf<{ token: string | null; user: User }>()
expectTypeOf(auth.api.signUpEmail({ body, asResponse: true })).resolves.toEqualTypeOf<Response>()
expectTypeOf(auth.api.ok({ returnHeaders: true })).resolves.toEqualTypeOf<{
  headers: Headers
  response: { ok: boolean }
}>()
expectTypeOf(auth.api.ok({ returnStatus: true })).resolves.toEqualTypeOf<{
  response: { ok: boolean }
  status: number | undefined
}>()
auth.api.signUpEmail({ body: { ...body, age: 36, note: null, colour: 'red', username: 'ada', score: 1 } })
auth.api.updateUser({ body: { plan: 'free', image: null }, headers })
auth.api.getSession({ query: { disableCookieCache: true }, headers })
bare.api.ok()

const { plan, ...planless } = body
// @ts-expect-error `plan` is missing
auth.api.signUpEmail({ body: planless })
// @ts-expect-error not a plan
auth.api.signUpEmail({ body: { ...body, plan: 'gold' } })
// @ts-expect-error input: false
auth.api.signUpEmail({ body: { ...body, role: 'admin' } })
// @ts-expect-error no field of that name
auth.api.signUpEmail({ body: { ...body, colours: 'red' } })
// @ts-expect-error the schema takes a text and makes the date of it
auth.api.signUpEmail({ body: { ...body, born: new Date() } })
// @ts-expect-error the schema takes two colours
auth.api.signUpEmail({ body: { ...body, colour: 'green' } })
// @ts-expect-error a field that is not optional takes no null
auth.api.signUpEmail({ body: { ...body, plan: null } })
// @ts-expect-error an update changes to a plan that there is
auth.api.updateUser({ body: { plan: 'gold' }, headers })
// @ts-expect-error input: false, in an update too
auth.api.updateUser({ body: { role: 'admin' }, headers })
// @ts-expect-error `password` is missing
auth.api.signInEmail({ body: { email: '' } })
// @ts-expect-error the call cannot go without its body
auth.api.signInEmail()
// @ts-expect-error no such query
auth.api.getSession({ query: { disableCache: true }, headers })
// @ts-expect-error no such thing beside the input
auth.api.ok({ asRespons: true })
// @ts-expect-error no such call
auth.api.signUpFax({})
// @ts-expect-error calls are flat
auth.api.signUp.email({ body })
// @ts-expect-error the plugin is not there
bare.api.signInUsername({ body: { username: '', password: '' } })
// @ts-expect-error the other app has that field
bare.api.signUpEmail({ body: { name: '', email: '', password: '', plan: 'pro' } })

export { plan }
