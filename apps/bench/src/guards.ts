/** What a guard costs a request over HTTP: a guarded route against an open one of the same server, by turns. */
import { type RunningServer, requestText, timeRounds, withServers } from './http/rounds.ts'
import { middle } from './in-turns.ts'
import type { Pace } from './pace.ts'
import { atMost, type Figure, type Goal, type Table, tableOf } from './report.ts'

const own = ['keystile', 'keystile, cookie cache', 'floor', 'better-auth'] as const

/** The peers of each host, and what else is measured there to know its limit. */
const hosts: Readonly<Record<string, { readonly peers: readonly string[]; readonly limit?: string }>> = {
  node: { peers: ['iron-session'] },
  express: { peers: ['express-session + passport', 'Auth.js'], limit: 'floor behind an empty middleware' },
  fastify: { peers: ['@fastify/session'] },
  koa: { peers: ['koa-session'] },
  hono: { peers: ['hono/jwt'] },
}

const [open, guarded] = ['/open', '/guarded']

export async function guards(pace: Pace): Promise<Table[]> {
  const tables: Table[] = []
  const made: Figure[] = []
  for (const [host, { peers, limit = [] }] of Object.entries(hosts)) {
    const costs = await withServers(host, [...own, ...peers].concat(limit), async (servers) => {
      for (const server of servers) await check(server)
      return costsOf(servers, pace)
    })
    const cost = { measure: 'the guard', values: costs.guard, goals: goalsOf(costs.guard, peers) }
    const route = { measure: 'the open route', values: costs.open, goals: [] }
    tables.push(
      tableOf(`Guard on ${host}`, 'µs of the server’s processor a request, mean of the middle half of the rounds', [
        cost,
        route,
      ]),
    )
    made.push(await fetchObjects(host))
  }
  return [...tables, tableOf('Objects of Fetch that a guard makes', 'Request, Response and Headers', made)]
}

/** Both routes answer, and the guarded one nobody who is not signed in. */
async function check({ name, port, cookie }: RunningServer): Promise<void> {
  const status = async (path: string, cookie: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })
    await response.text()
    return response.status
  }
  const found = [await status(open, cookie), await status(guarded, cookie), await status(guarded, 'theme=dark')]
  if (found.join() !== '200,200,401') throw new Error(`the routes of ${name} answered ${found.join(', ')}`)
}

/**
 * Both routes get the same headers. The cost is what a round takes longer than that of the open route before it: of the
 * middle half, for the best rounds are those that the collector left out.
 */
async function costsOf(servers: readonly RunningServer[], pace: Pace) {
  const times = await timeRounds(
    servers,
    ({ cookie }) => [requestText(open, cookie), requestText(guarded, cookie)],
    pace,
  )
  const guard: Record<string, number> = {}
  const route: Record<string, number> = {}
  for (const [i, { name }] of servers.entries()) {
    const [opened = [], passed = []] = times[i] ?? []
    guard[name] = middle(passed.map((time, round) => time - (opened[round] ?? Number.NaN)))
    route[name] = middle(opened)
  }
  return { guard, open: route }
}

function goalsOf(costs: Readonly<Record<string, number>>, peers: readonly string[]): Goal[] {
  const ratio = (name: string, to: string) => (costs[name] ?? Number.NaN) / (costs[to] ?? Number.NaN)
  return [
    atMost(ratio('keystile', 'floor'), 1.5, '× the floor'),
    { ...atMost(ratio('keystile', 'better-auth'), 0.1, '× better-auth'), required: true },
    ...peers.map((peer) => atMost(ratio('keystile', peer), 1, `× ${peer}`)),
    atMost(ratio('keystile, cookie cache', 'keystile'), 1, '× with the cache'),
  ]
}

/** Of one guarded request, without what the host itself makes at an open one. */
function fetchObjects(host: string): Promise<Figure> {
  const count = async ({ tasks, client, cookie }: RunningServer, path: string) => {
    // What is made once is no cost of a request.
    await client.ask(requestText(path, cookie), 0)
    const before = await tasks.fetchObjects()
    await client.ask(requestText(path, cookie), 0)
    return (await tasks.fetchObjects()) - before
  }
  return withServers(
    host,
    ['keystile', 'floor', 'better-auth'],
    async (servers) => {
      const values: Record<string, number> = {}
      for (const server of servers) {
        values[server.name] = ((await count(server, guarded)) - (await count(server, open))) / server.client.connections
      }
      const { keystile = 0, floor = 0 } = values
      return { measure: host, values, goals: [{ ...atMost(keystile, floor), required: true }] }
    },
    { counting: true },
  )
}
