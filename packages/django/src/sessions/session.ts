import { DjangoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import type { JoinedRow } from '../sql/joined.ts'
import type { DjangoVersion } from '../version.ts'
import { joinedLoads, type SessionEngine } from './engine.ts'
import { type Expiry, type ExpiryOptions, expiryOf, setExpiry } from './expiry.ts'
import type { JsonObject, JsonValue } from './json.ts'

/** A session of Django's, as `request.session` is there. */
export interface DjangoSession {
  get(key: string): JsonValue | undefined
  set(key: string, value: JsonValue): void
  /** Whether it was there. */
  delete(key: string): boolean
  has(key: string): boolean
  /** The value, which is deleted. */
  pop(key: string): JsonValue | undefined
  keys(): readonly string[]
  /** All of it. Whoever changes what lies deeper sets `modified`. */
  readonly data: Readonly<JsonObject>
  /** Of the stored session: `undefined` before the first save, after `flush`, and from `cycleKey` to the next save. */
  readonly key: string | undefined
  /** Whether there is something to save. */
  modified: boolean
  /** Whether it was stored since it was opened: then its cookie is to be sent. */
  readonly saved: boolean
  /** Neither stored nor holding anything. */
  readonly isEmpty: boolean
  /**
   * Seconds from each save, `0` for as long as the browser is open, a date, or `null` for the one of the settings.
   *
   * @throws {DjangoError} `UNREADABLE_EXPIRY`
   */
  setExpiry(expiry: number | Date | null): void
  /** When it would end if it were saved now. */
  readonly expiry: Expiry
  /** Drops the data and keeps the key. */
  clear(): void
  /** Drops the data and ends the stored session at once, whatever the answer will be. */
  flush(): Promise<void>
  /**
   * Takes a new key at the next save, which ends the old one. Where the old one is gone by then, that save is
   * interrupted; `'forgive'` goes on with a new session, as a sign-in may: its right does not come from the old one.
   */
  cycleKey(gone?: 'interrupt' | 'forgive'): void
  setTestCookie(): void
  testCookieWorked(): boolean
  deleteTestCookie(): void
  /**
   * Stores it now. Requests do it at their end.
   *
   * @throws {DjangoError} `SESSION_INTERRUPTED` (400) where it was ended meanwhile: it is not stored again
   */
  save(): Promise<void>
}

/** What a session is made with. */
export interface SessionSettings extends ExpiryOptions {
  readonly engine: SessionEngine
  readonly djangoVersion?: DjangoVersion | undefined
  readonly clock: Clock
}

/** Django's names for it. */
const TEST_COOKIE = 'testcookie'

/**
 * The session of a key, which is loaded, or a new one.
 *
 * @param key as the client sent it; where it is nobody's, the session is new
 * @param along a row that may be read with it
 */
export async function openSession(
  key: string | undefined,
  settings: SessionSettings,
  along?: JoinedRow | undefined,
): Promise<DjangoSession> {
  const loaded = key === undefined ? null : await loadBoth(key, settings.engine, along)
  return new Session(loaded ? key : undefined, loaded ?? emptyData(), settings)
}

/** Where that row cannot be read the session still can. */
function loadBoth(key: string, engine: SessionEngine, along: JoinedRow | undefined): Promise<JsonObject | null> {
  const joined = along && joinedLoads.get(engine)
  return joined ? joined(key, along).catch(() => engine.load(key)) : engine.load(key)
}

// Any name is a name here.
const emptyData = (): JsonObject => Object.create(null)

/** A class, for one is made with every request. */
class Session implements DjangoSession {
  modified = false
  readonly #settings: SessionSettings
  #key: string | undefined
  #data: JsonObject
  #cycling: 'interrupt' | 'forgive' | undefined
  #saved = false

  constructor(stored: string | undefined, data: JsonObject, settings: SessionSettings) {
    this.#key = stored
    this.#data = data
    this.#settings = settings
  }

  get(name: string): JsonValue | undefined {
    return this.#data[name]
  }

  set(name: string, value: JsonValue): void {
    this.#data[name] = value
    this.modified = true
  }

  delete(name: string): boolean {
    const there = this.has(name)
    delete this.#data[name]
    this.modified ||= there
    return there
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#data, name)
  }

  pop(name: string): JsonValue | undefined {
    const value = this.#data[name]
    this.delete(name)
    return value
  }

  keys(): readonly string[] {
    return Object.keys(this.#data)
  }

  get data(): Readonly<JsonObject> {
    return this.#data
  }

  get key(): string | undefined {
    return this.#cycling ? undefined : this.#key
  }

  get saved(): boolean {
    return this.#saved
  }

  get isEmpty(): boolean {
    return this.#key === undefined && Object.keys(this.#data).length === 0
  }

  setExpiry(expiry: number | Date | null): void {
    setExpiry(this.#data, expiry, this.#settings.djangoVersion)
    this.modified = true
  }

  get expiry(): Expiry {
    return expiryOf(this.#data, this.#settings, this.#settings.clock())
  }

  clear(): void {
    this.#data = emptyData()
    this.modified = true
  }

  async flush(): Promise<void> {
    this.clear()
    this.#cycling = undefined
    const ended = this.#key
    this.#key = undefined
    if (ended !== undefined) await this.#settings.engine.remove(ended)
  }

  cycleKey(gone: 'interrupt' | 'forgive' = 'interrupt'): void {
    // One that must not go on without its old key does not begin to.
    if (this.#key !== undefined && this.#cycling !== 'interrupt') this.#cycling = gone
    this.modified = true
  }

  setTestCookie(): void {
    this.set(TEST_COOKIE, 'worked')
  }

  testCookieWorked(): boolean {
    return this.#data[TEST_COOKIE] === 'worked'
  }

  deleteTestCookie(): void {
    this.delete(TEST_COOKIE)
  }

  async save(): Promise<void> {
    const now = await this.#store(this.expiry)
    if (now === null) {
      throw new DjangoError('SESSION_INTERRUPTED', 'the session was ended while the request was under way')
    }
    this.#key = now
    this.#cycling = undefined
    this.modified = false
    this.#saved = true
  }

  async #store(expiry: Expiry): Promise<string | null> {
    const { engine } = this.#settings
    if (this.#key === undefined) return engine.create(this.#data, expiry)
    if (this.#cycling === undefined) return engine.save(this.#key, this.#data, expiry)
    const replaced = await engine.replace(this.#key, this.#data, expiry)
    return replaced === null && this.#cycling === 'forgive' ? engine.create(this.#data, expiry) : replaced
  }
}
