/** Tokens that no longer count although they have not expired. */
import type { SchemeApp } from '../../contract/scheme.ts'
import type { Clock } from '../../lib/environment.ts'
import type { JwtToken } from './claims.ts'

export interface BlockedToken {
  /** Of the token, or the name of a family of them. */
  readonly jti: string
  /** When the token itself ends. */
  readonly expiresAt: Date
  readonly createdAt: Date
  readonly userId: string | null
}

export interface Blocklist {
  /**
   * Blocks a token, once: of many at the same time one is told `created`.
   * @throws TokenWithoutJti for a token that nothing names.
   */
  blocklist(
    token: Pick<JwtToken, 'jti' | 'exp'>,
    userId?: string | undefined,
  ): Promise<{ readonly row: BlockedToken; readonly created: boolean }>
  /** Whether any of these is blocked. */
  isBlocked(...jtis: readonly string[]): Promise<boolean>
  /** Forgets tokens that have expired a day ago or earlier, and says how many. */
  deleteExpired(): Promise<number>
  /**
   * The list as it serves one app.
   * @throws ConfigError for what it lacks.
   */
  bind?(app: SchemeApp): Blocklist
}

/** A token without `jti` cannot be blocked: nothing tells it from others. */
export class TokenWithoutJti extends Error {
  override readonly name = 'TokenWithoutJti'
  constructor() {
    super('a token without jti cannot be blocked')
  }
}

/** A verifier with leeway takes a token for a while after its end: the list remembers it for longer. */
export const rememberedFor = 86_400_000

/** The family of tokens that one login began; a token of others' making begins one. */
export const familyNamed = ({ jti, extras }: JwtToken): string | undefined =>
  typeof extras.family === 'string' ? extras.family : jti

/** What stands in the list where a family is blocked. */
export function familyOf(token: JwtToken): string | undefined {
  const family = familyNamed(token)
  return family === undefined ? undefined : `family:${family}`
}

/** All under which a token may have been blocked. */
export const idsOf = (token: JwtToken): string[] => [token.jti, familyOf(token)].filter((id) => id !== undefined)

/** In the memory of one process: for tests, and for services that may forget at a restart what they revoked. */
export function memoryBlocklist(options: { readonly clock?: Clock | undefined } = {}): Blocklist {
  const { clock = Date.now } = options
  const rows = new Map<string, BlockedToken>()
  return {
    async blocklist({ jti, exp }, userId) {
      if (!jti) throw new TokenWithoutJti()
      const there = rows.get(jti)
      if (there) return { row: there, created: false }
      const row = { jti, expiresAt: new Date(exp * 1000), createdAt: new Date(clock()), userId: userId ?? null }
      rows.set(jti, row)
      return { row, created: true }
    },
    isBlocked: async (...jtis) => jtis.some((jti) => rows.has(jti)),
    async deleteExpired() {
      const before = rows.size
      for (const { jti, expiresAt } of rows.values()) {
        if (expiresAt.getTime() <= clock() - rememberedFor) rows.delete(jti)
      }
      return before - rows.size
    },
  }
}
