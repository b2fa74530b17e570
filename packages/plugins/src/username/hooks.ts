/** Names are judged before sign-up and update-user; the database hooks judge them on every other way in. */
import { apiError, type BeforeContext, type Hook } from '@keystile/core'
import { usernameCodes } from './codes.ts'
import { type NamedUser, userNamed } from './owner.ts'
import type { Rules, UsernameOptions } from './rules.ts'

interface Names {
  readonly username?: unknown
  readonly displayUsername?: unknown
}

export function usernameHooks(rules: Rules, options: UsernameOptions): readonly Hook[] {
  /** Refuses a name that may not be one, or is another user's. */
  async function judge({ domain }: BeforeContext, names: Names, own?: NamedUser): Promise<void> {
    if (names.username === null && options.immutableUsername && own?.username) {
      throw apiError(usernameCodes.USERNAME_IS_IMMUTABLE)
    }
    if (typeof names.username === 'string') {
      await rules.check(names.username, 400)
      const normal = rules.normal(names.username)
      if (options.immutableUsername && own?.username && own.username !== normal) {
        throw apiError(usernameCodes.USERNAME_IS_IMMUTABLE)
      }
      const owner = await userNamed(domain, normal)
      if (owner && owner.id !== own?.id) throw apiError(usernameCodes.USERNAME_IS_ALREADY_TAKEN)
    }
    if (typeof names.displayUsername === 'string') await rules.checkDisplay(names.displayUsername)
  }

  return [
    {
      at: '/sign-up/email',
      async before(context) {
        const given = namesOf(context.body)
        const borrowed =
          given.username === undefined &&
          typeof given.displayUsername === 'string' &&
          (await rules.isValid(given.displayUsername))
        const names: Names = borrowed ? { ...given, username: given.displayUsername } : given
        await judge(context, names)
        if (typeof names.username !== 'string') return undefined
        const display =
          options.displayUsername === false ? {} : { displayUsername: given.displayUsername ?? names.username }
        return { context: { body: { username: names.username, ...display } } }
      },
    },
    {
      at: '/update-user',
      async before(context) {
        const names = namesOf(context.body)
        if (names.username === undefined && names.displayUsername === undefined) return
        const current = await context.domain.sessions.read(context.exchange)
        if (current) await judge(context, names, current.user as NamedUser)
      },
    },
  ]
}

function namesOf(body: unknown): Names {
  return typeof body === 'object' && body !== null ? body : {}
}
