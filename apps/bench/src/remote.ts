/** Processes of our own that are told what to do by messages, and answer them. */
import { fork } from 'node:child_process'

interface Task {
  readonly task: string
  readonly args: readonly unknown[]
}

interface Answer {
  readonly value?: unknown
  readonly error?: string
}

type Tasks = Record<string, (...args: never[]) => unknown>

export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never
}

export interface RemoteProcess<T> {
  /** Each call waits for the answer; one at a time. */
  readonly tasks: Remote<T>
  end(): void
}

/** Starts `program`, which hands its tasks to `answerTasks`. */
export function startRemote<T extends Tasks>(
  program: string,
  args: readonly string[],
  flags: readonly string[] = [],
): RemoteProcess<T> {
  const child = fork(program, args, { execArgv: [...flags], env: { ...process.env, NODE_ENV: 'production' } })
  let answered: (answer: Answer) => void = () => {}
  let ended: Answer | undefined
  child.on('message', (answer: Answer) => answered(answer))
  child.on('exit', (code) => {
    ended = { error: `its process ended with ${code}` }
    answered(ended)
  })
  const call =
    (task: string) =>
    async (...given: unknown[]) => {
      const { value, error } = await new Promise<Answer>((resolve) => {
        answered = resolve
        if (ended) resolve(ended)
        else child.send({ task, args: given } satisfies Task)
      })
      if (error !== undefined) throw new Error(`${args.join(' ')}: ${error}`)
      return value
    }
  // Not a promise, whatever name is asked for: `await` looks for `then`.
  const tasks = new Proxy({}, { get: (_, task) => (task === 'then' ? undefined : call(String(task))) })
  return { tasks: tasks as Remote<T>, end: () => child.kill() }
}

/** The other end. */
export function answerTasks(tasks: Tasks): void {
  process.on('message', async ({ task, args }: Task) => {
    try {
      process.send?.({ value: await tasks[task]?.(...(args as never[])) } satisfies Answer)
    } catch (error) {
      process.send?.({
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Answer)
    }
  })
  // A parent that is gone takes nobody's answers.
  process.on('disconnect', () => process.exit())
}
