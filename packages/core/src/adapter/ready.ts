/** What would show with a request only, told at start: all of it in one error. */
import type { Mountable } from '../contract/auth.ts'
import { internalsOf } from '../http/internals.ts'
import { ConfigError, type Problem } from '../lib/errors.ts'
import { missed, ownSeen } from './mount.ts'

/**
 * Sends a GET to an app that does not listen yet, and ends it when the signal says so. The status of its answer; undefined,
 * or a rejection, where none comes.
 */
export type Sends<App extends object> = (app: App, url: URL, signal: AbortSignal) => Promise<number | undefined>

/** How long an app is waited for, in milliseconds. */
const patience = 5000

/** Asks the app for the auth's own `/ok`, and the auth what it says of itself. */
export function readyOf<App extends object>(
  auth: Mountable,
  send: Sends<App> | undefined,
): (app?: App | undefined) => Promise<void> {
  return async (app) => {
    const mounting = app && send ? await problemsOfMount(auth, app, send) : []
    const own = await problemsOf(auth)
    if (mounting.length > 0 || own.problems.length > 0) {
      throw Object.assign(new ConfigError([...mounting, ...own.problems]), { cause: own.cause })
    }
  }
}

async function problemsOfMount<App extends object>(
  auth: Mountable,
  app: App,
  send: Sends<App>,
): Promise<readonly Problem[]> {
  // What has paths of its own may be mounted for some of them.
  if (auth.owns) return []
  const url = new URL(`${addressOf(auth)}${auth.basePath}/ok`)
  let status: number | undefined
  const seen = await ownSeen(auth, async () => {
    status = await waitFor((signal) => send(app, url, signal))
  })
  // Whoever turns a stranger away, sends him elsewhere or fails may not do so with others.
  return !seen && status && answersItself(status) ? missed(url, status).problems : []
}

const answersItself = (status: number) => status < 300 || status === 404 || status === 405

/** Scheme and host that are public, so that what an app does by them is as it will be. */
function addressOf(auth: Mountable): string {
  const { origin, ownOrigins = [] } = internalsOf(auth)?.base ?? {}
  return origin ?? ownOrigins.find((allowed) => !/[*?]/.test(allowed)) ?? 'http://localhost'
}

/** Undefined where nothing comes in time. What is still under way then is told to end. */
function waitFor<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const end = new AbortController()
  return new Promise((resolve) => {
    const timer: { unref?: () => void } = setTimeout(() => {
      end.abort()
      resolve(undefined)
    }, patience)
    // An answer may still be under way when its status is known, and keeps no process alive.
    const settle = (value?: T) => {
      timer.unref?.()
      resolve(value)
    }
    ask(end.signal).then(settle, () => settle())
  })
}

async function problemsOf(auth: Mountable): Promise<Pick<ConfigError, 'problems' | 'cause'>> {
  try {
    await auth.ready?.()
    return { problems: [] }
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}
