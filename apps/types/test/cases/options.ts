/** What `createAuth` and plugins refuse, where it is written. */
import { createAuth, type Options } from '@keystile/core'
import { username } from '@keystile/plugins/username'

const common = { database: ':memory:' } as const

createAuth({
  ...common,
  user: { fields: { email: 'mail', age: 'years' }, additionalFields: { age: { type: 'number' } } },
})
createAuth({ ...common, user: { fields: { username: 'handle' } }, plugins: [username({ minUsernameLength: 5 })] })
createAuth({ ...common, session: { fields: { userAgent: 'agent' } }, account: { fields: { scope: 'scopes' } } })

/** An app's own wrapper: typed options are options, whatever their rows. */
export function made(options: Partial<Options>) {
  return createAuth({ ...common, ...options })
}
made({ databaseHooks: { user: { create: { after: (user) => user.email } } } })

// @ts-expect-error no such option
createAuth({ ...common, emailAndPasword: { enabled: true } })
// @ts-expect-error no such option of the group
createAuth({ ...common, emailAndPassword: { enable: true } })
// @ts-expect-error seconds are a number
createAuth({ ...common, session: { expiresIn: '3 days' } })
// @ts-expect-error the database is missing
createAuth({ emailAndPassword: { enabled: true } })
// @ts-expect-error no such option of the plugin
createAuth({ ...common, plugins: [username({ minUsernameLenght: 5 })] })
// @ts-expect-error the factory is not the plugin
createAuth({ ...common, plugins: [username] })
// @ts-expect-error no such option of a field
createAuth({ ...common, user: { additionalFields: { age: { type: 'number', requird: false } } } })
// @ts-expect-error no such option of a session's field
createAuth({ ...common, session: { additionalFields: { device: { type: 'string', return: false } } } })
// @ts-expect-error no such type of a field
createAuth({ ...common, user: { additionalFields: { age: { type: 'integer' } } } })
// @ts-expect-error no field of that name to rename
createAuth({ ...common, user: { fields: { emial: 'mail' } } })
// @ts-expect-error that field comes with a plugin that is not there
createAuth({ ...common, user: { fields: { username: 'handle' } } })
// @ts-expect-error no field of that name in an account
createAuth({ ...common, account: { fields: { scopes: 'scope' } } })
