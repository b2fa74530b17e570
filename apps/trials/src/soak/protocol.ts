/** What the server under load tells of itself. */

export interface Reading {
  /** Bytes that stay after garbage has been collected: heap, and buffers beside it. */
  readonly memory: number
  readonly resident: number
  readonly requests: number
  /** Milliseconds by which the event loop was late since the last reading, its 99th percentile and its worst. */
  readonly lag: { readonly p99: number; readonly worst: number }
}
