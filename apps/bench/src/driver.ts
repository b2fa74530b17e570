/** The one SQLite for all: the runtime's where it has one, else libsql, which is also what Keystile takes by itself. */

export interface Statement {
  get(...params: unknown[]): unknown
  all(...params: unknown[]): unknown[]
  run(...params: unknown[]): unknown
}

export interface Connection {
  prepare(text: string): Statement
  exec(text: string): unknown
}

interface NodeStatement extends Statement {
  setReturnArrays?(on: boolean): void
}

const load = (name: string): Promise<unknown> => import(name)

/** A connection as the driver makes it. */
export async function connect(path: string): Promise<Connection> {
  const Database = await databaseClass()
  return new Database(path)
}

export async function databaseClass(): Promise<new (path: string) => Connection> {
  const node = (await load('node:sqlite').catch(() => undefined)) as
    | { readonly DatabaseSync: new (path: string) => Connection }
    | undefined
  return node ? node.DatabaseSync : ((await import('libsql')).default as unknown as new (path: string) => Connection)
}

/** A statement whose rows are arrays. */
export function prepareRaw(database: Connection, text: string): Statement {
  const statement = database.prepare(text)
  if ('raw' in statement && typeof statement.raw === 'function') statement.raw(true)
  else (statement as NodeStatement).setReturnArrays?.(true)
  return statement
}
