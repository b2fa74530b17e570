/** The forms of a session's token: what the caller holds, what the database holds, and the handle others are shown. */
import { hashToken } from '#crypto'

export interface TokenForms {
  /** The form in which a token rests. */
  atRest(token: string): string
  /** What stands for a session where its token must not: it opens nothing. */
  handleOf(stored: string): string
  /** Whether a token may rest in clear, in a database filled by another server. */
  mayRestInClear(token: string): boolean
  /** Every form in which a token may rest, to be asked for at once: a row may be brought from one to the other meanwhile. */
  resting(token: string): string | { readonly in: readonly string[] }
}

/** A token of the protocol's older form, of 32 characters. */
const older = /^[A-Za-z0-9]+$/

/** A stored form is no credential: whoever read the database must not be able to present it. */
export const isStoredForm = (value: string) => value.startsWith('h1.')

/** The hash that stands for a session, whether its token or its stored form is given. */
export const hashedForm = (value: string) => (isStoredForm(value) ? value : hashToken(value))

/** `plain`: tokens rest as they are, beside a server that expects that. */
export function tokenForms(plain: boolean): TokenForms {
  if (plain) {
    const asItIs = (token: string) => token
    return { atRest: asItIs, handleOf: asItIs, mayRestInClear: () => false, resting: asItIs }
  }
  const mayRestInClear = (token: string) => token.length === 32 && older.test(token)
  return {
    atRest: hashToken,
    handleOf: hashedForm,
    mayRestInClear,
    resting: (token) => (mayRestInClear(token) ? { in: [hashToken(token), token] } : hashToken(token)),
  }
}
