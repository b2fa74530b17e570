/** What has happened, told once it is done. Nobody waits for a listener, and none can change a thing. */
import type { Clock } from '../lib/environment.ts'
import type { Background } from './background.ts'
import type { Exchange } from './exchange.ts'
import type { SignInMethod } from './gates.ts'
import type { SessionRow, UserRow } from './model.ts'

/** Every event with what it tells. A session's `token` is its handle, which opens nothing. */
export interface EventsOf<User, Session> {
  'user.created': { readonly user: User }
  'session.opened': { readonly user: User; readonly session: Session; readonly method: SignInMethod }
  /** Sign-out does not ask whose session it was: there `userId` is undefined. */
  'session.ended': {
    readonly userId: string | undefined
    /** The one that was named, the caller's own, all but that, or all. */
    readonly which: 'one' | 'own' | 'others' | 'all'
    /** Of the one that ended, where it was one. */
    readonly handle: string | undefined
  }
  'password.changed': { readonly userId: string }
  /** `userId` is undefined where nobody has the name that was given. */
  'sign-in.failed': { readonly name: string; readonly userId: string | undefined }
}

/** What every event tells beside its own. */
export interface Circumstances {
  readonly at: Date
  /** The caller's address, `null` where it is not known. */
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

type Events = EventsOf<UserRow, SessionRow>

/** Functions by the event they listen to. */
export type Listeners = { readonly [N in keyof Events]?: ((event: Events[N] & Circumstances) => unknown) | undefined }

export type Tell = <N extends keyof Events>(exchange: Exchange, name: N, event: Events[N]) => void

export function createTell(options: {
  readonly listeners: readonly Listeners[]
  readonly clock: Clock
  readonly addressOf: (exchange: Exchange) => string | null
  readonly background: Background
}): Tell {
  const { listeners, clock, addressOf, background } = options
  return (exchange, name, event) => {
    for (const { [name]: listener } of listeners) {
      if (!listener) continue
      const userAgent = exchange.headers.get('user-agent')
      const circumstances = { at: new Date(clock()), ipAddress: addressOf(exchange), userAgent }
      background.run(`a listener of ${name}`, () => listener({ ...event, ...circumstances }))
    }
  }
}
