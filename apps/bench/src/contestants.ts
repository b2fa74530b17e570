/** Starts contenders, each in its own process. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ContenderName } from './contender.ts'
import type { Tasks } from './contestant.ts'

type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Promise<R> : never
}

export interface Contestant extends Remote<Tasks> {
  readonly name: ContenderName
}

const program = fileURLToPath(new URL('contestant.js', import.meta.url))

/** Runs `work` with the contestants of these names, and ends them after it. */
export async function withContestants<T>(
  names: readonly ContenderName[],
  flags: readonly string[],
  work: (contestants: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  const started = names.map((name) => start(name, flags))
  try {
    return await work(started.map(({ contestant }) => contestant))
  } finally {
    for (const { end } of started) end()
  }
}

function start(name: ContenderName, flags: readonly string[]): { contestant: Contestant; end: () => void } {
  const child = fork(program, [name], { execArgv: [...flags], env: { ...process.env, NODE_ENV: 'production' } })
  let answered: (answer: { value?: unknown; error?: string }) => void = () => {}
  child.on('message', (answer: object) => answered(answer))
  child.on('exit', (code) => answered({ error: `its process ended with ${code}` }))
  const task =
    (task: keyof Tasks) =>
    async (...args: unknown[]): Promise<never> => {
      child.send({ task, args })
      const { value, error } = await new Promise<{ value?: unknown; error?: string }>((resolve) => {
        answered = resolve
      })
      if (error !== undefined) throw new Error(`${name}: ${error}`)
      return value as never
    }
  return {
    contestant: {
      name,
      prepare: task('prepare'),
      warmUp: task('warmUp'),
      median: task('median'),
      bytes: task('bytes'),
      slope: task('slope'),
      statements: task('statements'),
    },
    end: () => child.kill(),
  }
}
