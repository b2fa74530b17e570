/** What stands between node:http and a Fetch handler, ours and @hono/node-server's, before the same handler. */
import { requestText, timeRounds, withServers } from './http/rounds.ts'
import type { Pace } from './pace.ts'
import { atMost, type Figure, type Table, tableOf } from './report.ts'

const names = ['keystile', '@hono/node-server'] as const
const measures = ['a fixed answer', 'a posted body, sent back', 'get-session']

export function bridge(pace: Pace): Promise<Table[]> {
  return withServers('bridge', names, async (servers) => {
    const requests = (cookie: string) => [
      requestText('/fixed', cookie),
      requestText('/echo', cookie, JSON.stringify({ name: 'Ada Lovelace', email: 'ada@example.com' })),
      requestText('/api/auth/get-session', cookie),
    ]
    const times = await timeRounds(servers, ({ cookie }) => requests(cookie), pace)
    const figures = measures.map((measure, i): Figure => {
      const [own = 0, peer = 0] = times.map((ofServer) => Math.min(...(ofServer[i] ?? [])))
      return {
        measure,
        values: { [names[0]]: own, [names[1]]: peer },
        goals: [atMost(own / peer, 1, `× ${names[1]}`)],
      }
    })
    return [tableOf('Bridge', 'µs of the server’s processor a request, best round', figures)]
  })
}
