/** Whose session it is, by Django's tables beside ours: each a file of SQLite with a write-ahead log, read anew every time. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { django, sqliteDriver } from '@keystile/django'
import { origin, secret } from './contender.ts'
import { inTurns } from './in-turns.ts'
import { ownAuth } from './own-auth.ts'
import type { Pace } from './pace.ts'
import { atMost, type Table, tableOf } from './report.ts'

/** A database that Django 5.2 made. */
const made = fileURLToPath(new URL('../../../packages/django/fixtures/db-5.2.sqlite3', import.meta.url))

export async function besideDjango(pace: Pace): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-bench-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]
  try {
    const own = await ours(join(folder, 'own.db'), closing)
    const theirs = await djangos(join(folder, 'django.db'), closing)
    const { first, second, ratio } = await inTurns(own, theirs, pace)
    const figures = [
      {
        measure: 'session and user',
        values: { 'our session check': first, 'Django session and user': second },
        goals: [{ ...atMost(ratio, 1.3, '× ours'), required: true }],
      },
    ]
    return [
      tableOf(
        "Beside Django: who is calling, by each one's tables",
        'µs of processor time, median of the rounds',
        figures,
      ),
    ]
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function ours(database: string, closing: (() => unknown)[]) {
  const { auth, headers } = await ownAuth(database)
  closing.push(() => auth.close())
  return async () => {
    if (!(await auth.api.getSession({ headers }))) throw new Error('nobody is signed in')
  }
}

async function djangos(database: string, closing: (() => unknown)[]) {
  copyFileSync(made, database)
  const driver = sqliteDriver(database)
  await driver.all('pragma journal_mode = wal')
  const site = django({ driver, secretKey: secret })
  closing.push(() => site.close())
  const user = await site.users.register({ username: 'ada', password: null })
  const request = site.open({ method: 'GET', url: origin, headers: new Headers() })
  await request.login(user)
  const cookies = (await request.finish(200)).filter(([name]) => name === 'Set-Cookie')
  const headers = new Headers({ cookie: cookies.map(([, line]) => line.split(';')[0]).join('; ') })
  return async () => {
    if (!(await site.open({ method: 'GET', url: origin, headers }).user())) throw new Error('nobody is signed in')
  }
}
