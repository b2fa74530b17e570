/** More than the server can do, for a long time: what it still does, what it keeps, and how soon it is well again. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { child, reply } from '../child.ts'
import { seeded } from '../random.ts'
import type { Report, Trial } from '../report.ts'
import { visitor } from '../visitor.ts'
import { closed, open } from './arrivals.ts'
import { type Client, hashing, newClient, type Outcome } from './clients.ts'
import { percentile, slope } from './figures.ts'
import type { Reading } from './protocol.ts'

export interface Soak {
  /** Acts a second that were done; those with a hash apart. */
  readonly peak: Goodput
  readonly overload: Goodput
  readonly overloadOfPeak: Goodput
  /** How late an event loop is meanwhile that has nothing to do: it tells how busy others keep the machine. */
  readonly idleLag: Reading['lag']
  /** While 32 sign-ins run at once: milliseconds of the event loop, of one that has nothing to do, of reads meanwhile. */
  readonly signIns: { readonly lag: Reading['lag']; readonly idleLag: Reading['lag']; readonly reads: Times }
  readonly shed: { readonly count: number; readonly times: Times }
  /** Outcomes by act, kind and status. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly failed: number
  /** Bytes that stay by request under overload; how many more there are after it than before. */
  readonly memory: { readonly slope: number; readonly grown: number; readonly last: Reading }
  /** Seconds from the end of the overload until acts take what they took before it. */
  readonly recovery: number
}

interface Goodput {
  readonly all: number
  readonly hashing: number
}

interface Times {
  readonly p50: number
  readonly p99: number
}

const clientCount = 64
const overloading = 3
/** Of the capacity, what a calm server gets. */
const calm = 1 / 5

export async function overloaded(seconds: number, seed: number): Promise<Soak> {
  const random = seeded(seed)
  const folder = await mkdtemp(join(tmpdir(), 'keystile-soak-'))
  const module = import.meta.url.endsWith('.ts') ? './server.child.ts' : './server.child.js'
  const server = child(new URL(module, import.meta.url), [join(folder, 'auth.db')])
  const visits = visitor(await reply<number>(server))
  /** Nobody visits it: how late it is tells how busy the machine is with other things. */
  const idle = child(new URL(module, import.meta.url))
  await reply(idle)
  /** The phases around the overload are in proportion to it, and short. */
  const phase = Math.min(20, Math.max(2, seconds / 4)) * 1000
  try {
    const clients: Client[] = []
    while (clients.length < clientCount) {
      const group = Array.from({ length: 4 }, (_, i) => newClient(visits, random, clients.length + i))
      clients.push(...(await Promise.all(group)))
    }
    const somebody = () => clients[Math.floor(random() * clientCount)] as Client
    const act = () => somebody().act()
    const read = () => somebody().read()

    // As many as keep it busy, and few enough that nobody is sent away, however slow the machine.
    const atPeak = await closed(8, phase, act)
    const peak = goodput(atPeak, phase)
    const calmly = (milliseconds: number) => open(peak.all * calm, milliseconds, random, act)
    const before = await Promise.all(await calmly(phase))

    const atFirst = await reading(server)
    await reading(idle)
    const [, reads] = await Promise.all([
      closed(32, phase, (which) => (clients[which] as Client).signIn()),
      open(50, phase, random, read).then((asked) => Promise.all(asked)),
    ])
    const { lag } = await reading(server)
    const { lag: idleLag } = await reading(idle)

    const over = new AbortController()
    const watched = watch(server, Math.max(500, seconds * 10), over.signal)
    const pending = await open(peak.all * overloading, seconds * 1000, random, act)
    const ended = performance.now()
    over.abort()
    const readings = await watched
    const after = await Promise.all(await calmly(6000))
    const under = await Promise.all(pending)

    const all = [...atPeak, ...before, ...under, ...reads, ...after]
    const shed = under.filter(({ kind }) => kind === 'shed')
    const overload = goodput(under, seconds * 1000)
    const last = await reading(server)
    // What is made once is made by then.
    const settled = readings.slice(Math.floor(readings.length / 4))
    return {
      peak,
      overload,
      overloadOfPeak: { all: overload.all / peak.all, hashing: overload.hashing / peak.hashing },
      idleLag: (await reading(idle)).lag,
      signIns: { lag, idleLag, reads: times(reads) },
      shed: { count: shed.length, times: times(shed) },
      outcomes: tally(all),
      failed: all.filter(({ kind }) => kind === 'failed').length,
      memory: {
        slope: slope(settled.map(({ requests, memory }) => ({ x: requests, y: memory }))),
        grown: last.memory - atFirst.memory,
        last,
      },
      recovery: recovery(before, after, ended),
    }
  } finally {
    visits.close()
    server.disconnect()
    idle.disconnect()
    await rm(folder, { recursive: true })
  }
}

