/** A database that better-auth 1.7.6 filled is served as it is. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuth } from '@keystile/core'
import { username as ourUsername } from '@keystile/plugins/username'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { username } from 'better-auth/plugins'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ada, browser, keep, origin, storedForm, tokenCookie, tokenIn } from './support.ts'

const secret = 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg'

interface Sqlite {
  prepare(text: string): { all(...params: unknown[]): Record<string, unknown>[] }
  close(): void
}
/** The SQLite that core brings along. */
const Database = createRequire(import.meta.resolve('@keystile/core'))('libsql') as new (path: string) => Sqlite

/** It as better-auth takes one: by what it finds on it. */
const asTheirs = (database: Sqlite) =>
  ({ aggregate: true, prepare: (text: string) => database.prepare(text), close: () => database.close() }) as never

/** A file with Ada, signed up and in, and what her browser holds. */
async function filled(options: { readonly username?: boolean } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'keystile-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'auth.db')
  const database = new Database(file)
  const config = {
    database: asTheirs(database),
    secret,
    baseURL: origin,
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    ...(options.username ? { plugins: [username()] } : {}),
  }
  await (await getMigrations(config)).runMigrations()
  const theirs = betterAuth(config)
  const request = new Request(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ ...ada, ...(options.username ? { username: 'Ada_L' } : {}) }),
  })
  const response = await theirs.handler(request)
  expect(response.status).toBe(200)
  const jar = new Map<string, string>()
  keep(jar, response.headers.getSetCookie())
  database.close()
  return { file, jar }
}

function ours(file: string) {
  const auth = createAuth({
    database: file,
    secret,
    baseURL: origin,
    env: {},
    production: false,
    logger: { disabled: true },
    emailAndPassword: { enabled: true },
  })
  onTestFinished(() => auth.close())
  return { auth, browser: () => browser(auth.handler) }
}

function rowsOf(file: string, table: string) {
  const database = new Database(file)
  const rows = database.prepare(`select * from "${table}"`).all()
  database.close()
  return rows
}

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('a database of better-auth 1.7.6', () => {
  it('6.1 its session cookie goes on, its row is brought into the stored form', async () => {
    const { file, jar } = await filled()
    const token = tokenIn(jar)
    const [before] = rowsOf(file, 'session')
    expect(before?.token).toBe(token)
    const caller = ours(file).browser()
    for (const [name, value] of jar) caller.jar.set(name, value)
    const { json } = await caller.get('/get-session')
    expect(json).toMatchObject({
      session: { token, id: before?.id },
      user: { email: ada.email, name: 'Ada', emailVerified: false },
    })
    expect(json.session?.expiresAt).toBe(before?.expiresAt)
    const [after] = rowsOf(file, 'session')
    expect(after).toMatchObject({ ...before, token: storedForm(token) })
    expect((await caller.get('/get-session')).json.session?.token).toBe(token)
    expect((await caller.get('/list-sessions')).json).toMatchObject([{ token }])
  })

  it('9.2 its user signs in with the old scrypt hash, which becomes argon2id', async () => {
    const { file } = await filled()
    expect(rowsOf(file, 'account')[0]?.password).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/)
    const { browser } = ours(file)
    expect((await browser().signIn({ ...ada, password: 'password124' })).status).toBe(401)
    expect((await browser().signIn()).status).toBe(200)
    expect(rowsOf(file, 'account')[0]?.password).toMatch(/^\$argon2id\$/)
    expect((await browser().signIn()).status).toBe(200)
  })

  it('8.2 dates stay in its form, in rows of both', async () => {
    const { file } = await filled()
    const { browser } = ours(file)
    const caller = browser()
    expect((await caller.signUp({ ...ada, email: 'new@example.com' })).status).toBe(200)
    await caller.post('/update-user', { name: 'New' })
    for (const [table, columns] of [
      ['user', ['createdAt', 'updatedAt']],
      ['session', ['createdAt', 'updatedAt', 'expiresAt']],
      ['account', ['createdAt', 'updatedAt']],
    ] as const) {
      const rows = rowsOf(file, table)
      expect(rows).toHaveLength(2)
      for (const row of rows)
        for (const column of columns)
          expect([table, column, row[column]]).toEqual([table, column, expect.stringMatching(iso)])
    }
    expect(rowsOf(file, 'user').map((row) => row.emailVerified)).toEqual([0, 0])
  })

  it('its user name signs in', async () => {
    const { file } = await filled({ username: true })
    const auth = createAuth({
      database: file,
      secret,
      baseURL: origin,
      env: {},
      production: false,
      logger: { disabled: true },
      emailAndPassword: { enabled: true },
      plugins: [ourUsername()],
    })
    onTestFinished(() => auth.close())
    const answer = await browser(auth.handler).post('/sign-in/username', { username: 'ADA_L', password: ada.password })
    expect(answer.json.user).toMatchObject({ username: 'ada_l', displayUsername: 'Ada_L' })
  })

  it('storeToken: plain leaves the rows as better-auth reads them', async () => {
    const { file, jar } = await filled()
    const auth = createAuth({
      database: file,
      secret,
      baseURL: origin,
      env: {},
      production: false,
      logger: { disabled: true },
      session: { storeToken: 'plain' },
      emailAndPassword: { enabled: true },
    })
    onTestFinished(() => auth.close())
    const caller = browser(auth.handler)
    for (const [name, value] of jar) caller.jar.set(name, value)
    expect((await caller.get('/get-session')).text).not.toBe('null')
    expect(rowsOf(file, 'session')[0]?.token).toBe(tokenIn(jar))

    const other = browser(auth.handler)
    await other.signUp({ ...ada, email: 'new@example.com' })
    const database = new Database(file)
    onTestFinished(() => database.close())
    const theirs = betterAuth({
      database: asTheirs(database),
      secret,
      baseURL: origin,
      emailAndPassword: { enabled: true },
    })
    const read = await theirs.handler(
      new Request(`${origin}/api/auth/get-session`, {
        headers: { cookie: `${tokenCookie}=${other.jar.get(tokenCookie)}` },
      }),
    )
    expect(await read.json()).toMatchObject({ user: { email: 'new@example.com' } })
  })
})
