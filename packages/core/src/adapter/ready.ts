/** What would show with a request only, told at start: all of it in one error. */
import type { Mountable } from '../contract/auth.ts'
import { ConfigError } from '../lib/errors.ts'
import { neverReached } from './mount.ts'

/**
 * Whether requests for a path come to a middleware, by what an app shows of its routes; undefined where it does not show
 * that middleware at all.
 */
export type Reaches<App extends object> = (app: App, middleware: object, path: string) => boolean | undefined

/** Asks what the app shows of its routes, and the auth what it says of itself. */
export function readyOf<App extends object>(
  auth: Mountable,
  middleware: object,
  reaches: Reaches<App>,
): (app?: App | undefined) => Promise<void> {
  return async (app) => {
    const { basePath, owns } = auth
    // What has paths of its own may be mounted for some of them.
    const asked = app && basePath !== '' && !owns
    const mounting = asked && reaches(app, middleware, basePath) === false ? neverReached(basePath).problems : []
    const own = await problemsOf(auth)
    if (mounting.length > 0 || own.problems.length > 0) {
      throw Object.assign(new ConfigError([...mounting, ...own.problems]), { cause: own.cause })
    }
  }
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
