/** The options of `createAuth`. Names are the protocol's; times are seconds unless a name says otherwise. */
import type { AccountRow, VerificationRow } from '../domain/model.ts'
import type { CookieCacheSettings, MailUser, PasswordSettings } from '../domain/settings.ts'
import type { CookieAttributes } from '../lib/cookies.ts'
import type { Clock, Env, Logger } from '../lib/environment.ts'
import type { Random } from '../lib/random.ts'
import type { Database } from '../store/open.ts'
import type { Field, Fields } from '../store/table.ts'
import type { AppListeners } from './events.ts'
import type { AppHooks } from './hook.ts'
import type { BaseUser } from './model.ts'
import type { AnyPlugin, RateLimitRule } from './plugin.ts'
import type { DatabaseHooks } from './row-hooks.ts'
import type { AppTypes } from './rows.ts'

type Awaitable<T> = T | Promise<T>

/** What a misspelt option of a field would have to be: nothing is, so it is an error where it stands. */
export interface NoSuchFieldOption {
  readonly '~never': never
}
type OnlyKnown<F extends Fields> = {
  readonly [K in keyof F]: { readonly [W in Exclude<keyof F[K], keyof Field>]: NoSuchFieldOption }
}

/** Renames a table or its columns and adds fields. `Name` are the names of its fields. */
export interface TableChange<F extends Fields = Fields, Name extends PropertyKey = string> {
  readonly modelName?: string | undefined
  /** Column names by field. */
  readonly fields?: { readonly [K in Exclude<Name, 'id'>]?: string | undefined } | undefined
  readonly additionalFields?: (F & OnlyKnown<NoInfer<F>>) | undefined
}

/** A public URL taken from each request, for the hosts listed. */
export interface DynamicBaseURL {
  /** Host names, `*` and `?` allowed. */
  readonly allowedHosts: readonly string[]
  /** Used where a request's host is not listed; without it such a request is refused. */
  readonly fallback?: string | undefined
  readonly protocol?: 'http' | 'https' | 'auto' | undefined
}

/** One secret of a rotation; the first of the list signs, all verify. */
export interface Secret {
  readonly version: number
  readonly value: string
}

type SendMail = (data: MailUser, request: Request | undefined) => unknown

export interface EmailAndPasswordOptions {
  /** Default `false`. */
  readonly enabled?: boolean | undefined
  readonly disableSignUp?: boolean | undefined
  /** Users sign in only once their address is verified. */
  readonly requireEmailVerification?: boolean | undefined
  /** Sign-up opens a session; default `true`. */
  readonly autoSignIn?: boolean | undefined
  /** UTF-16 units; default 8. */
  readonly minPasswordLength?: number | undefined
  /** UTF-16 units; default 128. */
  readonly maxPasswordLength?: number | undefined
  /** Told when somebody signs up with a taken address while the answer does not say so. */
  readonly onExistingUserSignUp?:
    | ((data: { readonly user: BaseUser }, request: Request | undefined) => unknown)
    | undefined
  /** Builds the user of that answer. */
  readonly customSyntheticUser?: PasswordSettings['customSyntheticUser']
  /** Takes the place of our hashing (argon2id). */
  readonly password?:
    | {
        readonly hash?: ((password: string) => Promise<string>) | undefined
        readonly verify?: ((data: { readonly hash: string; readonly password: string }) => Promise<boolean>) | undefined
      }
    | undefined
}

export interface EmailVerificationOptions {
  readonly sendVerificationEmail?: SendMail | undefined
  /** Default: `emailAndPassword.requireEmailVerification`. */
  readonly sendOnSignUp?: boolean | undefined
  readonly sendOnSignIn?: boolean | undefined
  /** Life of the mailed token; default 3600. */
  readonly expiresIn?: number | undefined
}

export interface SessionOptions<F extends Fields = Fields, Name extends PropertyKey = string>
  extends TableChange<F, Name> {
  /** Default 7 days. */
  readonly expiresIn?: number | undefined
  /** Age after which a used session is extended; default 1 day, 0 at every read. */
  readonly updateAge?: number | undefined
  /** How long a session counts as fresh; default 1 day, 0 for ever. */
  readonly freshAge?: number | undefined
  /** The end no use can pass, from creation; default 90 days. */
  readonly absoluteExpiresIn?: number | false | undefined
  readonly disableSessionRefresh?: boolean | undefined
  /** Reads never write: the client refreshes with a POST when told to. */
  readonly deferSessionRefresh?: boolean | undefined
  /** How tokens rest: hashed, or in clear to run beside a server that expects that. */
  readonly storeToken?: 'hashed' | 'plain' | undefined
  readonly cookieCache?:
    | {
        readonly enabled?: boolean | undefined
        /** How long a copy is trusted without asking the store; default 300. */
        readonly maxAge?: number | undefined
        readonly strategy?: 'compact' | undefined
        readonly version?: CookieCacheSettings['version'] | undefined
      }
    | undefined
}

export interface VerificationOptions extends TableChange<Fields, keyof VerificationRow> {
  /** Expired rows stay until something else removes them. */
  readonly disableCleanup?: boolean | undefined
}

export type RateLimitCustomRule =
  | RateLimitRule
  | false
  | ((request: Request, rule: RateLimitRule) => Awaitable<RateLimitRule | false>)

export interface RateLimitOptions {
  /** Default: in production. Limits per account hold always. */
  readonly enabled?: boolean | undefined
  /** Default 10. */
  readonly window?: number | undefined
  /** Default 100. */
  readonly max?: number | undefined
  /** Rules by path, `*` for one segment; `false` lifts the limit. */
  readonly customRules?: { readonly [path: string]: RateLimitCustomRule } | undefined
  readonly storage?: 'memory' | 'database' | undefined
  readonly customStorage?:
    | {
        consume(key: string, rule: RateLimitRule): Promise<{ readonly allowed: boolean; readonly retryAfter: number }>
      }
    | undefined
  readonly modelName?: string | undefined
  readonly fields?: { readonly [field: string]: string } | undefined
}