const reading = (server: ChildProcess) => reply<Reading>(server, 'read')

async function watch(server: ChildProcess, every: number, over: AbortSignal): Promise<Reading[]> {
  const readings: Reading[] = []
  const pause = () => wait(every, true, { signal: over }).catch(() => false)
  while (await pause()) readings.push(await reading(server))
  return readings
}

function goodput(outcomes: readonly Outcome[], milliseconds: number): Goodput {
  const done = outcomes.filter(({ kind }) => kind === 'done')
  const perSecond = (count: number) => (count * 1000) / milliseconds
  return {
    all: perSecond(done.length),
    hashing: perSecond(done.filter(({ act }) => hashing.has(act)).length),
  }
}

function times(outcomes: readonly Outcome[]): Times {
  const all = outcomes.map(({ milliseconds }) => milliseconds)
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99) }
}

function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { act, kind, status } of outcomes) {
    const key = `${act} ${kind} ${status}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/**
 * Ill is a half second in which the server had no room for somebody, or most waited for twice as long as the slowest
 * before. A 429 is about the address alone.
 */
function recovery(before: readonly Outcome[], after: readonly Outcome[], since: number): number {
  const split = (outcomes: readonly Outcome[]) => [
    outcomes.filter(({ act }) => !hashing.has(act)),
    outcomes.filter(({ act }) => hashing.has(act)),
  ]
  const limits = split(before).map((outcomes) => 2 * times(outcomes).p99)
  const windows = Math.ceil((Math.max(...after.map(({ began }) => began)) - since) / 500)
  let well = 0
  for (let i = 0; i < windows; i++) {
    const inside = after.filter(({ began }) => Math.floor((began - since) / 500) === i)
    const late = split(inside).some((outcomes, kind) => times(outcomes).p50 > (limits[kind] ?? 0))
    if (late || inside.some(({ status }) => status === 503)) well = (i + 1) / 2
  }
  return well
}

/** What of the promises is broken. */
function judge({ overloadOfPeak, memory, signIns, recovery, failed }: Soak): string[] {
  const promises: readonly (readonly [string, boolean])[] = [
    [`goodput is ${share(overloadOfPeak.all)} of the peak`, overloadOfPeak.all >= 0.8],
    [`goodput of hashes is ${share(overloadOfPeak.hashing)} of the peak`, overloadOfPeak.hashing >= 0.7],
    [`${memory.slope.toFixed(1)} bytes stay by request`, memory.slope <= 32],
    [`the event loop is late by ${signIns.lag.p99.toFixed(1)} ms`, signIns.lag.p99 < 50],
    [`well again after ${recovery} s`, recovery <= 5],
    [`${failed} requests failed`, failed === 0],
  ]
  return promises.filter(([, kept]) => !kept).map(([what]) => what)
}

const share = (part: number) => `${Math.round(part * 100)} %`
const ms = (time: number) => `${time.toFixed(1)} ms`
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** `--seconds=600 --seed=1` */
export const soak: Trial = async (args): Promise<Report> => {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } },
  })
  const found = await overloaded(Number(values.seconds), Number(values.seed))
  const broken = judge(found)
  const { peak, overload, overloadOfPeak, signIns, shed, memory } = found
  return {
    ok: broken.length === 0,
    lines: [
      `peak ${peak.all.toFixed(0)} acts/s, ${peak.hashing.toFixed(1)} of them with a hash`,
      `${values.seconds} s at ${overloading} times that: ${overload.all.toFixed(0)} acts/s done (${share(overloadOfPeak.all)}), with a hash ${overload.hashing.toFixed(1)} (${share(overloadOfPeak.hashing)})`,
      `sent away ${shed.count}, told so in ${ms(shed.times.p50)}, p99 ${ms(shed.times.p99)}; failed ${found.failed}`,
      `memory ${memory.slope.toFixed(1)} B/request, ${mebibytes(memory.last.memory)} after ${memory.last.requests} requests (${mebibytes(memory.last.resident)} resident)`,
      `32 sign-ins at once: event loop late by p99 ${ms(signIns.lag.p99)}, worst ${ms(signIns.lag.worst)}; an idle one by ${ms(signIns.idleLag.p99)}, worst ${ms(signIns.idleLag.worst)}; get-session p50 ${ms(signIns.reads.p50)}, p99 ${ms(signIns.reads.p99)}`,
      `well again after ${found.recovery} s`,
      ...broken.map((what) => `BROKEN: ${what}`),
    ],
    figures: { seconds: Number(values.seconds), seed: Number(values.seed), ...found },
  }
}
