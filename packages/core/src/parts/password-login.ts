/** What logins with a name and a password have in common: who it is, checked as everywhere, with one answer to all failures. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { type SchemeApp, startProblem } from '../contract/scheme.ts'
import type { Domain } from '../domain/domain.ts'
import { canonicalEmail } from '../domain/email.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Needed } from '../domain/records.ts'
import { apiError } from '../lib/errors.ts'
import { call, schema, text } from '../lib/kinds.ts'
import { UnstorableValue } from '../store/store.ts'
import type { JwtUser } from './jwt/options.ts'
import { checkUnique } from './jwt/users.ts'
import { noAuth } from './no-auth.ts'

export interface LoginCredentials {
  readonly username: string
  readonly password: string
  /** `false`: a session ends with the browser. */
  readonly remember?: boolean | undefined
}

/** How a login finds out who it is. */
export interface LoginOptions<B extends StandardSchemaV1> {
  /** The unique field of users that the name is looked up in. Default `email`. */
  readonly usernameField?: string | undefined
  /** A last word on who may come in, once the password was right; `false` is answered as a wrong one. */
  readonly check?: ((user: JwtUser) => boolean | Promise<boolean>) | undefined
  /** Default `{ username, password }`, both texts. */
  readonly bodySchema?: B | undefined
  /** Credentials from the body. */
  readonly convertAuthPayload?:
    | ((body: StandardSchemaV1.InferOutput<B>, exchange: Exchange) => LoginCredentials | Promise<LoginCredentials>)
    | undefined
}

/** What each of them holds. */
export const loginKinds = { usernameField: text, check: call, bodySchema: schema, convertAuthPayload: call }

export const credentialsBody = v.object({ username: v.string(), password: v.string() })

/** What a login answers that opens a session. */
export const loginReply = v.object({ user_id: v.string() })

/** What unknown, wrong and refused are all answered with. */
export const notAuthenticated = { code: 'UNAUTHORIZED', message: 'Not authenticated', status: 401 }

export type Enter<T> = (user: JwtUser, needs: Needed, credentials: LoginCredentials) => Promise<T | null>
export type PasswordLogin = <T>(body: unknown, exchange: Exchange, enter: Enter<T>) => Promise<T>

/** @throws ConfigError for what the app lacks. */
export function passwordLogin<B extends StandardSchemaV1>(
  owner: string,
  options: LoginOptions<B>,
  { domain }: SchemeApp,
): { readonly domain: Domain; readonly login: PasswordLogin } {
  if (!domain) throw noAuth(owner)
  if (!domain.settings.emailAndPassword.enabled) throw noPasswords(owner)
  const { check, usernameField: field = 'email' } = options
  const convert = (options.convertAuthPayload ?? asItIs) as (body: unknown, exchange: Exchange) => LoginCredentials
  checkUnique(owner, field, domain)

  const login: PasswordLogin = async (body, exchange, enter) => {
    const credentials = await convert(body, exchange)
    const { username, password } = credentials
    if (typeof username !== 'string' || typeof password !== 'string') {
      throw new TypeError('convertAuthPayload gave no username and password')
    }
    const where = { [field]: field === 'email' ? canonicalEmail(username) : username }
    try {
      return await domain.withPassword({ exchange, where, password, refusal: notAuthenticated }, async (row, needs) => {
        const user = row as JwtUser
        if (check && !(await check(user))) throw apiError(notAuthenticated)
        return enter(user, needs, credentials)
      })
    } catch (error) {
      // A name that no column can hold is nobody's.
      throw error instanceof UnstorableValue ? apiError(notAuthenticated) : error
    }
  }
  return { domain, login }
}

const asItIs = (body: unknown) => body

const noPasswords = (owner: string) =>
  startProblem(owner, {
    code: 'LOGIN_WITHOUT_PASSWORDS',
    message: 'nobody has a password to log in with',
    seen: 'emailAndPassword is not enabled',
    expected: 'emailAndPassword: { enabled: true }',
    fix: 'createAuth({ emailAndPassword: { enabled: true }, … })',
  })
