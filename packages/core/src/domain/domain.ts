/** Everything the rules offer to endpoints, schemes and plugins, made once by `createAuth`. */
import type { Clock, Logger } from '../lib/environment.ts'
import type { Random } from '../lib/random.ts'
import type { Store } from '../store/store.ts'
import type { Accounts } from './accounts.ts'
import type { MakeCookie } from './cookies.ts'
import type { Tell } from './events.ts'
import type { Exchange } from './exchange.ts'
import type { InputParser } from './input.ts'
import type { Mail } from './mail.ts'
import type { SessionRow, Tables, UserRow } from './model.ts'
import type { Output } from './output.ts'
import type { Passwords } from './passwords/index.ts'
import type { RecordsOf } from './records.ts'
import type { Sessions } from './sessions.ts'
import type { Settings } from './settings.ts'
import type { PasswordEntry, PasswordSignIn } from './sign-in.ts'
import type { SignUp } from './sign-up.ts'
import type { Throttle } from './throttle.ts'

export interface Domain {
  readonly settings: Settings
  readonly tables: Tables
  readonly store: Store
  /** Writes with the app's `databaseHooks` around them. */
  readonly records: RecordsOf
  readonly sessions: Sessions
  readonly passwords: Passwords
  readonly accounts: Accounts
  readonly throttle: Throttle
  /** What a password opens beside sessions. */
  readonly withPassword: PasswordEntry
  readonly signIn: PasswordSignIn
  readonly signUp: SignUp
  readonly mail: Mail
  /** Tells the listeners of what has happened. */
  readonly tell: Tell
  readonly input: { readonly user: InputParser; readonly session: InputParser }
  readonly output: { readonly user: Output<UserRow>; readonly session: Output<SessionRow> }
  readonly makeCookie: MakeCookie
  /** The public URL of a path under the base path, e.g. `/verify-email`. */
  readonly url: (exchange: Exchange, path: string) => string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}
