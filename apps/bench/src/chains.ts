/** What a chain of schemes costs beside the one of them that answers, called by itself. */
import { Exchange } from '@keystile/core'
import { apiKey, basic, controller, createApi, endpoint, type SchemeContext, session } from '@keystile/core/api'
import { origin } from './contender.ts'
import { inTurns, type Work } from './in-turns.ts'
import { ownAuth } from './own-auth.ts'
import type { Pace } from './pace.ts'
import { atMost, type Table, tableOf } from './report.ts'

export async function chains(pace: Pace): Promise<Table[]> {
  const { auth, headers } = await ownAuth(':memory:')
  try {
    const { alone, three, endpointAlone, endpointOfThree } = await subjects(auth, headers)
    const figures = [
      { measure: 'who it is', ...(await compare(alone, three, pace)) },
      { measure: 'a request of an endpoint', ...(await compare(endpointAlone, endpointOfThree, pace)) },
    ]
    return [tableOf('Schemes, the first of which answers', 'µs of processor time, median of the rounds', figures)]
  } finally {
    await auth.close()
  }
}

/** The same session, found in four ways. */
async function subjects(auth: Awaited<ReturnType<typeof ownAuth>>['auth'], headers: Headers) {
  const others = [basic({ authenticate: () => null }), apiKey({ lookup: () => null })]
  const endpoints = {
    one: endpoint({ method: 'GET', path: '/one', auth: [session()] }, () => 1),
    all: endpoint({ method: 'GET', path: '/all', auth: [session(), ...others] }, () => 1),
  }
  const api = createApi({ auth, controllers: [controller('', { endpoints })] })
  const [one, all] = api.operations
  const scheme = one?.endpoint.auth[0]
  if (!scheme || !all) throw new Error('the API has no endpoints')
  const request = async (path: string) => {
    const answer = await api.handler(new Request(`${origin}/api${path}`, { headers }))
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
  }
  return {
    alone: async () => void (await scheme.authenticate(asking(headers))),
    three: async () => void (await all.chain.ask(asking(headers))),
    endpointAlone: () => request('/one'),
    endpointOfThree: () => request('/all'),
  }
}

type Asking = Parameters<ReturnType<typeof createApi>['operations'][number]['chain']['ask']>[0]

/** A request in front of a chain, as much of it as a chain looks at. */
function asking(headers: Headers): Asking & SchemeContext {
  const context = { exchange: new Exchange({ headers }), method: 'GET', varies: new Set<string>() }
  return Object.assign(context, { pass: () => null, note: () => {}, checkOrigin: () => {} }) as never
}

async function compare(alone: Work, three: Work, pace: Pace) {
  const { first, second, ratio } = await inTurns(alone, three, pace)
  return {
    values: { 'the scheme alone': first, 'a chain of three': second },
    goals: [{ ...atMost(ratio, 1.1, '× alone'), required: true }],
  }
}
