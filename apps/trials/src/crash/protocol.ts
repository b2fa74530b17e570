/** What the harness and the server that it kills say to each other. */

export type KillPoint =
  /** At start or under load, from outside. */
  | { readonly kind: 'answers'; readonly count: number }
  | { readonly kind: 'time'; readonly milliseconds: number }
  /** The server kills itself around the nth statement that begins so. */
  | {
      readonly kind: 'statement'
      readonly beginning: string
      readonly nth: number
      readonly side: 'before' | 'after'
    }

export interface Open {
  readonly file: string
  /** `argon2`: the library's own hashes; `none`: passwords rest in clear, for speed. */
  readonly hashing: 'argon2' | 'none'
}

/** Each is answered once it is done: `arm` by nothing in it, `open` by the port. */
export type Order = { readonly arm: KillPoint } | { readonly open: Open }
