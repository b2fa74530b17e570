/** PostgreSQL as a `SqlDriver`, over a pool of `pg`. */
import type { SqlDriver, SqlRow, SqlVerbs } from './driver.ts'
import { checkParameters, exactInteger } from './parameters.ts'
import { transact } from './transaction.ts'

/** As much of a `Pool` of `pg` as is used. */
export interface PostgresqlPool extends PostgresqlQueries {
  connect(): Promise<PostgresqlClient>
}

export interface PostgresqlQueries {
  query(query: PostgresqlQuery): Promise<PostgresqlResult>
}

export interface PostgresqlClient extends PostgresqlQueries {
  release(destroy?: boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  off?(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresqlQuery {
  readonly text: string
  values: unknown[]
  /** One statement only, even without values. */
  readonly queryMode: 'extended'
  readonly types: { getTypeParser(oid: number, format?: string): (text: string) => unknown }
}

export interface PostgresqlResult {
  readonly rows: readonly unknown[]
  readonly rowCount: number | null
}

/** The pool stays the caller's: `close` does not end it. */
export function postgresqlDriver(pool: PostgresqlPool): SqlDriver {
  return {
    ...verbsOf(pool),
    async transaction(work) {
      const client = await pool.connect()
      // The pool listens only to clients that rest; an error that nobody listens to ends the process.
      client.on?.('error', ignore)
      let lost = false
      const command = (text: string) => send(client, text)
      try {
        return await transact({ verbs: verbsOf(client), command, begin: ['begin'], abandon: () => (lost = true) }, work)
      } finally {
        client.off?.('error', ignore)
        client.release(lost)
      }
    },
    async close() {},
  }
}

/** Of a connection that broke, its next statement tells. */
const ignore = () => {}

function verbsOf(queries: PostgresqlQueries): SqlVerbs {
  return {
    dialect: 'postgresql',
    async all(text, parameters) {
      checkParameters(parameters ?? [])
      return (await send(queries, text, parameters)).rows as SqlRow[]
    },
    async run(text, parameters) {
      checkParameters(parameters ?? [])
      return { changes: (await send(queries, text, parameters)).rowCount ?? 0 }
    },
  }
}

const send = (queries: PostgresqlQueries, text: string, parameters: readonly unknown[] = []) =>
  queries.query({ text, values: [...parameters], queryMode: 'extended', types })

type Parser = (text: string) => unknown

const asText: Parser = (text) => text
const asNumber: Parser = Number
const asInteger: Parser = (text) => exactInteger(BigInt(text))

/** By the numbers that PostgreSQL gives its types. The rest, dates among them, come as the database spells them. */
const parsers = new Map<number, Parser>([
  [16, (text) => text === 't'],
  [17, (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))],
  [20, asInteger],
  [21, asNumber],
  [23, asNumber],
  [26, asNumber],
  [700, asNumber],
  [701, asNumber],
])

const types = { getTypeParser: (oid: number) => parsers.get(oid) ?? asText }
