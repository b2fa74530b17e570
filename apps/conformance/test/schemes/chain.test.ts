import { APIError } from '@keystile/core'
import { controller, createApi, endpoint, NotAuthenticated, type Scheme } from '@keystile/core/api'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'

interface ChainExchange extends Recorded {
  readonly chain: readonly string[]
  readonly asked: readonly string[]
}
const { exchanges, order } = recorded<{ exchanges: ChainExchange[]; order: Recorded[] }>('chain')

/** Where we mean to answer otherwise, by chain: the original takes anything but nothing for a success. */
const differs: Readonly<Record<string, { readonly status: number; readonly why: string }>> = {
  false: { status: 500, why: 'a result that is neither null nor an identity fails closed' },
  true: { status: 500, why: 'a result that is neither null nor an identity fails closed' },
  crash: { status: 500, why: 'the error page of the original is HTML' },
  'none,crash': { status: 500, why: 'the error page of the original is HTML' },
}

function scripted(does: string, name: string, asked: string[]): Scheme {
  return {
    name,
    securitySchemes: {},
    requirement: {},
    responses: { 401: 'no' },
    authenticate() {
      asked.push(name)
      switch (does) {
        case 'self':
          return { identity: name }
        case 'none':
          return null
        case 'stop':
          throw new NotAuthenticated()
        case 'stop-msg':
          throw new NotAuthenticated('Token was revoked')
        case 'api-400':
          throw new APIError(400, { message: 'Header is malformed', code: 'MALFORMED' })
        case 'crash':
          throw new RangeError('broken')
        default:
          return (does === 'true') as never
      }
    },
  }
}

describe('chains as recorded', () => {
  it.each(exchanges.map((exchange, i) => [`${i} ${exchange.chain.join()}`, exchange, i] as const))(
    '%s',
    async (_title, { request, response, chain, asked }, i) => {
      // In the last three the original checked no replies.
      const checked = i < exchanges.length - 3
      const seen: string[] = []
      const api = createApi({
        errors: 'detail',
        challenge: false,
        logger: { disabled: true },
        checkReplies: checked,
        controllers: [
          controller('/c/', {
            auth: chain.map((does, n) => scripted(does, `a${n}`, seen)),
            endpoints: {
              get: endpoint({ method: 'GET' }, ({ auth }) => ({ authed_by: auth?.scheme ?? null })),
            },
          }),
        ],
      })
      const answer = await api.handler(requestOf(request))
      expect(seen).toEqual(asked)
      const other = differs[chain.join()]
      // An undeclared status of a scheme is a fault of the app: the original says 422.
      const status = other?.status ?? (response.status === 422 ? 500 : response.status)
      expect(answer.status).toBe(status)
      if (status === response.status && !other) expect(await jsonOf(answer)).toEqual(response.body)
    },
  )
})

describe('which refusal wins, as recorded', () => {
  const bearer: Scheme = {
    name: 'bearer',
    securitySchemes: {},
    requirement: {},
    responses: { 401: 'no' },
    authenticate: ({ exchange }) => (exchange.headers.get('authorization') ? { identity: 'alice' } : null),
  }
  const api = createApi({
    errors: 'detail',
    challenge: false,
    controllers: [
      controller('/c/', {
        auth: [bearer],
        endpoints: { post: endpoint({ method: 'POST', body: v.object({ n: v.number() }) }, () => 'ok') },
      }),
    ],
  })

  it.each(order.map((exchange) => [exchange.case ?? '', exchange] as const))('%s', async (title, exchange) => {
    const answer = await api.handler(requestOf(exchange.request))
    expect(answer.status).toBe(exchange.response.status)
    expect(answer.headers.get('allow')).toBe(exchange.response.headers.allow ?? null)
    const texts = /JSON|wrong body|Accept|unknown path/.test(title) && answer.status !== 401
    // Texts of parsers, validators and pages are ours; all else is as recorded.
    if (!texts) expect(await jsonOf(answer)).toEqual(exchange.response.body)
  })
})
