import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Framework } from '../src/options.ts'

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** Where pictures of the pages go; outside git. */
const artifacts = fileURLToPath(new URL('../../../artifacts/demo/', import.meta.url))

export interface Running {
  readonly url: string
  /** Ends it as Ctrl+C does, and gives its exit code. */
  stop(): Promise<number | null>
}

/** The built demo as a process of its own, on a free port. */
export async function startDemo(framework: Framework, database: string): Promise<Running> {
  const args = [entry, '--framework', framework, '--port', '0', '--database', database]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  for await (const line of createInterface(child.stdout)) {
    const [, url, on] = /^Keystile demo on (http:\S+) \((\w+), SQLite at .+\)\. Stop with Ctrl\+C\.$/.exec(line) ?? []
    if (!url || on !== framework) continue
    const stop = () => {
      child.kill('SIGINT')
      return exited
    }
    return { url, stop }
  }
  throw new Error(`the demo ended with ${await exited} before it was up; it is built by "npm run build"`)
}

/** A folder for one test file, and what removes it. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'keystile-demo-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The file of a picture, in a folder that exists. */
export function picture(name: string): string {
  mkdirSync(artifacts, { recursive: true })
  return join(artifacts, `${name}.png`)
}
