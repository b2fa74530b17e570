/** A plugin of the app's own: its calls and fields are seen, by name or written in place. */
import { createAuth, endpoint, type Plugin, userOut } from '@keystile/core'
import { expectTypeOf } from 'expect-type'
import * as v from 'valibot'

const endpoints = {
  greet: endpoint(
    {
      method: 'POST',
      path: '/greet',
      access: 'session',
      summary: 'Greet the caller',
      body: v.object({ loud: v.optional(v.boolean()), words: v.picklist(['hello', 'good day']) }),
      reply: v.object({ text: v.string(), user: userOut }),
    },
    ({ body, session, domain }) => {
      expectTypeOf(body.words).toEqualTypeOf<'hello' | 'good day'>()
      // @ts-expect-error no such field of the body
      body.word
      return { text: body.words, user: domain.output.user(session.user) }
    },
  ),
}
const userFields = { greeting: { type: 'string', required: false } } as const
interface GreetEndpoints extends Readonly<typeof endpoints> {}
interface GreetPlugin extends Plugin<'greet', GreetEndpoints, typeof userFields, Readonly<Record<never, never>>> {}
const greet = (): GreetPlugin => ({ id: 'greet', endpoints, fields: { user: userFields } })

const byName = createAuth({ database: ':memory:', plugins: [greet()] })
const inPlace = createAuth({
  database: ':memory:',
  plugins: [{ id: 'greet', endpoints, fields: { user: userFields } }],
})
expectTypeOf(inPlace.api.greet).toEqualTypeOf(byName.api.greet)
expectTypeOf<typeof inPlace.$Infer>().toEqualTypeOf<typeof byName.$Infer>()
const said = byName.api.greet({ body: { words: 'hello' } })
expectTypeOf(said).resolves.toHaveProperty('text').toEqualTypeOf<string>()
expectTypeOf(said).resolves.toHaveProperty('user').toHaveProperty('greeting').toEqualTypeOf<string | null>()
// @ts-expect-error not one of the words
byName.api.greet({ body: { words: 'ahoy' } })
// @ts-expect-error not one of the words
inPlace.api.greet({ body: { words: 'ahoy' } })
// @ts-expect-error the body is missing
byName.api.greet({})
expectTypeOf<typeof byName.$Infer.Session.user.greeting>().toEqualTypeOf<string | null>()
// @ts-expect-error a plugin has an id
createAuth({ database: ':memory:', plugins: [{ endpoints }] })

// Plugins known only as such add nothing that could be named.
const some: readonly Plugin[] = []
const unknown = createAuth({ database: ':memory:', plugins: some })
expectTypeOf<keyof typeof unknown.api>().toEqualTypeOf<keyof ReturnType<typeof createAuth>['api']>()
