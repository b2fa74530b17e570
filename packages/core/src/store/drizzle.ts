/**
 * A store on the app's drizzle database. It is one connection, shared with the app: while one of our transactions is
 * open, our other statements wait.
 *
 * On a synchronous driver a transaction is `begin`, statements and `commit` of our own, as the driver's helper ends
 * with the first `await`. Its verbs give only promises that are fulfilled already, so that all of it happens in one
 * turn of the event loop and no request, timer or answer of a socket comes between.
 */
import { type Placeholder, type SQL, sql } from 'drizzle-orm/sql/sql'
import { remember } from '../lib/remember.ts'
import { type DateForm, formOfNumber } from './dates.ts'
import { mapAppTables } from './drizzle-mapping.ts'
import { type DrizzleDatabase, type Engine, refuse, type StoreOptions } from './engine.ts'
import { patiently, translate } from './failures.ts'
import { inTime, patience } from './in-time.ts'
import type { Parameter, Plan } from './mapping.ts'
import { sqliteDialect as dialect } from './sqlite-dialect.ts'
import { compile } from './statements.ts'
import { StoreUnavailable, type Verbs } from './store.ts'
import { runWork, transact } from './transaction.ts'
import { makeTurns } from './turns.ts'
import { type RawRow, type Runner, sqlVerbs } from './verbs.ts'

interface PreparedQuery {
  values(parameters: object): readonly RawRow[] | Promise<readonly RawRow[]>
  /** Drivers refuse to read rows from a statement that gives none. */
  run(parameters: object): unknown
}

/** What drizzle's SQLite sessions share, whatever the driver. */
interface Session {
  prepareQuery(
    query: { readonly sql: string; readonly params: readonly Placeholder[] },
    fields: undefined,
    method: 'all',
    arrays: boolean,
  ): PreparedQuery
}

/** The parts of a drizzle SQLite database that its types keep to themselves. */
interface SqliteDatabase {
  readonly resultKind: 'sync' | 'async'
  readonly session: Session
  readonly dialect: { readonly casing: { getColumnCasing(column: unknown): string } }
  readonly $client?: Partial<DurableStorage & D1> | undefined
  run(query: SQL): unknown
  transaction<T>(work: (tx: { readonly session: Session }) => Promise<T>, config: { behavior: 'immediate' }): Promise<T>
}

/** The storage of a Durable Object refuses `begin`; its own transactions may wait, and take back what failed. */
interface DurableStorage {
  transaction<T>(work: () => Promise<T>): Promise<T>
  transactionSync(work: () => unknown): unknown
}

/** What Cloudflare's D1 has, with no transactions beside. */
interface D1 {
  prepare(text: string): unknown
  batch(statements: readonly unknown[]): unknown
}

const isDurable = (client: SqliteDatabase['$client']): client is DurableStorage =>
  typeof client?.transactionSync === 'function'
const isD1 = (client: SqliteDatabase['$client']) =>
  typeof client?.prepare === 'function' && typeof client.batch === 'function' && !client.transaction

