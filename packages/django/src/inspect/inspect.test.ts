import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { django } from '../django.ts'
import { sqliteDriver } from '../sql/sqlite.ts'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import { djangoTables, recordedTables } from '../testing/django-tables.ts'
import { recorded, recordedVersions } from '../testing/recorded.ts'
import { inspectDjango } from './inspect.ts'
import { reportOf } from './report.ts'

const fixture = (version: string) => fileURLToPath(new URL(`../../fixtures/db-${version}.sqlite3`, import.meta.url))

/** Within the life of the recorded sessions. */
const clock = () => Date.parse('2025-01-02T00:00:00Z')

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function copyOf(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-inspect-'))
  folders.push(folder)
  const path = join(folder, 'site.sqlite3')
  copyFileSync(fixture(version), path)
  return path
}

describe.each(recordedVersions)('a database of Django %s', (version) => {
  it('is told, and left as it was', async () => {
    const path = copyOf(version)
    const before = readFileSync(path)
    const driver = sqliteDriver(path)
    const { secret_key: secretKey } = recorded('db', version)
    const found = await inspectDjango(driver, { secretKey, clock })
    await driver.close()
    expect(readFileSync(path).equals(before)).toBe(true)

    expect(found.users).toMatchObject({ table: 'auth_user', key: 'id', username: 'username', missing: [], extra: [] })
    const rows = found.hashers.reduce((sum, one) => sum + one.rows, 0)
    expect('rows' in found.users && found.users.rows).toBe(rows)
    expect(found.hashers.map(({ algorithm }) => algorithm)).toEqual(
      expect.arrayContaining(['pbkdf2_sha256', 'unusable']),
    )
    // Their hashes are quick ones, so the migrations alone tell.
    const old = version === '2.2'
    expect(found.version.least).toBe(old ? '2.2' : '3.1')
    expect(found.sessions).toMatchObject({ form: old ? 'legacy' : 'signed' })
    expect(found.sessions?.readable?.read).toBeGreaterThan(5)
    expect(found.csrf?.cookie).toBe('masked')
    expect(found.own.map(({ there }) => there)).toEqual([false, false, false, false])
  })
})

describe.each(testDatabases)('on $name', ({ dialect, missing, open }) => {
  let scratch: Scratch
  beforeEach(async ({ skip }) => {
    skip(missing !== undefined, missing)
    scratch = await open()
  })
  afterEach(() => scratch?.drop())

  it.each(recordedTables[dialect])('finds what there is in tables of Django %s', async (version) => {
    const { driver } = scratch
    expect((await inspectDjango(driver)).users).toEqual({ problem: expect.stringContaining('auth_user') })
    await scratch.script(djangoTables(dialect, version))
    expect(await inspectDjango(driver)).toMatchObject({
      users: { rows: 0 },
      hashers: [],
      sessions: { live: 0, form: undefined },
    })

    const site = django({
      driver,
      secretKey: 'one',
      passwordHashers: [{ algorithm: 'pbkdf2_sha256', iterations: 600_000 }],
    })
    await site.users.register({ username: 'ada', password: 'ada-pw' })
    await site.users.register({ username: 'bob', password: null })
    await site.users.register({ username: 'eve', password: null })
    const md5 = '5f4dcc3b5aa765d61d8327deb882cf99'
    await site.users.updatePassword((await site.users.byUsername('eve'))?.id ?? '', md5)
    const session = await site.openSession()
    session.set('a', 1)
    await session.save()

    const found = await inspectDjango(driver, { secretKey: 'another' })
    expect(found.hashers.toSorted((a, b) => (a.algorithm < b.algorithm ? -1 : 1))).toEqual([
      { algorithm: 'pbkdf2_sha256', rows: 1, verified: 'by default' },
      { algorithm: 'unsalted_md5', rows: 1, verified: 'by opting in' },
      { algorithm: 'unusable', rows: 1, verified: 'never' },
    ])
    expect(found.sessions).toMatchObject({ live: 1, expired: 0, form: 'signed', readable: { read: 0, of: 1 } })
    expect(found.version.least).toBe('4.2')
    const later = await inspectDjango(driver, { secretKey: 'one', clock: () => Date.now() + 15 * 86_400_000 })
    expect(later.sessions).toMatchObject({ live: 0, expired: 1, readable: { read: 1, of: 1 } })

    const report = reportOf(found)
    expect(report).toContain('auth_user: 3 rows, key id')
    expect(report).toContain('the secret key reads 0 of the latest 1')
    expect(report).not.toContain(md5)
  })
})

it("tells of a model of the project's own", async () => {
  const driver = sqliteDriver(':memory:')
  await driver.run(
    'create table people (uuid char(32) primary key, email varchar(254) unique not null, password varchar(128) not null, country varchar(2) not null)',
  )
  const { users } = await inspectDjango(driver, { usersTable: 'people' })
  expect(users).toMatchObject({
    key: 'uuid',
    username: 'email',
    missing: expect.arrayContaining(['last_login', 'is_active']),
    extra: ['country'],
    needed: ['country'],
  })
  await driver.close()
})

describe('keystile-django', () => {
  const root = fileURLToPath(new URL('../../../../', import.meta.url))
  const args = ['--conditions=@keystile/source', '--import', join(root, 'apps/trials/src/typescript.mjs')]
  const run = (...given: string[]) =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      const cli = join(root, 'packages/django/src/cli.ts')
      const child = spawn(process.execPath, [...args, cli, ...given], { env: { ...process.env, SECRET_KEY: '' } })
      let [out, err] = ['', '']
      child.stdout.on('data', (part) => {
        out += part
      })
      child.stderr.on('data', (part) => {
        err += part
      })
      child.on('close', (code) => resolve({ code, out, err }))
    })

  it('tells it to a person, and to a program', async () => {
    const path = copyOf('5.2')
    const told = await run('inspect', path)
    expect(told).toMatchObject({ code: 0, err: '' })
    expect(told.out).toMatch(/^Database {7}SQLite\nDjango {9}3\.1 or later/)
    const json = JSON.parse((await run('inspect', path, '--json')).out)
    expect(json).toMatchObject({ dialect: 'sqlite', version: { least: '3.1' } })
  })

  it('says what it was not told', async () => {
    expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('Usage: keystile-django inspect') })
    const gone = await run('inspect', '/nowhere/site.sqlite3')
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('There is no database /nowhere/site.sqlite3') })
    const other = await run('inspect', 'oracle://host/name')
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('oracle:// is no database') })
  })
})
