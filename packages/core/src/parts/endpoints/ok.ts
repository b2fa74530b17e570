import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'

/** Says that the handler is there. */
export const ok = endpoint(
  {
    method: 'GET',
    path: '/ok',
    access: 'public',
    summary: 'Say that the service is up',
    reply: v.object({ ok: v.boolean() }),
  },
  () => ({ ok: true }),
)
