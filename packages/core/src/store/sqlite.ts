/**
 * Embedded SQLite. One connection writes, in turns; another reads, so that readers see only what is committed. A
 * database in memory has one connection for both, and reading takes turns too while a transaction is open.
 */

import { remember } from '../lib/remember.ts'
import { migrate, planMigration } from './ddl.ts'
import type { Engine, StoreOptions } from './engine.ts'
import { driverPatience, patiently, translate } from './failures.ts'
import type { Parameter, Plan } from './mapping.ts'
import { sqliteDialect as dialect, openFix } from './sqlite-dialect.ts'
import { type Connect, type Connection, loadDriver, type Prepared } from './sqlite-driver.ts'
import { mapTables } from './sqlite-mapping.ts'
import { StoreUnavailable } from './store.ts'
import { type TransactionOptions, transact } from './transaction.ts'
import { makeTurns } from './turns.ts'
import { type Runner, type SqlTables, sqlVerbs } from './verbs.ts'

/** `path`: of a file, or `:memory:`. */
export async function openSqlite(path: string, options: StoreOptions): Promise<Engine> {
  const connect = await loadDriver()
  const inMemory = path === ':memory:'
  const { onStatement } = options
  const writer = makeLine(connect, path, ['pragma foreign_keys = on', 'pragma synchronous = normal'])
  const reader = inMemory ? writer : makeLine(connect, path, ['pragma query_only = on'])
  const turns = makeTurns()

  const { mappings, findings } = await start()
  const tables: SqlTables = { dialect, mappings, makeId: options.makeId }
  const known = (error: unknown) => translate(dialect, mappings.values(), error, path)
  let closed = false

  /** Other processes may be starting on the same file. Each try has a connection of its own. */
  async function start() {
    const plan = (connection: Connection) => planMigration(connection, options.tables, options.idType)
    try {
      return await patiently(dialect, () => {
        const connection = writer.open()
        try {
          if (!inMemory) connection.prepare('pragma journal_mode = wal').all([])
          const upToDate = plan(connection).length === 0
          const open = upToDate ? [] : inTransaction(connection, () => migrate(connection, plan(connection)))
          const { mappings, findings } = mapTables(connection, options.tables, options.idType)
          return { mappings, findings: [...open, ...findings] }
        } catch (error) {
          writer.close()
          throw error
        }
      })
    } catch (error) {
      throw translate(dialect, [], error, path)
    }
  }

  /** Waits for its turn, and while the database is busy. What fails for good leaves a fresh connection behind. */
  async function inTurn<T>(line: Line, plan: Plan, use: Use<T>, params: readonly Parameter[]): Promise<T> {
    await turns.take()
    try {
      checkOpen()
      return await patiently(dialect, () => use(line.statement(plan), params))
    } catch (error) {
      if (!inMemory && dialect.recognise(error)?.kind === 'busy') line.close()
      throw known(error)
    } finally {
      turns.release()
    }
  }

  const checkOpen = () => {
    if (closed) throw new StoreUnavailable('the store is closed')
  }

  /** At once where nobody else's turn is in the way. */
  function execute<T>(plan: Plan, use: Use<T>, given: readonly Parameter[]): T | Promise<T> {
    checkOpen()
    onStatement?.(plan.text)
    const line = plan.writes ? writer : reader
    const params = args(plan, given)
    if (turns.free || !(plan.writes || inMemory)) {
      try {
        return use(line.statement(plan), params)
      } catch (error) {
        if (dialect.recognise(error)?.kind !== 'busy') throw known(error)
      }
    }
    return inTurn(line, plan, use, params)
  }

  /** Inside a transaction all runs on the writing connection, which holds the lock. */
  function executeInside<T>(plan: Plan, use: Use<T>, given: readonly Parameter[]): T {
    onStatement?.(plan.text)
    try {
      return use(writer.statement(plan), args(plan, given))
    } catch (error) {
      throw known(error)
    }
  }

  const runner: Runner = {
    first: (plan, params) => execute(plan, first, params),
    all: (plan, params) => execute(plan, all, params),
    run: (plan, params) => execute(plan, run, params),
  }
  const inside: Runner = {
    first: (plan, params) => executeInside(plan, first, params),
    all: (plan, params) => executeInside(plan, all, params),
    run: (plan, params) => executeInside(plan, run, params),
  }

  const inner: TransactionOptions = {
    dialect,
    verbs: sqlVerbs(tables, inside),
    command(text) {
      onStatement?.(text)
      writer.open().exec(text)
    },
    // A fresh connection holds no transaction; a database in memory lives in this one.
    abandon() {
      if (!inMemory) writer.close()
    },
  }

  return {
    verbs: sqlVerbs(tables, runner),
    findings,
    async transaction(work) {
      await turns.take()
      try {
        checkOpen()
        return await transact(inner, work)
      } catch (error) {
        throw known(error)
      } finally {
        turns.release()
      }
    },
    async close() {
      if (closed) return
      await turns.take()
      closed = true
      reader.close()
      writer.close()
      turns.release()
    },
  }
}

/** What is done with a prepared statement. */
type Use<T> = (statement: Prepared, params: readonly Parameter[]) => T

const first: Use<ArrayLike<unknown> | undefined> = (statement, params) => statement.first(params)
const all: Use<ArrayLike<unknown>[]> = (statement, params) => statement.all(params)
const run: Use<void> = (statement, params) => statement.run(params)

const args = (plan: Plan, params: readonly Parameter[]) => (plan.inOrder ? params : plan.order.map((at) => params[at]))

/** Runs synchronous work in a write transaction of its own. */
function inTransaction<T>(connection: Connection, work: () => T): T {
  connection.exec('begin immediate')
  try {
    const result = work()
    connection.exec('commit')
    return result
  } catch (error) {
    connection.exec('rollback')
    throw error
  }
}

/** One connection, opened when used, with its prepared statements. */
interface Line {
  open(): Connection
  statement(plan: Plan): Prepared
  close(): void
}

function makeLine(connect: Connect, path: string, settings: readonly string[]): Line {
  let connection: Connection | undefined
  const statements = new Map<Plan, Prepared>()
  const open = () => {
    if (connection) return connection
    let opened: Connection
    try {
      opened = connect(path)
    } catch (cause) {
      throw new StoreUnavailable(`cannot open ${path}`, { cause, fix: openFix })
    }
    for (const setting of [`pragma busy_timeout = ${driverPatience}`, ...settings]) opened.exec(setting)
    connection = opened
    return opened
  }
  return {
    open,
    statement(plan) {
      return statements.get(plan) ?? remember(statements, plan, open().prepare(plan.text))
    },
    close() {
      statements.clear()
      connection?.close()
      connection = undefined
    },
  }
}
