/** Django's side of one call to an API: opened once, however many schemes and handlers ask. */
import { APIError, type Exchange } from '@keystile/core'
import { told } from '../database/failures.ts'
import type { Django } from '../django.ts'
import { DjangoError } from '../errors.ts'
import type { DjangoRequest } from '../request.ts'
import type { DjangoUser } from '../users/user.ts'

const opened = new WeakMap<Exchange, Map<Django, DjangoRequest<DjangoUser>>>()

/** The request of an exchange. What is changed is saved, and its cookies are set, once the answer's status is known. */
export function requestOn(django: Django, exchange: Exchange, method: string): DjangoRequest<DjangoUser> {
  const known = opened.get(exchange) ?? new Map<Django, DjangoRequest<DjangoUser>>()
  opened.set(exchange, known)
  const before = known.get(django)
  if (before) return before

  const { origin, request: { url } = { url: '' }, headers } = exchange
  const request = django.open({ method, url: origin === undefined ? url : `${origin}/`, headers })
  known.set(django, request)
  exchange.beforeAnswer(async (status) => {
    for (const [name, value] of await answering(request.finish(status))) {
      if (name === 'Set-Cookie') exchange.setCookieLine(value)
    }
  })
  return request
}

/** What failed, as the API answers it: 400 and 403 of Django's, 503 where the database is out of reach. */
export async function answering<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof DjangoError) || error.status === undefined) throw told(error, undefined)
    const { code, message, status } = error
    throw new APIError(status, { message: code === 'CSRF_FAILED' ? `CSRF Failed: ${message}` : message, code })
  }
}
