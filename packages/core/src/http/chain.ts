/** Schemes asked one after the other, until one knows the caller. A chain of synchronous schemes makes no promise. */
import type { Identified } from '../contract/levels.ts'
import { NotAuthenticated, type Outcome, type Scheme, type SchemeContext } from '../contract/scheme.ts'
import type { Exchange } from '../domain/exchange.ts'
import { APIError } from '../lib/errors.ts'
import { isPromised } from '../lib/settled.ts'

/** What one scheme came to, for the trace. */
export interface Step {
  readonly scheme: string
  readonly outcome: 'passed' | 'identified' | 'refused' | 'failed'
  readonly reason: string
}

/** One request in front of a chain. */
export class Asking implements SchemeContext {
  readonly exchange: Exchange
  readonly method: string
  /** Kept while developing. */
  readonly steps: Step[] | undefined
  /** Request headers that schemes asked so far decide by. */
  readonly varies = new Set<string>()
  readonly #checkOrigin: (exchange: Exchange) => Promise<void>
  #reason = ''

  constructor(
    exchange: Exchange,
    method: string,
    checkOrigin: (exchange: Exchange) => Promise<void>,
    steps?: Step[] | undefined,
  ) {
    this.exchange = exchange
    this.method = method
    this.#checkOrigin = checkOrigin
    this.steps = steps
  }

  /** A function of the app knows better than the scheme that called it. */
  pass(reason: string): null {
    this.#reason ||= reason
    return null
  }

  checkOrigin(): void | Promise<void> {
    if (!isSafe(this.method)) return this.#checkOrigin(this.exchange)
  }

  note(scheme: Scheme, outcome: Step['outcome'], reason = this.#reason): void {
    this.#reason = ''
    this.steps?.push({ scheme: scheme.name, outcome, reason })
  }
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
export const isSafe = (method: string) =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'

export interface Chain {
  /** In the order they are asked; none: nobody is asked who they are. */
  readonly schemes: readonly Scheme[]
  /**
   * Who is calling.
   * @throws NotAuthenticated when no scheme knows, and what a scheme threw.
   */
  ask(asking: Asking): Identified | Promise<Identified>
}

export interface ChainOptions {
  /** `false`: no `WWW-Authenticate`, for which browsers open a dialog where Basic is named. */
  readonly challenge?: boolean | undefined
  /** A refusal with a status that the scheme does not name in `responses` is a fault of the scheme. */
  readonly declaredOnly?: boolean | undefined
}

/** `schemes` are bound already. */
export function chainOf(schemes: readonly Scheme[], options: ChainOptions = {}): Chain {
  const challenges = options.challenge === false ? [] : schemes.filter((scheme) => scheme.challenge)

  function askFrom(start: number, asking: Asking): Identified | Promise<Identified> {
    for (let i = start; i < schemes.length; i++) {
      const scheme = schemes[i] as Scheme
      if (scheme.varies !== undefined) asking.varies.add(scheme.varies)
      const outcome = askOne(scheme, asking)
      if (isPromised(outcome)) return wait(Promise.resolve(outcome), i, asking)
      const found = accept(scheme, outcome, asking)
      if (found) return found
    }
    throw refusal(new NotAuthenticated())
  }

  function askOne(scheme: Scheme, asking: Asking): ReturnType<Scheme['authenticate']> {
    try {
      return scheme.authenticate(asking)
    } catch (error) {
      throw stopped(error, scheme, asking)
    }
  }

  function wait(outcome: Promise<Outcome<unknown>>, i: number, asking: Asking): Promise<Identified> {
    const scheme = schemes[i] as Scheme
    return outcome.then(
      (settled) => accept(scheme, settled, asking) ?? askFrom(i + 1, asking),
      (error) => {
        throw stopped(error, scheme, asking)
      },
    )
  }

  /** Anything but null and an identity is a fault of the scheme, and nobody's way in; so is an identity of nobody. */
  function accept(scheme: Scheme, outcome: Outcome<unknown>, asking: Asking): Identified | null {
    if (outcome === null) {
      asking.note(scheme, 'passed')
      return null
    }
    if (typeof outcome !== 'object' || !Object.hasOwn(outcome, 'identity')) {
      throw new TypeError(`scheme "${scheme.name}" answered neither null nor { identity }`)
    }
    if (outcome.identity === undefined || outcome.identity === null) {
      throw new TypeError(`scheme "${scheme.name}" answered an identity of nobody: null is for that`)
    }
    asking.note(scheme, 'identified')
    return { scheme: scheme.name, identity: outcome.identity }
  }

  function stopped(error: unknown, scheme: Scheme, asking: Asking): unknown {
    if (!(error instanceof APIError)) {
      asking.note(scheme, 'failed', 'it threw')
      return error
    }
    asking.note(scheme, 'refused', error instanceof NotAuthenticated ? error.reason : error.message)
    const { statusCode } = error
    if (options.declaredOnly && statusCode !== 401 && !Object.hasOwn(scheme.responses, statusCode)) {
      return new TypeError(`scheme "${scheme.name}" answered ${statusCode}, which its responses do not name`)
    }
    return refusal(error, scheme)
  }

  /** A copy: a scheme may throw the same error again. */
  function refusal({ status, statusCode, body, headers: own }: APIError, by?: Scheme): APIError {
    const refused = new APIError(status, body, own)
    const { headers } = refused
    if (statusCode === 401) {
      for (const scheme of challenges) headers.append('www-authenticate', scheme.challenge?.(scheme === by) ?? '')
    }
    if (statusCode === 401 || statusCode === 403) headers.set('cache-control', 'no-store')
    return refused
  }

  return { schemes, ask: (asking) => askFrom(0, asking) }
}
