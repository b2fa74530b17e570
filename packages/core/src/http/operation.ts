import type { OwnEndpoint } from '../contract/own-endpoint.ts'
import type { Scheme } from '../contract/scheme.ts'
import type { Chain } from './chain.ts'

/** An endpoint as it serves an app. */
export interface ResolvedEndpoint extends OwnEndpoint {
  /** The schemes of all levels, in the order they are asked; empty: open to all. */
  readonly auth: readonly Scheme[]
}

/** An endpoint of an app where it stands: its whole path and its name. */
export interface Operation {
  /** The controller's place and the names on the way, e.g. `notes.admin.remove`. */
  readonly name: string
  readonly path: string
  readonly endpoint: ResolvedEndpoint
  readonly chain: Chain
  readonly tags: readonly string[]
}
