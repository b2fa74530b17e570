/** What is compared: servers of the same wire, each asked in the same way, and peers that answer the same question. */

export type ContenderName = 'better-auth' | 'floor' | 'keystile' | 'Auth.js' | 'iron-session'

/** Those of the same wire. */
export const contenderNames = ['better-auth', 'floor', 'keystile'] as const satisfies readonly ContenderName[]

export interface OpenOptions {
  /** Of an SQLite file, or `:memory:`. */
  readonly path: string
  /** Whether the tables have yet to be made; default `true`. */
  readonly migrate?: boolean | undefined
  /** Session and user in a signed cookie; only of those that can. */
  readonly cookieCache?: boolean | undefined
  /** Age in seconds after which a read extends the session; default one day. */
  readonly updateAge?: number | undefined
  /** Count of plugins, all of the same make. */
  readonly plugins?: number | undefined
  /** Passwords hashed as the library does by default; else they are kept as they are. */
  readonly hashing?: boolean | undefined
}

export interface NewUser {
  readonly name: string
  readonly email: string
  readonly password: string
}

export interface Contender {
  readonly name: ContenderName
  handler(request: Request): Promise<Response>
  /** The server call that a guard makes: `auth.api.getSession`. */
  getSession(headers: Headers): Promise<unknown>
  /** Makes a user and gives the header of one who is signed in; only of those without a route for it. */
  signUp?(user: NewUser): Promise<string>
}

export const origin = 'http://localhost:3000'
export const secret = 'Zr7mQ2xV9bK4tN8cW1pL6yH3jD5gS0aE'

/** Passwords as they are: what is measured is everything around the hash. */
export const noHashing = {
  hash: async (password: string) => password,
  verify: async ({ hash, password }: { readonly hash: string; readonly password: string }) => hash === password,
}
