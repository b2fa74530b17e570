/** Where sessions are kept. */
import type { Clock } from '../primitives/clock.ts'
import type { Random } from '../primitives/random.ts'
import type { SqlDriver } from '../sql/driver.ts'
import type { JoinedRow } from '../sql/joined.ts'
import type { SessionCodec } from './codec.ts'
import type { Expiry } from './expiry.ts'
import type { JsonObject } from './json.ts'

/** What every store of sessions can do. Keys come from clients: whatever text they are, the answer is a value. */
export interface SessionEngine {
  /** The data of a live session; `null` where there is none, and then the key is dropped, never adopted. */
  load(key: string): Promise<JsonObject | null>
  /** Stores a new session and gives its key, which was nobody's before. */
  create(data: JsonObject, expiry: Expiry): Promise<string>
  /** The key from now on; `null` where the session is gone, and then nothing is stored: what ended stays ended. */
  save(key: string, data: JsonObject, expiry: Expiry): Promise<string | null>
  /** Stores the data under a new key and ends the old one, both or neither; `null` where the old one is gone. */
  replace(key: string, data: JsonObject, expiry: Expiry): Promise<string | null>
  /** Ends the session at once. */
  remove(key: string): Promise<void>
}

/**
 * How the data of a session is loaded with a row of the same database, by the engines that can. Beside the engine, not
 * in it: one that an app has made of another, with a `load` of its own, is asked for that.
 */
export const joinedLoads = new WeakMap<SessionEngine, (key: string, along: JoinedRow) => Promise<JsonObject | null>>()

/** What an engine is made of. `django()` gives it. */
export interface EngineParts {
  readonly driver: SqlDriver
  readonly sessionTable: string
  /** Of the column `session_data`. */
  readonly rowCodec: SessionCodec
  /** Of cookies that hold the whole session. */
  readonly cookieCodec: SessionCodec
  readonly cookieName: string
  /** The zone of Django's dates where `USE_TZ` is off, else `UTC`. */
  readonly databaseTimeZone: string
  readonly clock: Clock
  readonly random: Random
  /** Told what an operator should know. It never holds a key or data of a session. */
  readonly warn: (message: string) => void
}

/** Makes an engine. */
export type EngineMaker = (parts: EngineParts) => SessionEngine

/**
 * Whether a key is looked up: what fits the column, in printable characters. Databases differ in what they make of
 * others, and some of them fail.
 */
export function isLookedUp(key: string): boolean {
  return /^[\x21-\x7e]{8,40}$/.test(key)
}
