/** What the library is given rather than reaches for. */

/** Milliseconds since the epoch, as `Date.now`. */
export type Clock = () => number

/** Named values of the host's environment. */
export type Env = Readonly<Record<string, string | undefined>>

export interface Logger {
  debug(message: string, details?: unknown): void
  info(message: string, details?: unknown): void
  warn(message: string, details?: unknown): void
  error(message: string, details?: unknown): void
}
