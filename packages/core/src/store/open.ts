/** Opens a store on what the `database` option holds. Nothing is loaded or touched before the first use. */
import { type DrizzleDatabase, type Engine, refuse, type StoreOptions } from './engine.ts'
import { type MadeDatabase, openEngine } from './made.ts'
import { type MemoryDatabase, memoryRows } from './memory-adapter.ts'
import { type Store, StoreUnavailable, type Verbs } from './store.ts'

/**
 * Where rows are kept: `':memory:'`, the path or `file:` URL of an SQLite file, a drizzle database made with its schema
 * (or `{ drizzle, schema }`), `memoryAdapter(rows)`, or what another package made, such as `djangoDatabase(…)`.
 */
export type Database =
  | string
  | DrizzleDatabase
  | { readonly drizzle: DrizzleDatabase; readonly schema: Readonly<Record<string, unknown>> }
  | MemoryDatabase
  | MadeDatabase

export type { DrizzleDatabase, StoreOptions } from './engine.ts'

/** @throws ConfigError for a database of no known kind. */
export function openStore(database: Database, options: StoreOptions): Store {
  const start = starter(database, options)
  const findings: string[] = []
  let engine: Engine | undefined
  let opening: Promise<Engine> | undefined
  let closed = false

  const open = async () => {
    if (closed) throw new StoreUnavailable('the store is closed')
    opening ??= start().then(
      (started) => {
        findings.push(...started.findings)
        for (const finding of started.findings) options.logger?.warn(finding)
        engine = started
        return started
      },
      (error) => {
        opening = undefined
        throw error
      },
    )
    return opening
  }
  /** The verb of the engine; once it is open, without a promise of our own. */
  const verb = <K extends keyof Verbs>(name: K): Verbs[K] => {
    const call = (...args: unknown[]) => {
      const run = (verbs: Verbs) => (verbs[name] as (...args: unknown[]) => Promise<unknown>)(...args)
      return engine ? run(engine.verbs) : open().then((opened) => run(opened.verbs))
    }
    return call as Verbs[K]
  }

  return {
    find: verb('find'),
    join: verb('join'),
    list: verb('list'),
    count: verb('count'),
    insert: verb('insert'),
    insertIf: verb('insertIf'),
    update: verb('update'),
    updateAll: verb('updateAll'),
    remove: verb('remove'),
    consume: verb('consume'),
    increment: verb('increment'),
    transaction: async (work) => (engine ?? (await open())).transaction(work),
    async ready() {
      if (!engine) await open()
    },
    findings,
    async close() {
      closed = true
      await (await opening?.catch(() => undefined))?.close()
    },
  }
}

function starter(database: Database, options: StoreOptions): () => Promise<Engine> {
  if (typeof database === 'string') {
    checkLocation(database)
    return async () => (await import('#embedded')).openEmbedded(database, options)
  }
  if (typeof database === 'object' && database !== null) {
    if (memoryRows in database) {
      return async () => (await import('./memory.ts')).openMemory(database[memoryRows], options)
    }
    if (openEngine in database) return () => database[openEngine](options)
    const given = 'drizzle' in database ? database : { drizzle: database, schema: undefined }
    const kinds = entityKinds(given.drizzle)
    if (kinds.includes('BaseSQLiteDatabase')) {
      return async () => (await import('./drizzle.ts')).openDrizzle(given.drizzle, given.schema, options)
    }
    if (kinds.some((kind) => kind === 'PgDatabase' || kind === 'MySqlDatabase')) {
      refuse({
        code: 'DATABASE_UNSUPPORTED',
        message: 'A drizzle database of this kind does not work yet: only SQLite does',
        seen: `a ${kinds[0]}`,
        expected: 'a BaseSQLiteDatabase',
        fix: 'Pass a drizzle database of an SQLite driver, or the path of an SQLite file',
      })
    }
  }
  return refuse({
    code: 'DATABASE_UNKNOWN',
    message: 'The database option holds nothing that can be opened',
    seen: database === null ? 'null' : `a value of type ${typeof database}`,
    expected: 'a path, a drizzle database or an adapter',
    fix: "Pass ':memory:', the path of an SQLite file, a drizzle database made with its schema, or memoryAdapter(rows)",
  })
}

function checkLocation(location: string): void {
  if (location !== '' && !/^(?!file:)[a-z][a-z\d+.-]+:/i.test(location) && !/^file:.*[?#]/i.test(location)) return
  // No more of it: an address may hold a password.
  const [scheme] = location.split(':')
  refuse({
    code: 'DATABASE_UNSUPPORTED',
    message: location === '' ? 'The database has no path' : `A database at a ${scheme}: address cannot be opened`,
    seen: location === '' ? 'an empty text' : `an address of ${scheme}:`,
    expected: 'the path of an SQLite file',
    fix: "Pass ':memory:', a path such as './auth.db', or a file: URL without a query",
  })
}

/** The names of the drizzle classes that a value is of; drizzle itself need not be loaded for it. */
function entityKinds(value: unknown): string[] {
  const kinds: string[] = []
  const key = Symbol.for('drizzle:entityKind')
  for (let at: unknown = value; at !== null && typeof at === 'object'; at = Object.getPrototypeOf(at)) {
    const kind = (at.constructor as unknown as Record<symbol, unknown> | undefined)?.[key]
    if (typeof kind === 'string') kinds.push(kind)
  }
  return kinds
}
