/** More sign-ins at once than can be hashed, in a process with little memory. */
import { child, reply } from '../child.ts'

export interface Burst {
  /** Sign-ins at once. */
  readonly requests: number
  /** How long bursts follow each other; 0 for one. */
  readonly seconds: number
}

export interface Shed {
  /** How many answers there were of each kind: status, code, and `retry` where it says when to come back. */
  readonly answers: Readonly<Record<string, number>>
  /** The most memory the process held after a burst, in bytes. */
  readonly rss: number
  /** What a single sign-in gets then. */
  readonly after: string
}

/** Rejects where the process dies of it. */
export async function shed(burst: Burst): Promise<Shed> {
  const module = import.meta.url.endsWith('.ts') ? './shed.child.ts' : './shed.child.js'
  const server = child(new URL(module, import.meta.url), [], ['--max-old-space-size=128'])
  try {
    return await reply<Shed>(server, burst)
  } finally {
    server.kill('SIGKILL')
  }
}
