/** What every adapter gives to be tried against the shared tables. */
import type { Server } from 'node:http'
import { test } from 'vitest'
import type { EchoAuth } from './echo-auth.ts'
import { type Listening, listening } from './http.ts'

/** What a host does to a request's body before ours; `consumed` reads it and keeps nothing. */
export type Prior = 'json' | 'inflated' | 'form' | 'raw' | 'text' | 'kept' | 'consumed'

export interface Setup {
  readonly prior?: Prior | undefined
  /** Prefixes from the outside in; none is the root. */
  readonly under?: readonly string[] | undefined
  /** Whether the prefixes are those of routers (sub-applications, encapsulated plugins), not of the mount itself. */
  readonly routers?: boolean | undefined
  readonly twice?: boolean | undefined
  /** The gate is asked before the app listens: `gate.ready(app)`. */
  readonly start?: boolean | undefined
  /** The host sets a cookie, `x-host` and `vary: Origin` before ours. */
  readonly dressed?: boolean | undefined
}

export interface Harness {
  readonly name: string
  /**
   * When a wrong prefix comes out where nobody asks `gate.ready(app)`: as soon as the framework starts, or by the first
   * request. `never`: a bare server has no prefixes but those that the app makes of the URL itself.
   */
  readonly tells: 'at start' | 'on request' | 'never'
  /** Whether the framework itself answers 400 to paths with a broken escape, as `/%zz`. */
  readonly refusesBrokenEscapes?: boolean
  /**
   * An app with `auth` mounted, that answers all other paths with `host`, and errors with 500 and the JSON
   * `{ code, message }`. Rejects with a mistake that is found at start.
   */
  readonly serve: (auth: EchoAuth, setup: Setup) => Promise<Server>
}

export const hostCookie = 'theirs=1; Path=/'

export async function serving(harness: Harness, auth: EchoAuth, setup: Setup = {}): Promise<Listening> {
  return listening(await harness.serve(auth, setup))
}

/** One test for each row, whatever the host: none is left out. */
export function eachCase<Row extends { readonly name: string } & Setup>(
  rows: readonly Row[],
  check: (row: Row) => Promise<void>,
): void {
  for (const row of rows) test(row.name, () => check(row))
}
