/** A gate stands before every session: whatever way in a user took, each gate is asked before a row exists. */
import type { APIError } from '../lib/errors.ts'
import type { Verbs } from '../store/store.ts'
import type { Exchange } from './exchange.ts'
import type { UserRow } from './model.ts'

/**
 * How the user proved who they are, as an authentication method reference (RFC 8176) where one exists: `pwd`, `otp` …
 * `refresh`: they did so earlier, and renew what they were given then.
 */
export type SignInMethod = string

export interface GateInput {
  readonly user: UserRow
  readonly method: SignInMethod
  readonly remember: boolean
  readonly callbackURL: string | undefined
  readonly exchange: Exchange
  readonly store: Verbs
}

export type GateOutcome =
  | { readonly outcome: 'pass' }
  /** No session: the error is the answer. */
  | { readonly outcome: 'refuse'; readonly error: APIError }
  /** No session yet: the body is the answer (200), cookies set on the exchange go out with it. */
  | { readonly outcome: 'challenge'; readonly body: object }

export interface Gate {
  readonly name: string
  check(input: GateInput): GateOutcome | Promise<GateOutcome>
}

export const pass: GateOutcome = { outcome: 'pass' }

export function refuse(error: APIError): GateOutcome {
  return { outcome: 'refuse', error }
}

export function challenge(body: object): GateOutcome {
  return { outcome: 'challenge', body }
}

/** Thrown by `sessions.open` when a gate asks for more: its body becomes the endpoint's reply. */
export class ChallengeDue {
  readonly body: object
  constructor(body: object) {
    this.body = body
  }
}

/** Asks every gate in order; returns when all pass. */
export async function askGates(gates: readonly Gate[], input: GateInput): Promise<void> {
  for (const gate of gates) {
    const verdict = await gate.check(input)
    if (verdict.outcome === 'refuse') throw verdict.error
    if (verdict.outcome === 'challenge') throw new ChallengeDue(verdict.body)
  }
}
