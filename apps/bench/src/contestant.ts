/**
 * One contender in a process of its own, told what to do by messages: better-auth's AsyncLocalStorage makes every promise
 * of its process dearer, and code that one library has warmed up would be judged with another's types.
 */
import type { ContenderName, OpenOptions } from './contender.ts'
import { countStatements, type Statements } from './count-statements.ts'
import { fillSessions } from './fill.ts'
import { openContender } from './open.ts'
import { answerTasks } from './remote.ts'
import { type Act, allScenarios, type Scenario } from './scenarios.ts'

const name = process.argv[2] as ContenderName
let act: Act = { run: () => Promise.reject(new Error('nothing is prepared')) }
const durations = new Float64Array(1 << 20)
let timed = 0

const inputOf = async () => (act.input ? await act.input() : '')

async function someInputs(count: number): Promise<string[]> {
  const inputs: string[] = []
  while (inputs.length < count) inputs.push(await inputOf())
  return inputs
}

/** Microseconds of a processor until now, those of all threads. */
function used(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** A few answers, each timed, but none begun after `end`; gives their work without that of making what they take. */
async function run(end: number): Promise<number> {
  const inputs = await someInputs(act.input ? 10 : 100)
  const before = used()
  for (const input of inputs) {
    const start = performance.now()
    await act.run(input)
    const now = performance.now()
    durations[timed++] = now - start
    if (now >= end || timed === durations.length) break
  }
  return used() - before
}

export interface Taken {
  readonly p50: number
  readonly work: number
}

const tasks = {
  /** Gets a scenario ready and gives its first answer. */
  async prepare(
    measure: string,
    options: Partial<OpenOptions> & { readonly sessions?: number } = {},
  ): Promise<unknown> {
    const scenario = allScenarios.find((one) => one.name === measure) as Scenario
    const { path = ':memory:', sessions, ...others } = options
    const contender = await openContender(name, { path, cookieCache: scenario.cookieCache, ...others })
    act = await scenario.prepare(contender)
    if (sessions) await fillSessions(path, sessions)
    timed = 0
    const answer = await act.run(await inputOf())
    return shape(typeof answer === 'string' ? JSON.parse(answer) : answer)
  },

  /** Runs until its answers have had this much of a processor: on a busy machine time alone would not warm it up. */
  async warmUp(milliseconds: number): Promise<void> {
    for (let work = 0; work < milliseconds * 1000; timed = 0) work += await run(performance.now() + 50)
  },

  /** What one answer takes, in microseconds: the median of the clock's time, and the mean of the work of all threads. */
  async round(milliseconds: number): Promise<Taken> {
    const from = timed
    const end = performance.now() + milliseconds
    let work = 0
    do work += await run(end)
    while (performance.now() < end && timed < durations.length)
    return { p50: quantile(from, 0.5), work: work / (timed - from) }
  },

  /** The slowest of a hundred, over all rounds since it was prepared; undefined where they were too few to tell. */
  p99: async (): Promise<number | undefined> => (timed < 500 ? undefined : quantile(0, 0.99)),

  /** Bytes of JavaScript heap that one answer takes; needs a young generation so large that none is collected. */
  async bytes(count: number): Promise<number> {
    const inputs = await someInputs(count)
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (const input of inputs) await act.run(input)
    return (process.memoryUsage().heapUsed - before) / count
  },

  /** Bytes that stay behind after each answer. */
  async slope(count: number): Promise<number> {
    const held = () => {
      for (let i = 0; i < 3; i++) globalThis.gc?.()
      return process.memoryUsage().heapUsed
    }
    for (let i = 0; i < count / 10; i++) await act.run(await inputOf())
    const before = held()
    for (let i = 0; i < count; i++) await act.run(await inputOf())
    return (held() - before) / count
  },

  statements: (): Promise<Statements> => countStatements(name),
}

/** In microseconds, of the times from `from` on. */
const quantile = (from: number, share: number) => {
  const sorted = durations.slice(from, timed).sort()
  return (sorted[Math.floor(sorted.length * share)] as number) * 1000
}

/** An answer without what differs from one server, or call, to the next: ids, tokens, times, addresses. */
function shape(value: unknown): unknown {
  if (value instanceof Date) return 'Date'
  if (typeof value === 'string') return /^(\d{4}-\d\d-\d\dT|[\w-]{32,}$|ada\d+@)/.test(value) ? 'made' : value
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, field]) => [key, shape(field)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export type Tasks = typeof tasks
answerTasks(tasks)
