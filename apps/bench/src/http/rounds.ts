/** Servers take turns at being asked, each request of each in short rounds: what else the machine does meets them all. */
import { fileURLToPath } from 'node:url'
import type { Pace } from '../pace.ts'
import { type RemoteProcess, startRemote } from '../remote.ts'
import { type HttpClient, openClient } from './client.ts'
import type { ServerTasks } from './server.ts'

const program = fileURLToPath(new URL('server.js', import.meta.url))

export interface RunningServer {
  readonly name: string
  readonly port: number
  readonly client: HttpClient
  readonly tasks: RemoteProcess<ServerTasks>['tasks']
  /** Of a caller who is signed in. */
  readonly cookie: string
}

/** Runs `work` with these servers of a host, and ends them after it. */
export async function withServers<T>(
  host: string,
  names: readonly string[],
  work: (servers: readonly RunningServer[]) => Promise<T>,
  { counting = false } = {},
): Promise<T> {
  const started = names.map((name) =>
    startRemote<ServerTasks>(program, counting ? [host, name, 'count'] : [host, name]),
  )
  try {
    const servers: RunningServer[] = []
    for (const [i, { tasks }] of started.entries()) {
      const { port, cookie } = await tasks.open()
      servers.push({ name: names[i] as string, port, client: await openClient(port), tasks, cookie })
    }
    try {
      return await work(servers)
    } finally {
      for (const { client } of servers) client.close()
    }
  } finally {
    for (const process of started) process.end()
  }
}

/** A request as it goes over the wire. */
export function requestText(path: string, cookie: string | undefined, posted?: string): string {
  const lines = [
    `${posted === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'host: localhost:3000',
    'user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'accept: application/json',
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    ...(posted === undefined ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(posted)}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${posted ?? ''}`
}

/** Microseconds of the server's processor time for each request, by server and request: one for each round. */
export async function timeRounds(
  servers: readonly RunningServer[],
  requests: (server: RunningServer) => readonly string[],
  { rounds, round, warmUp }: Pace,
): Promise<number[][][]> {
  const all = servers.map((server) => requests(server).map((request) => ({ server, request, times: [] as number[] })))
  const ask = async (
    { server: { client, tasks }, request }: { server: RunningServer; request: string },
    ms: number,
  ) => {
    const before = await tasks.used()
    const count = await client.ask(request, ms)
    return { used: (await tasks.used()) - before, count }
  }
  for (const turn of all.flat()) {
    for (let used = 0; used < warmUp * 1000; ) used += (await ask(turn, 100)).used
  }
  for (let i = 0; i < rounds; i++) {
    for (const turn of all.flat()) {
      const { used, count } = await ask(turn, round)
      turn.times.push(used / count)
    }
  }
  return all.map((turns) => turns.map(({ times }) => times))
}
