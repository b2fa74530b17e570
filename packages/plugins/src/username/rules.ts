/** What a user name may be, and the form in which it is stored. */
import { APIError, apiError, kinds } from '@keystile/core'
import { usernameCodes } from './codes.ts'

export type Order = 'pre-normalization' | 'post-normalization'

export interface UsernameOptions {
  /** UTF-16 units; default 3. */
  readonly minUsernameLength?: number | undefined
  /** UTF-16 units; default 30. */
  readonly maxUsernameLength?: number | undefined
  /** Default: letters, digits, `_` and `.`. */
  readonly usernameValidator?: ((username: string) => boolean | Promise<boolean>) | undefined
  readonly displayUsernameValidator?: ((displayUsername: string) => boolean | Promise<boolean>) | undefined
  /** Default: lower case; `false` stores names as typed. */
  readonly usernameNormalization?: ((username: string) => string) | false | undefined
  readonly displayUsernameNormalization?: ((displayUsername: string) => string) | false | undefined
  /** Whether names are judged before or after they are normalised. */
  readonly validationOrder?:
    | { readonly username?: Order | undefined; readonly displayUsername?: Order | undefined }
    | undefined
  /** A name once set stays. */
  readonly immutableUsername?: boolean | undefined
  /** Keep the name as typed beside the stored one; default `true`. */
  readonly displayUsername?: boolean | undefined
  /** `false` takes `/is-username-available` away: it tells strangers which names exist. */
  readonly availabilityCheck?: boolean | undefined
}

const { call, either, flag, group, number, oneOf } = kinds
const order = oneOf('pre-normalization', 'post-normalization')

/** What each of them holds. */
export const usernameKinds: kinds.Members<UsernameOptions> = {
  minUsernameLength: number,
  maxUsernameLength: number,
  usernameValidator: call,
  displayUsernameValidator: call,
  usernameNormalization: either(call, oneOf(false)),
  displayUsernameNormalization: either(call, oneOf(false)),
  validationOrder: group<NonNullable<UsernameOptions['validationOrder']>>({ username: order, displayUsername: order }),
  immutableUsername: flag,
  displayUsername: flag,
  availabilityCheck: flag,
}

export interface Rules {
  /** The stored form of a name. */
  readonly normal: (username: string) => string
  readonly normalDisplay: (displayUsername: string) => string
  /** Throws when a name may not be one; `status` where the codes go out under another than their own. */
  check(username: string, status?: number): Promise<void>
  /** As `check`, at sign-in: there the explicit order means the other form. */
  checkAtSignIn(username: string): Promise<void>
  checkDisplay(displayUsername: string): Promise<void>
  isValid(username: string): Promise<boolean>
}

const letters = /^[a-zA-Z0-9_.]+$/
const same = (text: string) => text

export function usernameRules(options: UsernameOptions): Rules {
  const { minUsernameLength = 3, maxUsernameLength = 30, usernameValidator, displayUsernameValidator } = options
  const order = options.validationOrder ?? {}
  const normal =
    options.usernameNormalization === false ? same : (options.usernameNormalization ?? ((name) => name.toLowerCase()))
  const normalDisplay = options.displayUsernameNormalization || same
  const accepts = usernameValidator ?? ((name: string) => letters.test(name))

  async function judge(name: string, status?: number): Promise<void> {
    if (name.length < minUsernameLength) throw apiError(usernameCodes.USERNAME_TOO_SHORT, status)
    if (name.length > maxUsernameLength) throw apiError(usernameCodes.USERNAME_TOO_LONG, status)
    if (!(await accepts(name))) throw apiError(usernameCodes.INVALID_USERNAME, status)
  }

  return {
    normal,
    normalDisplay,
    check: (name, status) => judge(order.username === 'post-normalization' ? normal(name) : name, status),
    checkAtSignIn: (name) => judge(order.username === 'pre-normalization' ? normal(name) : name),
    async checkDisplay(name) {
      const judged = order.displayUsername === 'post-normalization' ? normalDisplay(name) : name
      if (displayUsernameValidator && !(await displayUsernameValidator(judged))) {
        throw apiError(usernameCodes.INVALID_DISPLAY_USERNAME)
      }
    },
    async isValid(name) {
      try {
        await judge(order.username === 'post-normalization' ? normal(name) : name)
        return true
      } catch (error) {
        if (error instanceof APIError) return false
        throw error
      }
    },
  }
}
