/** What a chain of schemes costs beside the one of them that answers, called by itself. */
import { createAuth, Exchange } from '@keystile/core'
import { apiKey, basic, controller, createApi, endpoint, type SchemeContext, session } from '@keystile/core/api'
import { origin, secret } from './contender.ts'
import type { Pace } from './pace.ts'
import { atMost, type Table, tableOf } from './report.ts'

export async function chains(pace: Pace): Promise<Table[]> {
  const auth = createAuth({
    database: ':memory:',
    secret,
    baseURL: origin,
    env: {},
    production: true,
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true, password: { hash: async (text) => text, verify: async () => true } },
    logger: { log: () => {} },
  })
  try {
    const { alone, three, endpointAlone, endpointOfThree } = await subjects(auth)
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
async function subjects(auth: ReturnType<typeof createAuth>) {
  const signUp = new Request(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'password-of-ada' }),
  })
  const [line = ''] = (await auth.handler(signUp)).headers.getSetCookie()
  const headers = new Headers({ cookie: line.split(';')[0] ?? '' })
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

type Work = () => Promise<void>

/** In turns; the ratio is that of neighbouring rounds, which whatever else the machine does meets alike. */
async function compare(first: Work, second: Work, pace: Pace) {
  // Many short ones: of few, a busy machine can meet most.
  const [rounds, round] = [pace.rounds * 15, pace.round / 3]
  for (const work of [first, second]) await costOf(work, pace.warmUp)
  const costs: [first: number, second: number][] = []
  for (let i = 0; i < rounds; i++) {
    // Neither is always the first.
    const swapped = i % 2 === 1 ? await costOf(second, round) : undefined
    const cost = await costOf(first, round)
    costs.push([cost, swapped ?? (await costOf(second, round))])
  }
  const ratio = median(costs.map(([one, other]) => other / one))
  return {
    values: {
      'the scheme alone': median(costs.map(([one]) => one)),
      'a chain of three': median(costs.map(([, other]) => other)),
    },
    goals: [{ ...atMost(ratio, 1.1, '× alone'), required: true }],
  }
}

/** Microseconds of a processor that one call takes. */
async function costOf(work: Work, milliseconds: number): Promise<number> {
  const before = process.cpuUsage()
  const end = performance.now() + milliseconds
  let calls = 0
  for (; performance.now() < end; calls++) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
