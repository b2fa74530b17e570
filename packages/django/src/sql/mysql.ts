/** MySQL and MariaDB as a `SqlDriver`, over a pool of `mysql2/promise`. */
import type { SqlDriver, SqlOutcome, SqlParameter, SqlRow, SqlVerbs } from './driver.ts'
import { checkParameters, exactInteger } from './parameters.ts'
import { transact } from './transaction.ts'

/** As much of a `Pool` of `mysql2/promise` as is used. */
export interface MysqlPool extends MysqlQueries {
  getConnection(): Promise<MysqlConnection>
}

export interface MysqlQueries {
  execute(options: MysqlQuery, values: unknown): Promise<readonly [unknown, unknown]>
}

export interface MysqlConnection extends MysqlQueries {
  query(text: string): Promise<unknown>
  release(): void
  destroy(): void
}

export interface MysqlQuery {
  sql: string
  dateStrings: true
  supportBigNumbers: true
  typeCast: (field: MysqlField, next: () => unknown) => unknown
}

export interface MysqlField {
  readonly type: string
  readonly extendedFormat?: string
  string(encoding: string): string | null
}

/** The pool stays the caller's: `close` does not end it. */
export function mysqlDriver(pool: MysqlPool): SqlDriver {
  return {
    ...verbsOf(pool),
    async transaction(work) {
      const connection = await pool.getConnection()
      const command = (text: string) => connection.query(text)
      let lost = false
      const options = { verbs: verbsOf(connection), command, begin, abandon: () => (lost = true) }
      try {
        return await transact(options, work)
      } finally {
        if (lost) connection.destroy()
        else connection.release()
      }
    },
    async close() {},
  }
}

/** As Django's own connections do. The first counts for the next transaction alone. */
const begin = ['set transaction isolation level read committed', 'start transaction']

function verbsOf(queries: MysqlQueries): SqlVerbs {
  return {
    dialect: 'mysql',
    async all(text, parameters) {
      return (await send(queries, text, parameters)) as SqlRow[]
    },
    async run(text, parameters) {
      return outcomeOf((await send(queries, text, parameters)) as Header)
    },
  }
}

/** As a prepared statement: nothing is ever pasted into the text. */
async function send(queries: MysqlQueries, sql: string, parameters: readonly SqlParameter[] = []): Promise<unknown> {
  checkParameters(parameters)
  const options: MysqlQuery = { sql, dateStrings: true, supportBigNumbers: true, typeCast: read }
  const [result] = await queries.execute(options, parameters.map(fit))
  return result
}

const fit = (value: SqlParameter) => {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'bigint' ? String(value) : value
}

interface Header {
  readonly affectedRows: number
  readonly insertId: number | string
  readonly info?: string
}

/** `affectedRows` leaves out, where the pool is told so, the rows that held the values already. */
function outcomeOf({ affectedRows, insertId, info }: Header): SqlOutcome {
  const matched = /^Rows matched: (\d+)/.exec(info ?? '')?.[1]
  const id = exactInteger(BigInt(insertId))
  return { changes: matched === undefined ? affectedRows : Number(matched), insertId: id === 0 ? undefined : id }
}

/** Whatever the pool is told to make of values. JSON stays text; integers are exact. */
function read(field: MysqlField, next: () => unknown): unknown {
  if (field.type === 'JSON' || field.extendedFormat === 'json') return field.string('utf8')
  const value = next()
  return field.type === 'LONGLONG' && typeof value === 'string' ? exactInteger(BigInt(value)) : value
}
