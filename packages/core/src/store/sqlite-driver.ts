/**
 * The synchronous SQLite of the runtime behind one small face: `node:sqlite` (Node 22.13 and later), `bun:sqlite`, or
 * the `libsql` package. Loaded on first use.
 */
import { ConfigError } from '../lib/errors.ts'
import type { Parameter } from './mapping.ts'

export interface Connection {
  prepare(text: string): Prepared
  /** Runs a statement whose rows, if any, nobody reads. */
  exec(text: string): void
  close(): void
}

/** Rows are arrays, in the order of the columns. */
export interface Prepared {
  first(params: readonly Parameter[]): ArrayLike<unknown> | undefined
  /** Reads to the end, which is when a write is committed and its errors are known. */
  all(params: readonly Parameter[]): ArrayLike<unknown>[]
  /** For statements that give no rows: the quickest way to write. */
  run(params: readonly Parameter[]): void
}

/** Opens a connection to a file, which is created where there is none, or to a memory of its own. */
export type Connect = (path: string) => Connection

/** The modules of the runtimes have names that bundlers must not look for. */
const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ name)

/** @throws ConfigError where the runtime has no SQLite. */
export const loadDriver = (): Promise<Connect> => pick({ bun, node: nodeSqlite, libsql })

/**
 * Opens a database as the runtime's own SQLite shows it. The three differ in how parameters are given, which is for the
 * caller to mind.
 *
 * @throws ConfigError where the runtime has no SQLite.
 */
export function loadDatabase(): Promise<(path: string) => unknown> {
  return pick<(path: string) => unknown>({
    bun: (module) => (path) => new module.Database(path, { safeIntegers: true }),
    node: (module) => (path) => new module.DatabaseSync(path),
    libsql: (Database) => (path) => new Database(path),
  })
}

/** What becomes of the module that there is. */
interface Choices<T> {
  readonly bun: (module: BunSqlite) => T
  readonly node: (module: NodeSqlite) => T
  readonly libsql: (module: typeof import('libsql')) => T
}

async function pick<T>(choices: Choices<T>): Promise<T> {
  if ('Bun' in globalThis) return choices.bun((await load('bun:sqlite')) as BunSqlite)
  const node = await load('node:sqlite').catch(() => undefined)
  if (node) return choices.node(node as NodeSqlite)
  try {
    return choices.libsql((await import('libsql')).default)
  } catch (cause) {
    const error = new ConfigError([
      {
        code: 'SQLITE_DRIVER_MISSING',
        message: 'This runtime has no SQLite: Node before 22.13 needs the optional package libsql',
        seen: `Node ${process.versions.node} without libsql`,
        expected: 'bun:sqlite, node:sqlite or libsql',
        fix: 'Use Node 22.13 or later, or install libsql: npm install libsql',
      },
    ])
    error.cause = cause
    throw error
  }
}

interface NodeStatement {
  get(...params: Parameter[]): unknown
  all(...params: Parameter[]): unknown[]
  run(...params: Parameter[]): unknown
  setReturnArrays?(on: boolean): void
}

interface NodeSqlite {
  readonly DatabaseSync: new (
    path: string,
  ) => {
    prepare(text: string): NodeStatement
    close(): void
  }
}

function nodeSqlite({ DatabaseSync }: NodeSqlite): Connect {
  return (path) => {
    const database = new DatabaseSync(path)
    return {
      prepare(text) {
        const statement = database.prepare(text)
        statement.setReturnArrays?.(true)
        const array = (row: unknown) => (Array.isArray(row) ? row : Object.values(row as object))
        return {
          first(params) {
            const row = statement.get(...params)
            return row === undefined ? undefined : array(row)
          },
          all: (params) => statement.all(...params).map(array),
          run(params) {
            statement.run(...params)
          },
        }
      },
      // As a statement too: `exec` of Deno throws errors without their code.
      exec(text) {
        database.prepare(text).run()
      },
      close: () => database.close(),
    }
  }
}

interface BunSqlite {
  readonly Database: new (
    path: string,
    options?: { readonly safeIntegers: boolean },
  ) => {
    prepare(text: string): { values(...params: Parameter[]): unknown[][]; run(...params: Parameter[]): unknown }
    exec(text: string): void
    close(): void
  }
}

function bun({ Database }: BunSqlite): Connect {
  return (path) => {
    const database = new Database(path)
    return {
      prepare(text) {
        const statement = database.prepare(text)
        return {
          first: (params) => statement.values(...params)[0],
          all: (params) => statement.values(...params),
          run(params) {
            statement.run(...params)
          },
        }
      },
      exec: (text) => database.exec(text),
      close: () => database.close(),
    }
  }
}

/** `libsql` ends the process when given a value of another type than these: what is bound must never be anything else. */
function check(params: readonly Parameter[]): void {
  for (const value of params) {
    if (value !== null && typeof value !== 'string' && typeof value !== 'number') {
      throw new TypeError(`SQLite takes no ${typeof value}`)
    }
  }
}

function libsql(Database: typeof import('libsql')): Connect {
  return (path) => {
    const database = new Database(path)
    return {
      prepare(text) {
        const statement = database.prepare(text)
        if (statement.reader) statement.raw()
        return {
          first(params) {
            check(params)
            return statement.get(params) as ArrayLike<unknown> | undefined
          },
          all(params) {
            check(params)
            return statement.all(params) as ArrayLike<unknown>[]
          },
          run(params) {
            check(params)
            statement.run(params)
          },
        }
      },
      exec(text) {
        database.exec(text)
      },
      close() {
        database.close()
      },
    }
  }
}
