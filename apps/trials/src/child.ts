import { type ChildProcess, fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * Runs a module of this app as a process of its own, with a channel for messages. From sources it runs the sources of
 * every package, from `dist` what was built. `flags` are Node's own.
 */
export function child(module: URL, args: readonly string[] = [], flags: readonly string[] = []): ChildProcess {
  const fromSource = module.pathname.endsWith('.ts')
  const loader = fileURLToPath(new URL('./typescript.mjs', import.meta.url))
  const execArgv = fromSource ? ['--conditions=@keystile/source', '--import', loader] : []
  return fork(fileURLToPath(module), args, { execArgv: [...flags, ...execArgv] })
}

/** Sends a message, if one is given, and resolves with the next that comes back. Rejects where the child ends instead. */
export async function reply<T>(process: ChildProcess, message?: Serializable): Promise<T> {
  const stop = new AbortController()
  const { signal } = stop
  const answered = once(process, 'message', { signal })
  const ended = once(process, 'exit', { signal }).then(([code, killedBy]) => {
    throw new Error(`a child process has ended: ${killedBy ?? code}`)
  })
  if (message !== undefined) process.send(message)
  try {
    return (await Promise.race([answered, ended]))[0]
  } finally {
    stop.abort()
    for (const loser of [answered, ended]) loser.catch(() => {})
  }
}
