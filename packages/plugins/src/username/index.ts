/**
 * User names beside e-mail addresses: sign-up takes one, sign-in accepts it.
 *
 * @example createAuth({ plugins: [username()], … })
 */
import { checkOptions, type Plugin } from '@keystile/core'
import { isUsernameAvailable } from './availability.ts'
import { usernameCodes } from './codes.ts'
import { usernameFields } from './fields.ts'
import { usernameHooks } from './hooks.ts'
import { type Rules, type UsernameOptions, usernameKinds, usernameRules } from './rules.ts'
import { signInUsername } from './sign-in.ts'

export type { UsernameOptions } from './rules.ts'

function usernameEndpoints(rules: Rules) {
  return { signInUsername: signInUsername(rules), isUsernameAvailable: isUsernameAvailable(rules) }
}

export interface UsernameEndpoints extends Readonly<ReturnType<typeof usernameEndpoints>> {}
type NoFields = Readonly<Record<never, never>>

export interface UsernamePlugin extends Plugin<'username', UsernameEndpoints, typeof usernameFields, NoFields> {}

/** The username plugin. */
export function username(options: UsernameOptions = {}): UsernamePlugin {
  checkOptions(options, usernameKinds, 'username()')
  const rules = usernameRules(options)
  const { displayUsername, ...nameOnly } = usernameFields
  const fields = options.displayUsername === false ? nameOnly : { ...nameOnly, displayUsername }
  const endpoints = usernameEndpoints(rules)
  const { isUsernameAvailable: _, ...withoutAvailability } = endpoints

  /** The stored form of whatever names a row is about to get. */
  async function normalise(data: Record<string, unknown>, creating: boolean) {
    const patch: Record<string, unknown> = {}
    if (typeof data.username === 'string') {
      if (data.username !== rules.normal(data.username) || creating) await rules.check(data.username, 400)
      patch.username = rules.normal(data.username)
      if (creating && options.displayUsername !== false) patch.displayUsername = data.displayUsername ?? data.username
    }
    if (typeof patch.displayUsername === 'string') patch.displayUsername = rules.normalDisplay(patch.displayUsername)
    return { data: patch }
  }

  return {
    id: 'username',
    endpoints: (options.availabilityCheck === false ? withoutAvailability : endpoints) as UsernameEndpoints,
    fields: { user: fields as typeof usernameFields },
    hooks: usernameHooks(rules, options),
    databaseHooks: {
      user: {
        create: { before: (data) => normalise(data, true) },
        update: { before: (data) => normalise(data, false) },
      },
    },
    errorCodes: usernameCodes,
  }
}