export interface AdvancedOptions {
  readonly ipAddress?:
    | {
        readonly ipAddressHeaders?: readonly string[] | undefined
        readonly disableIpTracking?: boolean | undefined
        /** Prefix length that makes one client of IPv6 addresses; default 64. */
        readonly ipv6Subnet?: number | undefined
        /** Addresses and CIDR ranges whose forwarded headers count. */
        readonly trustedProxies?: readonly string[] | undefined
      }
    | undefined
  readonly useSecureCookies?: boolean | undefined
  /** Default `better-auth`, so that existing cookies and clients go on. */
  readonly cookiePrefix?: string | undefined
  readonly cookies?:
    | {
        readonly [name: string]: {
          readonly name?: string | undefined
          readonly attributes?: CookieAttributes | undefined
        }
      }
    | undefined
  readonly defaultCookieAttributes?: CookieAttributes | undefined
  readonly crossSubDomainCookies?: { readonly enabled: boolean; readonly domain?: string | undefined } | undefined
  readonly disableCSRFCheck?: boolean | undefined
  /** `true`, or the paths whose callback URLs are not checked. */
  readonly disableOriginCheck?: boolean | readonly string[] | undefined
  readonly trustedProxyHeaders?: boolean | undefined
  readonly skipTrailingSlashes?: boolean | undefined
  /** Bytes of the largest body taken; default 1 MiB. */
  readonly maxBodySize?: number | undefined
  readonly database?:
    | {
        readonly generateId?:
          | 'uuid'
          | 'serial'
          | false
          | ((options: { readonly model: string; readonly size?: number | undefined }) => string | false)
          | undefined
      }
    | undefined
  /** Given work that goes on after the answer, e.g. a runtime's `waitUntil`. */
  readonly backgroundTasks?: { readonly handler: (task: Promise<unknown>) => void } | undefined
}

/** Options of `createAuth`. `P` are the plugins, `U` and `S` the fields the app adds to user and session. */
export interface Options<
  P extends readonly AnyPlugin[] = readonly AnyPlugin[],
  U extends Fields = Fields,
  S extends Fields = Fields,
> {
  readonly appName?: string | undefined
  /**
   * `':memory:'`, a file (embedded SQLite, made and migrated on first use), a drizzle instance with its schema, or
   * `memoryAdapter(rows)` of `@keystile/core/memory`.
   */
  readonly database: Database
  /** At least 32 characters; `env.KEYSTILE_SECRET` by default. A missing one is an error in production. */
  readonly secret?: string | undefined
  /** Several secrets in a row, newest first: cookies under an older one are taken and re-issued. */
  readonly secrets?: readonly Secret[] | undefined
  /** The public origin, with a path where the base path is another; `env.KEYSTILE_URL` by default. */
  readonly baseURL?: string | DynamicBaseURL | undefined
  /** Default `/api/auth`. */
  readonly basePath?: string | undefined
  readonly trustedOrigins?:
    | readonly (string | null | undefined | false)[]
    | ((request?: Request) => Awaitable<readonly (string | null | undefined | false)[] | undefined>)
    | undefined
  readonly disabledPaths?: readonly string[] | undefined
  readonly emailAndPassword?: EmailAndPasswordOptions | undefined
  readonly emailVerification?: EmailVerificationOptions | undefined
  readonly user?: TableChange<U, keyof NoInfer<AppTypes<P, U, S>['rows']>['user']> | undefined
  readonly session?: SessionOptions<S, keyof NoInfer<AppTypes<P, U, S>['rows']>['session']> | undefined
  readonly account?: TableChange<Fields, keyof AccountRow> | undefined
  readonly verification?: VerificationOptions | undefined
  readonly rateLimit?: RateLimitOptions | undefined
  readonly advanced?: AdvancedOptions | undefined
  readonly plugins?: P | undefined
  /** Around every endpoint. */
  readonly hooks?: NoInfer<AppHooks<AppTypes<P, U, S>['rows']>> | undefined
  /** Around every write of these tables, whatever endpoint or plugin makes it. */
  readonly databaseHooks?: NoInfer<DatabaseHooks<AppTypes<P, U, S>['rows']>> | undefined
  /** Told of what has happened, once it is done; nothing waits for them. */
  readonly events?: NoInfer<AppListeners<AppTypes<P, U, S>['rows']>> | undefined
  readonly onAPIError?:
    | {
        /** Rethrow instead of answering. */
        readonly throw?: boolean | undefined
        readonly onError?: ((error: unknown) => unknown) | undefined
        readonly errorURL?: string | undefined
      }
    | undefined
  readonly logger?:
    | {
        readonly disabled?: boolean | undefined
        readonly level?: 'debug' | 'info' | 'warn' | 'error' | undefined
        readonly log?: ((level: keyof Logger, message: string, details?: unknown) => void) | undefined
      }
    | undefined
  /** `strict` turns on what the wire does not allow by default. */
  readonly preset?: 'strict' | undefined
  /** Default from `env`; unknown means production. */
  readonly production?: boolean | undefined
  readonly env?: Env | undefined
  readonly clock?: Clock | undefined
  /** For what is fetched from elsewhere, e.g. the keys of a token's issuer. Default: the platform's. */
  readonly fetch?: typeof fetch | undefined
  readonly random?: Random | undefined
  /** Accepted for the protocol's sake: nothing is ever sent. */
  readonly telemetry?: object | undefined
}
