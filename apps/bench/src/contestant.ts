/**
 * One contender in a process of its own, told what to do by messages: better-auth's AsyncLocalStorage makes every promise
 * of its process dearer, and code that one library has warmed up would be judged with another's types.
 */
import type { Contender, ContenderName } from './contender.ts'
import { countStatements, type Statements } from './count-statements.ts'
import { openContender } from './open.ts'
import { type Scenario, scenarios } from './scenarios.ts'

const name = process.argv[2] as ContenderName
let run: () => Promise<unknown> = () => Promise.reject(new Error('nothing is prepared'))

const open = (scenario: Scenario): Promise<Contender> =>
  openContender(name, { path: ':memory:', cookieCache: scenario.cookieCache })

const tasks = {
  /** Gets a scenario ready and gives its first answer. */
  async prepare(measure: string): Promise<unknown> {
    const scenario = scenarios.find((one) => one.name === measure) as Scenario
    run = await scenario.prepare(await open(scenario))
    const answer = await run()
    return shape(typeof answer === 'string' ? JSON.parse(answer) : answer)
  },

  /** Runs until it has had this much of a processor: on a busy machine time alone would not warm it up. */
  async warmUp(milliseconds: number): Promise<void> {
    const before = process.cpuUsage()
    const used = () => {
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1000
    }
    while (used() < milliseconds) await run()
  },

  /** The median time of one answer, in microseconds. */
  async median(milliseconds: number): Promise<number> {
    const end = performance.now() + milliseconds
    let count = 0
    for (let start = performance.now(); start < end && count < durations.length; ) {
      await run()
      const now = performance.now()
      durations[count++] = now - start
      start = now
    }
    return (durations.subarray(0, count).sort()[count >> 1] as number) * 1000
  },

  /** Bytes of JavaScript heap that one answer takes; needs a young generation so large that none is collected. */
  async bytes(count: number): Promise<number> {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < count; i++) await run()
    return (process.memoryUsage().heapUsed - before) / count
  },

  /** Bytes that stay behind after each answer. */
  async slope(count: number): Promise<number> {
    const used = () => {
      for (let i = 0; i < 3; i++) globalThis.gc?.()
      return process.memoryUsage().heapUsed
    }
    for (let i = 0; i < count / 10; i++) await run()
    const before = used()
    for (let i = 0; i < count; i++) await run()
    return (used() - before) / count
  },

  statements: (): Promise<Statements> => countStatements(name),
}

const durations = new Float64Array(1 << 17)

/** An answer without what differs from one server, or call, to the next: ids, tokens, times, addresses. */
function shape(value: unknown): unknown {
  if (value instanceof Date) return 'Date'
  if (typeof value === 'string') return /^(\d{4}-\d\d-\d\dT|[\w-]{32,}$|ada\d+@)/.test(value) ? 'made' : value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, field]) => [key, shape(field)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export type Tasks = typeof tasks

process.on('message', async ({ task, args }: { task: keyof Tasks; args: [never] }) => {
  try {
    process.send?.({ value: await tasks[task](...args) })
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})
