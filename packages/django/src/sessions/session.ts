import { DjangoError } from '../errors.ts'
import type { Clock } from '../primitives/clock.ts'
import type { DjangoVersion } from '../version.ts'
import type { SessionEngine } from './engine.ts'
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
 */
export async function openSession(key: string | undefined, settings: SessionSettings): Promise<DjangoSession> {
  const loaded = key === undefined ? null : await settings.engine.load(key)
  return makeSession(loaded ? key : undefined, loaded ?? emptyData(), settings)
}

// Whole numbers among the keys of a plain object would move to the front; and any name is a name here.
const emptyData = (): JsonObject => Object.create(null)

function makeSession(stored: string | undefined, loaded: JsonObject, settings: SessionSettings): DjangoSession {
  const { engine, clock, djangoVersion } = settings
  let key = stored
  let data = loaded
  let cycling: 'interrupt' | 'forgive' | undefined
  let saved = false

  async function store(expiry: Expiry): Promise<string | null> {
    if (key === undefined) return engine.create(data, expiry)
    if (cycling === undefined) return engine.save(key, data, expiry)
    const replaced = await engine.replace(key, data, expiry)
    return replaced === null && cycling === 'forgive' ? engine.create(data, expiry) : replaced
  }

  const session: DjangoSession = {
    modified: false,
    get: (name) => data[name],
    set(name, value) {
      data[name] = value
      session.modified = true
    },
    delete(name) {
      const there = session.has(name)
      delete data[name]
      session.modified ||= there
      return there
    },
    has: (name) => Object.hasOwn(data, name),
    pop(name) {
      const value = data[name]
      session.delete(name)
      return value
    },
    keys: () => Object.keys(data),
    get data() {
      return data
    },
    get key() {
      return cycling ? undefined : key
    },
    get saved() {
      return saved
    },
    get isEmpty() {
      return key === undefined && Object.keys(data).length === 0
    },
    setExpiry(expiry) {
      setExpiry(data, expiry, djangoVersion)
      session.modified = true
    },
    get expiry() {
      return expiryOf(data, settings, clock())
    },
    clear() {
      data = emptyData()
      session.modified = true
    },
    async flush() {
      session.clear()
      cycling = undefined
      const ended = key
      key = undefined
      if (ended !== undefined) await engine.remove(ended)
    },
    cycleKey(gone = 'interrupt') {
      // One that must not go on without its old key does not begin to.
      if (key !== undefined && cycling !== 'interrupt') cycling = gone
      session.modified = true
    },
    setTestCookie: () => session.set(TEST_COOKIE, 'worked'),
    testCookieWorked: () => data[TEST_COOKIE] === 'worked',
    deleteTestCookie: () => void session.delete(TEST_COOKIE),
    async save() {
      const now = await store(session.expiry)
      if (now === null) {
        throw new DjangoError('SESSION_INTERRUPTED', 'the session was ended while the request was under way')
      }
      key = now
      cycling = undefined
      session.modified = false
      saved = true
    },
  }
  return session
}
