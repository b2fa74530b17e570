/** How soon a new process answers. Each start is a process of its own on a database that is there already. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ContenderName, contenderNames } from './contender.ts'
import { atMost, type Table, tableOf } from './report.ts'
import type { Start } from './start.ts'

const program = fileURLToPath(new URL('start.js', import.meta.url))

/** The best of `count` starts. */
export function startup(count: number): Table[] {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-bench-'))
  try {
    const cookies = new Map(contenderNames.map((name) => [name, start(name, folder).cookie]))
    const best: { [Name in ContenderName]?: Start } = {}
    for (let i = 0; i < count; i++) {
      for (const name of contenderNames) {
        const { created, answered } = start(name, folder, cookies.get(name))
        const earlier = best[name] ?? { created, answered }
        best[name] = { created: Math.min(created, earlier.created), answered: Math.min(answered, earlier.answered) }
      }
    }
    const values = (key: 'created' | 'answered') =>
      Object.fromEntries(contenderNames.map((name) => [name, best[name]?.[key] ?? Number.NaN]))
    const [created, answered] = [values('created'), values('answered')]
    const { keystile = 0, 'better-auth': peer = 0 } = answered
    return [
      tableOf('Start', 'ms, best', [
        { measure: 'import and create', values: created, goals: [atMost(created.keystile ?? 0, 30)] },
        {
          measure: 'import to first get-session',
          values: answered,
          goals: [atMost(keystile / peer, 0.4, 'of better-auth')],
        },
      ]),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function start(name: ContenderName, folder: string, cookie = ''): Start {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, name, join(folder, `${name}.db`), cookie], {
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status !== 0) throw new Error(`${name} did not start: ${stderr}`)
  return JSON.parse(stdout)
}
