/** Embedded SQLite in a process of its own, on a file that a test makes read-only, full or corrupt. */
import { child, reply } from '../child.ts'

export type Asked =
  | {
      readonly database: string
      /** Whom the process becomes before it opens the file. */
      readonly userId?: number | undefined
    }
  | { readonly path: string; readonly body?: object | undefined; readonly cookie?: string | undefined }

export interface Told {
  /** What `ready` found. */
  readonly problem?: object | undefined
  readonly status?: number
  readonly body?: string | undefined
  readonly cookie?: string | undefined
  readonly logged?: readonly string[]
}

export interface DiskSite {
  readonly problem: object | undefined
  /** The log of the start. */
  readonly logged: readonly string[] | undefined
  ask(path: string, body?: object, cookie?: string): Promise<Told>
  end(): void
}

export async function openOnDisk(database: string, userId?: number): Promise<DiskSite> {
  const module = import.meta.url.endsWith('.ts') ? './disk.child.ts' : './disk.child.js'
  const server = child(new URL(module, import.meta.url))
  const { problem, logged } = await reply<Told>(server, { database, userId })
  return {
    problem,
    logged,
    ask: (path, body, cookie) => reply<Told>(server, { path, body, cookie }),
    end: () => server.kill('SIGKILL'),
  }
}
