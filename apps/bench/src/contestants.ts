/** Starts contenders, each in its own process. */
import { fileURLToPath } from 'node:url'
import type { ContenderName } from './contender.ts'
import type { Tasks } from './contestant.ts'
import { type Remote, startRemote } from './remote.ts'

export interface Contestant {
  readonly name: ContenderName
  readonly tasks: Remote<Tasks>
}

const program = fileURLToPath(new URL('contestant.js', import.meta.url))

/** Runs `work` with the contestants of these names, and ends them after it. */
export async function withContestants<T>(
  names: readonly ContenderName[],
  flags: readonly string[],
  work: (contestants: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  const started = names.map((name) => ({ name, process: startRemote<Tasks>(program, [name], flags) }))
  try {
    return await work(started.map(({ name, process }) => ({ name, tasks: process.tasks })))
  } finally {
    for (const { process } of started) process.end()
  }
}
