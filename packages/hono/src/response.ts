import {
  bodyAlreadyRead,
  joinVary,
  type Mountable,
  type Refusal,
  type RequestInfo,
  speaksOfCors,
} from '@keystile/core/adapter'
import type { Context } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { requestOf } from './request.ts'

/** Answers with the auth's handler, on the context: what the host has set there goes out too. */
export async function answer(c: Context, auth: Mountable, info: RequestInfo): Promise<Response | undefined> {
  const request = await requestOf(c)
  if (!request) return refuse(c, bodyAlreadyRead)
  const [origin, allowed] = [request.headers.get('origin'), c.res.headers.get('access-control-allow-origin')]
  const cors = speaksOfCors(info.cors, request.method, origin, allowed)
  const response = await auth.handler(request, { ...info, cors })
  const head = request.method === 'HEAD'
  if (head) await response.body?.cancel()
  // Given two responses, Hono keeps the cookies of the first alone: joined before, the host's and ours both go out.
  const vary = response.headers.get('vary')
  const varied = vary && joinVary(c.res.headers.get('vary'), vary)
  const joined = c.newResponse(head ? null : response.body, response)
  if (varied) joined.headers.set('vary', varied)
  // node-server gives what is left of a large body half a second, and cuts off the next request behind it.
  if (response.status === 413 && c.env?.incoming) joined.headers.set('connection', 'close')
  c.res = undefined
  c.res = joined
  return undefined
}

/** Cookies are appended, `Vary` is joined. */
export function setHeader(c: Context, name: string, value: string): void {
  if (name === 'vary') c.header(name, joinVary(c.res.headers.get(name), value))
  else c.header(name, value, { append: name === 'set-cookie' })
}

export const refuse = (c: Context, { body, status, headers }: Refusal): Response =>
  c.body(body, status as StatusCode & 401, { ...headers })
