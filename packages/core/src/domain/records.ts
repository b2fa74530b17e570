/**
 * Rows with the app's `databaseHooks` around them. Before-hooks may change or refuse a write; after-hooks run once it
 * is committed. Without hooks a call is the store's verb and nothing else.
 */
import type { ListOptions, Store, Verbs, Where } from '../store/store.ts'
import type { Table } from '../store/table.ts'
import type { Exchange } from './exchange.ts'

type Data = Record<string, unknown>

/** `false` refuses the write; `{ data }` is merged over it. */
export type BeforeHook = (
  data: Data,
  context: Exchange | null,
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that returns nothing is the common one
) => false | { readonly data: Data } | void | Promise<false | { readonly data: Data } | void>
export type AfterHook = (data: Data, context: Exchange | null) => unknown

export interface WriteHooks {
  readonly before?: BeforeHook | undefined
  readonly after?: AfterHook | undefined
}

export interface ModelHooks {
  readonly create?: WriteHooks | undefined
  readonly update?: WriteHooks | undefined
  readonly delete?: WriteHooks | undefined
}

/** Hooks by logical table name; lists run in order: plugins first, the app's own last. */
export type HookTable = { readonly [model: string]: readonly ModelHooks[] }

/** A row that must be there at the moment in which another is written. */
export interface Needed {
  readonly table: Table
  readonly where: Where<Record<string, unknown>>
}

export interface Creation<Row> {
  /** Turns the data into what is stored, where that differs from what hooks and the caller see. */
  readonly seal?: ((data: Partial<Row>) => Partial<Row>) | undefined
  readonly needs?: Needed | undefined
}

export interface Records {
  /** `null` when a hook refused, or what it needs is not there. */
  create<Row extends object>(table: Table<Row>, row: Partial<Row>, creation?: Creation<Row>): Promise<Row | null>
  /** `null` when no row matched or a hook refused. */
  update<Row extends object>(table: Table<Row>, where: Where<Row>, patch: Partial<Row>): Promise<Row | null>
  /** Deletes every matching row, returns how many. */
  remove<Row extends object>(table: Table<Row>, where: Where<Row>): Promise<number>
  /** All or nothing; after-hooks of what happened inside run after the commit. */
  transaction<T>(work: (tx: Records) => Promise<T>): Promise<T>
}

/** Rows as one call sees them: hooks are told which exchange they run in. */
export type RecordsOf = (exchange: Exchange | null) => Records

export function recordKeeper(store: Store, hooks: HookTable): RecordsOf {
  return (exchange) => {
    const on = (verbs: Verbs, later: ((run: () => unknown) => void) | undefined): Records => {
      const after = async (list: readonly AfterHook[], row: object) => {
        const run = async () => {
          for (const hook of list) await hook(row as Data, exchange)
        }
        if (list.length === 0) return
        if (later) later(run)
        else await run()
      }
      return {
        async create(table, row, { seal, needs } = {}) {
          const { before, after: told } = chain(hooks, table.name, 'create')
          const data = await ask(before, table, row, exchange)
          if (data === null) return null
          const sealed = seal ? seal(data) : data
          const stored = needs
            ? await verbs.insertIf(table, sealed, needs.table, needs.where)
            : await verbs.insert(table, sealed)
          if (stored === null) return null
          const made = seal ? { ...stored, ...data } : stored
          await after(told, made)
          return made
        },
        async update(table, where, patch) {
          const { before, after: told } = chain(hooks, table.name, 'update')
          const data = await ask(before, table, patch, exchange)
          if (data === null) return null
          const row = await verbs.update(table, where, data)
          if (row !== null) await after(told, row)
          return row
        },
        async remove(table, where) {
          const { before, after: told } = chain(hooks, table.name, 'delete')
          if (before.length === 0 && told.length === 0) return verbs.remove(table, where)
          let removed = 0
          for (const row of await verbs.list(table, where, everything)) {
            if ((await ask(before, table, row, exchange)) === null) continue
            const { id } = row as { id?: unknown }
            removed += await verbs.remove(table, { id } as Where<typeof row>)
            await after(told, row)
          }
          return removed
        },
        async transaction(work) {
          if (later) return work(on(verbs, later))
          const queue: (() => unknown)[] = []
          const result = await store.transaction((tx) => work(on(tx, (run) => queue.push(run))))
          for (const run of queue) await run()
          return result
        },
      }
    }
    return on(store, undefined)
  }
}

const everything: ListOptions<object> = { limit: Number.MAX_SAFE_INTEGER }
const none: { readonly before: readonly BeforeHook[]; readonly after: readonly AfterHook[] } = { before: [], after: [] }

function chain(hooks: HookTable, model: string, act: keyof ModelHooks): typeof none {
  const list = Object.hasOwn(hooks, model) ? (hooks[model] ?? []) : []
  if (list.length === 0) return none
  return {
    before: list.flatMap((h) => h[act]?.before ?? []),
    after: list.flatMap((h) => h[act]?.after ?? []),
  }
}

/**
 * The data after every before-hook, each shown what the ones before it made of it; `null` when one refused. What a hook
 * adds beside the table's fields has no place to go and is dropped.
 */
async function ask<D extends object>(
  list: readonly BeforeHook[],
  table: Pick<Table, 'fields'>,
  data: D,
  exchange: Exchange | null,
): Promise<D | null> {
  let merged = data
  for (const hook of list) {
    const verdict = await hook(merged as Data, exchange)
    if (verdict === false) return null
    if (verdict) merged = { ...merged, ...known(table, verdict.data) }
  }
  return merged
}

function known({ fields }: Pick<Table, 'fields'>, data: Data): Data {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name === 'id' || Object.hasOwn(fields, name)))
}
