import type { Identified } from '../contract/levels.ts'
import { slotOf } from '../lib/slot.ts'

/** By the request's own identity, so that no async storage is needed. */
const callers = slotOf<object, Identified>()

/** Remembers who makes a request: a Fetch `Request`, or the native one of a framework. */
export function rememberCaller(request: object, caller: Identified): void {
  callers.set(request, caller)
}

/**
 * Who makes a request that a chain of schemes has let in; undefined on an open endpoint. With `strict` that throws.
 *
 * @throws TypeError with `strict`, where no chain has identified the caller.
 */
export function requestAuth(request: object, options: { readonly strict: true }): Identified
export function requestAuth(
  request: object,
  options?: { readonly strict?: boolean | undefined },
): Identified | undefined
export function requestAuth(request: object, options: { readonly strict?: boolean | undefined } = {}) {
  const caller = callers.get(request)
  if (!caller && options.strict) throw new TypeError('no chain of schemes has identified who makes this request')
  return caller
}
