import { type Auth, createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { describe, expectTypeOf, it } from 'vitest'

const common = {
  database: ':memory:',
  secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
  baseURL: 'http://localhost:3000',
} as const

const bare = createAuth({ ...common, emailAndPassword: { enabled: true } })

const rich = createAuth({
  ...common,
  user: {
    additionalFields: {
      plan: { type: ['free', 'pro'], required: true },
      age: { type: 'number', required: false },
      score: { type: 'number', defaultValue: 0 },
      role: { type: 'string', input: false, defaultValue: 'user' },
      secretNote: { type: 'string', required: false, returned: false },
    },
  },
  session: { additionalFields: { device: { type: 'string', required: false } } },
  plugins: [username()],
})

type RichUser = (typeof rich)['$Infer']['Session']['user']
type RichSession = (typeof rich)['$Infer']['Session']['session']

describe('the types of an app', () => {
  it('name the core rows', () => {
    expectTypeOf(bare).toEqualTypeOf<Auth>()
    expectTypeOf<(typeof bare)['$Infer']['Session']['user']['email']>().toEqualTypeOf<string>()
    expectTypeOf(bare.getSession).returns.resolves.toEqualTypeOf<(typeof bare)['$Infer']['Session'] | null>()
  })

  it('show additional fields of the app and of plugins', () => {
    expectTypeOf<RichUser['plan']>().toEqualTypeOf<'free' | 'pro'>()
    expectTypeOf<RichUser['age']>().toEqualTypeOf<number | null>()
    expectTypeOf<RichUser['role']>().toEqualTypeOf<string>()
    expectTypeOf<RichUser['username']>().toEqualTypeOf<string | null>()
    expectTypeOf<RichUser>().not.toHaveProperty('secretNote')
    expectTypeOf<RichSession['device']>().toEqualTypeOf<string | null>()
  })

  it('type the server calls', () => {
    type SignUp = Parameters<typeof rich.api.signUpEmail>[0]
    expectTypeOf<SignUp['body']['plan']>().toEqualTypeOf<'free' | 'pro'>()
    const call = () => [
      rich.api.signUpEmail({ body: { name: 'A', email: 'a@b.co', password: 'password1', plan: 'free', age: 3 } }),
      // @ts-expect-error a required field is missing
      rich.api.signUpEmail({ body: { name: 'A', email: 'a@b.co', password: 'password1' } }),
      // @ts-expect-error not one of the literals
      rich.api.signUpEmail({ body: { name: 'A', email: 'a@b.co', password: 'password1', plan: 'gold' } }),
      // @ts-expect-error clients may not set it
      rich.api.signUpEmail({ body: { name: 'A', email: 'a@b.co', password: 'password1', plan: 'pro', role: 'admin' } }),
      // @ts-expect-error no such call
      rich.api.signUpFax({}),
      // @ts-expect-error the plugin is not there
      bare.api.signInUsername({ body: { username: 'a', password: 'b' } }),
      rich.api.signInUsername({ body: { username: 'a', password: 'b' } }),
      rich.api.updateUser({ body: { plan: 'free' }, headers: new Headers() }),
      bare.api.ok(),
      bare.api.getSession({ headers: new Headers(), query: { disableCookieCache: true } }),
    ]
    expectTypeOf(call).toBeFunction()
  })

  it('refuse unknown options', () => {
    const call = () => [
      // @ts-expect-error no such option
      createAuth({ ...common, emailAndPasword: { enabled: true } }),
      // @ts-expect-error no such option of the group
      createAuth({ ...common, emailAndPassword: { enable: true } }),
    ]
    expectTypeOf(call).toBeFunction()
  })
})