export async function openDrizzle(given: DrizzleDatabase, schema: unknown, options: StoreOptions): Promise<Engine> {
  const db = given as unknown as SqliteDatabase
  if (typeof db.session?.prepareQuery !== 'function' || typeof db.dialect?.casing?.getColumnCasing !== 'function') {
    refuse({
      code: 'DRIZZLE_UNKNOWN',
      message: 'This version of drizzle-orm is not known',
      seen: 'a database without the session or the names of columns that 0.45 has',
      expected: 'a database of drizzle-orm 0.45',
      fix: 'Install drizzle-orm 0.45: npm install drizzle-orm@0.45',
    })
  }
  const client = db.$client
  if (isD1(client)) {
    refuse({
      code: 'DRIZZLE_WITHOUT_TRANSACTIONS',
      message: 'D1 has no transactions: a user could be left without an account',
      seen: 'a drizzle database on D1',
      expected: 'one whose driver has transactions',
      fix: 'Keep the tables in a Durable Object (drizzle-orm/durable-sqlite), or on a server of libSQL (drizzle-orm/libsql)',
    })
  }
  const { onStatement } = options
  const turns = makeTurns()
  let closed = false
  const checkOpen = () => {
    if (closed) throw new StoreUnavailable('the store is closed')
  }

  const base = preparedOn(db.session)
  const run = async <T>(prepared: (plan: Plan) => PreparedQuery, plan: Plan, use: Use<T>, params: Parameter[]) => {
    onStatement?.(plan.text)
    try {
      const outcome = use(prepared(plan), params)
      return await (outcome instanceof Promise ? inTime(outcome, unanswered) : outcome)
    } catch (error) {
      throw known(error)
    }
  }
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    await turns.take()
    try {
      checkOpen()
      return await patiently(dialect, work)
    } finally {
      turns.release()
    }
  }
  const outside: Execute = async (plan, use, params) => {
    checkOpen()
    if (!turns.free) return inTurn(() => run(base, plan, use, params))
    try {
      return await run(base, plan, use, params)
    } catch (error) {
      if (!isBusy(error)) throw error
      return inTurn(() => run(base, plan, use, params))
    }
  }
  const isBusy = (error: unknown) => dialect.recognise(error)?.kind === 'busy'

  const app = await mapAppTables(
    schemaOf(given, schema),
    options.tables,
    (column) => db.dialect.casing.getColumnCasing(column),
    async (tableName, column): Promise<DateForm> => {
      const plan = compile(dialect, false, () => {
        const name = sql.identifier(column)
        return sql`select ${name} from ${sql.identifier(tableName)} where ${name} is not null limit 1`
      })
      const rows = await inTime(Promise.resolve(base(plan).values([])), unanswered)
      const value = rows[0]?.[0]
      return value === undefined ? 'seconds' : formOfNumber(Number(value))
    },
  )
  const known = (error: unknown) => translate(dialect, app.mappings.values(), error)
  const tables = {
    dialect,
    mappings: app.mappings,
    makeId: (model: string) => options.makeId(model) ?? app.defaultId(model),
  }
  const verbsOn = (execute: Execute) => {
    const runner: Runner = {
      all: (plan, params) => execute(plan, readRows, params),
      first: async (plan, params) => (await execute(plan, readRows, params))[0],
      run: (plan, params) => execute(plan, readNothing, params),
    }
    return sqlVerbs(tables, runner)
  }
  const onBase = verbsOn((plan, use, params) => run(base, plan, use, params))

  /** By the driver's own helper, tried again while the database is busy but never once the work has begun. */
  async function transactAsync<T>(work: (tx: Verbs) => Promise<T>): Promise<T> {
    let begun = false
    // Kept, since drivers throw what their rollback throws in its place.
    let failure: { readonly error: unknown } | undefined
    const outcome = await patiently(dialect, async () => {
      onStatement?.('begin immediate')
      let over = false
      try {
        const transaction = db.transaction(
          async ({ session }) => {
            if (over) throw new StoreUnavailable(unanswered)
            begun = true
            const prepared = preparedOn(session)
            const verbs = verbsOn((plan, use, params) => run(prepared, plan, use, params))
            return runWork(verbs, work).catch((error) => {
              failure = { error }
              throw error
            })
          },
          { behavior: 'immediate' },
        )
        // Twice: time is left for the work's own end, and the rollback that follows it.
        const value = await inTime(transaction, unanswered, 2 * patience)
        onStatement?.('commit')
        return { value }
      } catch (error) {
        over = true
        if (!begun) throw error
        onStatement?.('rollback')
        return failure ?? { error: dialect.recognise(error) ? error : notCommitted(error) }
      }
    })
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  return {
    verbs: verbsOn(outside),
    findings: app.findings,
    async transaction(work) {
      await turns.take()
      try {
        checkOpen()
        if (isDurable(client)) return await client.transaction(() => runWork(onBase, work))
        if (db.resultKind === 'sync') {
          const command = (text: string) => {
            onStatement?.(text)
            return db.run(sql.raw(text))
          }
          return await transact({ dialect, verbs: onBase, command, abandon() {} }, work)
        }
        return await transactAsync(work)
      } catch (error) {
        throw known(error)
      } finally {
        turns.release()
      }
    },
    /** The connection is the app's, and stays open. */
    async close() {
      closed = true
    },
  }
}

const unanswered = 'the database did not answer in time'

const notCommitted = (cause: unknown) =>
  new StoreUnavailable('the database did not say that it has committed', { cause })

/** What is done with a prepared query. */
type Use<T> = (query: PreparedQuery, params: Parameter[]) => T | Promise<T>
type Execute = <T>(plan: Plan, use: Use<T>, params: Parameter[]) => Promise<T>

const readRows: Use<readonly RawRow[]> = (query, params) => query.values(params)
const readNothing: Use<unknown> = (query, params) => query.run(params)

/** Prepares each plan once on a session. */
function preparedOn(session: Session): (plan: Plan) => PreparedQuery {
  const queries = new Map<Plan, PreparedQuery>()
  return (plan) => {
    const known = queries.get(plan)
    if (known) return known
    const params = plan.order.map((at) => sql.placeholder(String(at)))
    return remember(queries, plan, session.prepareQuery({ sql: plan.text, params }, undefined, 'all', false))
  }
}

function schemaOf(db: DrizzleDatabase, given: unknown): object {
  const schema = given ?? db._.fullSchema
  if (typeof schema === 'object' && schema !== null && Object.keys(schema).length > 0) return schema
  return refuse({
    code: 'SCHEMA_MISSING',
    message: 'The drizzle database was made without its schema',
    seen: 'no tables',
    expected: 'the tables of the app',
    fix: 'Pass it: drizzle(client, { schema }), or database: { drizzle: db, schema }',
  })
}
