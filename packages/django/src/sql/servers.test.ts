/** What is peculiar to drivers of servers: pools that are told otherwise, and connections that break. */
import mysql from 'mysql2/promise'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Scratch, testDatabases } from '../testing/databases.ts'
import type { SqlDriver } from './driver.ts'
import { mysqlDriver } from './mysql.ts'
import { postgresqlDriver } from './postgresql.ts'

const servers = testDatabases.filter(({ dialect }) => dialect !== 'sqlite')

describe.each(servers)('on $name', ({ dialect, missing, open }) => {
  beforeEach(({ skip }) => skip(missing !== undefined, missing))

  let scratch: Scratch
  let driver: SqlDriver
  let end: () => Promise<void>
  beforeAll(async () => {
    if (missing) return
    scratch = await open()
    const at = { host: '127.0.0.1', user: 'root', database: String(scratch.settings.NAME) }
    if (dialect === 'postgresql') {
      const pool = new pg.Pool({ ...at, max: 2, types: { getTypeParser: () => () => 'theirs' } })
      pool.on('error', () => {})
      driver = postgresqlDriver(pool)
      end = () => pool.end()
    } else {
      const pool = mysql.createPool({
        ...at,
        connectionLimit: 2,
        flags: ['-FOUND_ROWS'],
        typeCast: () => 'theirs',
        timezone: '+05:00',
        bigNumberStrings: true,
        multipleStatements: true,
      })
      driver = mysqlDriver(pool)
      end = () => pool.end()
    }
    const date = dialect === 'mysql' ? 'datetime(6)' : 'timestamptz'
    await scratch.script([`create table t (n bigint primary key, name varchar(9), at ${date})`])
    await scratch.script(["insert into t values (5, 'a', '2025-01-02 03:04:05.000006')"])
  })
  afterAll(async () => {
    await end?.()
    await scratch?.drop()
  })

  it('reads and counts in its own way, whatever the pool is told', async () => {
    const [row] = await driver.all('select n, name, at from t')
    expect(row).toMatchObject({ n: 5, name: 'a', at: expect.stringMatching(/^2025-01-02 03:04:05\.000006/) })
    expect((await driver.run("update t set name = 'a' where n = 5")).changes).toBe(1)
  })

  it('runs one statement only', async () => {
    await expect(driver.run("update t set name = 'b'; update t set name = 'c'")).rejects.toThrow()
    expect(await driver.all('select name from t')).toEqual([{ name: 'a' }])
  })

  it('goes on after a connection broke in a transaction', async () => {
    const [own, kill] =
      dialect === 'postgresql'
        ? ['select pg_backend_pid() as id', 'select pg_terminate_backend($1)']
        : ['select connection_id() as id', 'kill ?']
    for (let n = 0; n < 3; n++) {
      const work = driver.transaction(async (tx) => {
        const [row] = await tx.all(own)
        await tx.run("update t set name = 'lost'")
        const id = Number(row?.id)
        if (dialect === 'mysql') await scratch.script([`${kill.replace('?', String(id))}`])
        else await scratch.driver.all(kill, [id])
        await tx.all('select 1 as one')
      })
      await expect(work).rejects.toThrow()
    }
    expect(await driver.all('select name from t')).toEqual([{ name: 'a' }])
  })
})

/** A connection that refuses to roll back. */
async function refuses(text: string) {
  if (text === 'rollback') throw new Error('stuck')
}

it('gives up a connection of which nobody knows what it is in', async () => {
  const given: unknown[] = []
  const client = {
    async query({ text }: { text: string }) {
      await refuses(text)
      return { rows: [], rowCount: 0 }
    },
    release: (destroy?: boolean) => given.push(destroy),
  }
  const postgresql = postgresqlDriver({ query: client.query, connect: async () => client })
  const connection = {
    query: refuses,
    execute: async () => [{ affectedRows: 0, insertId: 0 }, undefined] as const,
    release: () => given.push('released'),
    destroy: () => given.push('destroyed'),
  }
  const mysqlLike = mysqlDriver({ execute: connection.execute, getConnection: async () => connection })
  for (const driver of [postgresql, mysqlLike]) {
    const failing = driver.transaction(async () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await driver.transaction((tx) => tx.run('update t set n = 1'))
  }
  expect(given).toEqual([true, false, 'destroyed', 'released'])
})
