import type { OwnEndpoint } from '../contract/own-endpoint.ts'
import type { Scheme } from '../contract/scheme.ts'
import type { Chain } from './chain.ts'

/** An endpoint of an app where it stands: its whole path, its name, and the schemes of all levels. */
export interface Operation {
  /** The controller's place and the names on the way, e.g. `notes.admin.remove`. */
  readonly name: string
  readonly path: string
  readonly endpoint: OwnEndpoint
  /** As resolved from the levels, in the order they are asked; empty: open to all. */
  readonly auth: readonly Scheme[]
  readonly chain: Chain
  readonly tags: readonly string[]
}
