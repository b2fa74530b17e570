import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDatabase } from '@keystile/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SqlDriver } from './driver.ts'
import { sqliteDriver } from './sqlite.ts'
import type { SqliteDatabase } from './sqlite-line.ts'

/** A promise that is settled from outside. */
function makeGate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** The event loop goes round a few times. */
async function rounds(count = 20) {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a file', () => {
  let folder: string
  let path: string
  let drivers: SqlDriver[]
  const open = (patience?: number) => {
    const driver = sqliteDriver(path, { patience })
    drivers.push(driver)
    return driver
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keystile-django-'))
    path = join(folder, 'db.sqlite3')
    drivers = []
  })
  afterEach(async () => {
    await Promise.all(drivers.map((driver) => driver.close()))
    rmSync(folder, { recursive: true })
  })

  it('is not made where there is none, and found once it is there', async () => {
    const driver = open()
    await expect(driver.all('select 1 as one')).rejects.toMatchObject({ code: 'NO_DATABASE' })
    expect(existsSync(path)).toBe(false)
    writeFileSync(path, '')
    expect(await driver.all('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('keeps its journal mode, and its foreign keys are heeded', async () => {
    writeFileSync(path, '')
    const driver = open()
    await driver.run('create table a (id integer primary key)')
    await driver.run('create table b (a integer references a (id))')
    expect(await driver.all('pragma journal_mode')).toEqual([{ journal_mode: 'delete' }])
    await expect(driver.run('insert into b (a) values (1)')).rejects.toThrow('FOREIGN KEY')
    await expect(driver.transaction((tx) => tx.run('insert into b (a) values (1)'))).rejects.toThrow('FOREIGN KEY')
  })

  it('is waited for while another process writes, and the event loop goes on', async () => {
    writeFileSync(path, '')
    const [ours, theirs, hasty] = [open(), open(), open(10)]
    await ours.run('create table t (n integer)')
    const [writing, gate] = [makeGate(), makeGate()]
    const their = theirs.transaction(async (tx) => {
      await tx.run('insert into t values (1)')
      writing.open()
      await gate.opened
    })
    await writing.opened
    let done = 0
    const work = [
      ours.run('insert into t values (2)').then(() => done++),
      ours.transaction((tx) => tx.run('insert into t values (3)')).then(() => done++),
    ]
    await rounds()
    expect(done).toBe(0)
    // Readers need not wait.
    expect(await ours.all('select n from t')).toEqual([])
    await expect(hasty.run('insert into t values (4)')).rejects.toMatchObject({ code: 'DATABASE_BUSY' })
    gate.open()
    await Promise.all([their, ...work])
    expect(await ours.all('select n from t order by n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('has its own writers in turns, of whom none waits for ever', async () => {
    writeFileSync(path, '')
    const driver = open(10)
    await driver.run('create table t (n integer)')
    const gate = makeGate()
    const first = driver.transaction(async (tx) => {
      await tx.run('insert into t values (1)')
      await gate.opened
    })
    await expect(driver.run('insert into t values (2)')).rejects.toMatchObject({ code: 'DATABASE_BUSY' })
    gate.open()
    await first
    await driver.run('insert into t values (3)')
    expect(await driver.all('select n from t')).toEqual([{ n: 1 }, { n: 3 }])
  })

  it('is let go at the end', async () => {
    writeFileSync(path, '')
    const driver = open()
    await driver.all('select 1')
    await driver.close()
    await driver.close()
    for (const call of [driver.all('select 1'), driver.run('select 1'), driver.transaction(async () => {})]) {
      await expect(call).rejects.toMatchObject({ code: 'DATABASE_CLOSED' })
    }
  })
})

describe('a database that was opened elsewhere', () => {
  it('shows nothing of an open transaction, and stays open', async () => {
    const database = (await loadDatabase())(':memory:') as SqliteDatabase
    database.prepare('pragma foreign_keys = off').run()
    const driver = sqliteDriver(database)
    await driver.run('create table t (n integer)')
    expect(await driver.all('pragma foreign_keys')).toEqual([{ foreign_keys: 1 }])
    const [writing, gate] = [makeGate(), makeGate()]
    const work = driver.transaction(async (tx) => {
      await tx.run('insert into t values (1)')
      writing.open()
      await gate.opened
      throw new Error('no')
    })
    await writing.opened
    const seen = driver.all('select n from t')
    gate.open()
    await expect(work).rejects.toThrow('no')
    expect(await seen).toEqual([])
    await driver.close()
    expect(database.prepare('select 1 as one').all()).toEqual([{ one: 1 }])
    database.close()
  })
})
