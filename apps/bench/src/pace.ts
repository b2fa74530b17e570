/** How long it is looked at. */
export interface Pace {
  readonly rounds: number
  /** Milliseconds that each contender has in a round. */
  readonly round: number
  /** Milliseconds of a processor before the first. */
  readonly warmUp: number
}
