/** The store over plain arrays: what the database does for the others is done here, by looking at every row. */
import type { Engine, StoreOptions } from './engine.ts'
import type { MemoryRows } from './memory-adapter.ts'
import { holds, order } from './memory-match.ts'
import { type JoinOn, type ListOptions, StoreUnavailable, UniqueViolation, type Verbs, type Where } from './store.ts'
import type { Table } from './table.ts'
import { eachVerb, runWork } from './transaction.ts'
import { makeTurns } from './turns.ts'
import { allFields, insertValue, type Kind, kindOf, logical, noField, patchOf } from './values.ts'
import { eachTerm, wholeNumber } from './where.ts'

type Row = Record<string, unknown>

interface MemoryTable {
  readonly table: Table
  readonly kinds: ReadonlyMap<string, Kind>
  readonly rows: Row[]
  /** Lists of fields that no two rows may share. */
  readonly unique: readonly (readonly string[])[]
  lastId: number
}

/** How to take one change back. */
type Undo = () => void

export function openMemory(rows: MemoryRows, options: StoreOptions): Engine {
  const tables = new Map(options.tables.map((table) => [table.name, memoryTable(table, rows)]))
  const turns = makeTurns()
  let closed = false

  const checkOpen = () => {
    if (closed) throw new StoreUnavailable('the store is closed')
  }
  const trace = options.onStatement ?? (() => {})
  /** Outside a transaction a change can be taken back only until the next verb. */
  const last: Undo[] = []
  const outside = memoryVerbs(tables, options, last, (text) => {
    last.length = 0
    trace(text)
  })
  /** Each verb is one step; while a transaction is open it waits. */
  const waiting = eachVerb(outside, (call) => async (...args) => {
    checkOpen()
    if (turns.free) return call(...args)
    await turns.take()
    try {
      return await call(...args)
    } finally {
      turns.release()
    }
  })

  return {
    verbs: waiting,
    findings: [],
    async transaction(work) {
      checkOpen()
      await turns.take()
      const undo: Undo[] = []
      try {
        trace('begin')
        const result = await runWork(memoryVerbs(tables, options, undo, trace), work)
        trace('commit')
        return result
      } catch (error) {
        trace('rollback')
        takeBack(undo, 0)
        throw error
      } finally {
        turns.release()
      }
    },
    async close() {
      closed = true
    },
  }
}

function memoryTable(table: Table, all: MemoryRows): MemoryTable {
  const rows = all[table.tableName] ?? []
  all[table.tableName] = rows
  const fields = allFields(table)
  return {
    table,
    kinds: new Map(fields.map(([name, field]) => [name, kindOf(field)])),
    rows,
    unique: [
      ...fields.filter(([, field]) => field.unique).map(([name]) => [name]),
      ...table.indexes.filter((index) => index.unique).map((index) => index.fields),
    ],
    lastId: rows.reduce((last, row) => Math.max(last, Number(row.id) || 0), 0),
  }
}

/** Takes back the changes made since there were `length` of them. */
function takeBack(undo: Undo[], length: number): void {
  for (const step of undo.splice(length).reverse()) step()
}

/** `undo` receives how to take back each change, in order; `trace` is called as each verb begins. */
function memoryVerbs(
  tables: ReadonlyMap<string, MemoryTable>,
  { makeId }: StoreOptions,
  undo: Undo[],
  trace: (text: string) => void,
): Verbs {
  const at = (table: { readonly name: string }, verb: string): MemoryTable => {
    const found = tables.get(table.name)
    if (!found) throw new Error(`table ${table.name} is not part of this store`)
    trace(`${verb} ${table.name}`)
    return found
  }

  const rowOf = (there: MemoryTable, given: object): Row => {
    const values = new Map<string, unknown>(Object.entries(given))
    for (const name of values.keys()) if (!there.kinds.has(name)) noField(there.table, name)
    const row: Row = {}
    for (const [name, field] of allFields(there.table)) {
      const value =
        name === 'id'
          ? (values.get('id') ?? makeId(there.table.name) ?? String(++there.lastId))
          : insertValue(there.table, name, field, values.get(name))
      row[name] = stored(there, name, value)
    }
    return row
  }

  const add = (there: MemoryTable, row: Row): Row | undefined => {
    checkUnique(there, row)
    there.rows.push(row)
    undo.push(() => there.rows.splice(there.rows.indexOf(row), 1))
    return copy(there, row)
  }

  const replace = (there: MemoryTable, old: Row, changes: Row): Row => {
    const row = { ...old, ...changes }
    checkUnique(there, row, old)
    there.rows[there.rows.indexOf(old)] = row
    undo.push(() => {
      there.rows[there.rows.indexOf(row)] = old
    })
    return row
  }

  const drop = (there: MemoryTable, row: Row): void => {
    const place = there.rows.indexOf(row)
    if (place < 0) return
    there.rows.splice(place, 1)
    undo.push(() => there.rows.splice(place, 0, row))
    for (const other of tables.values()) {
      for (const [name, { references }] of Object.entries(other.table.fields)) {
        if (references?.model !== there.table.name) continue
        const rule = references.onDelete ?? 'cascade'
        for (const child of other.rows.filter((candidate) => candidate[name] === row[references.field])) {
          if (rule === 'cascade') drop(other, child)
          else if (rule === 'set null') replace(other, child, { [name]: null })
          else throw new Error(`${other.table.name}.${name} still refers to this ${there.table.name}`)
        }
      }
    }
  }

  /** Makes all of the changes or none. */
  const whole = (change: () => void): void => {
    const length = undo.length
    try {
      change()
    } catch (error) {
      takeBack(undo, length)
      throw error
    }
  }

  const changesOf = (there: MemoryTable, patch: object): Row =>
    Object.fromEntries([...patchOf(there.table, patch)].map(([name, value]) => [name, stored(there, name, value)]))

  return {
    async find<R extends object>(table: Table<R>, where: Where<R>) {
      const there = at(table, 'find')
      return (copy(there, matching(there, where)[0]) as R | undefined) ?? null
    },

    async join<L extends object, R extends object>(
      left: Table<L>,
      where: Where<L>,
      right: Table<R>,
      on: JoinOn,
      rightWhere: Where<R> = {},
    ) {
      const from = at(left, 'join')
      const to = tables.get(right.name) ?? at(right, 'join')
      const row = copy(from, matching(from, where)[0])
      if (!row) return null
      const value = row[on.left]
      const other = matching(to, rightWhere).find((candidate) => value !== null && candidate[on.right] === value)
      return [row as L, (copy(to, other) as R | undefined) ?? null] as const
    },

    async list<R extends object>(table: Table<R>, where: Where<R>, options: ListOptions<R> = {}) {
      const there = at(table, 'list')
      const found = matching(there, where)
      const { orderBy } = options
      if (orderBy) {
        if (!there.kinds.has(orderBy.field)) noField(there.table, orderBy.field)
        const sign = orderBy.direction === 'desc' ? -1 : 1
        found.sort((a, b) => sign * order(a[orderBy.field], b[orderBy.field]))
      }
      const offset = wholeNumber('offset', options.offset) ?? 0
      const limit = wholeNumber('limit', options.limit) ?? found.length
      return found.slice(offset, offset + limit).map((row) => copy(there, row) as R)
    },

    async count<R extends object>(table: Table<R>, where: Where<R>) {
      return matching(at(table, 'count'), where).length
    },

    async insert<R extends object>(table: Table<R>, given: Partial<R>) {
      const there = at(table, 'insert')
      return add(there, rowOf(there, given)) as R
    },

    async insertIf<R extends object, O extends object>(
      table: Table<R>,
      given: Partial<R>,
      other: Table<O>,
      where: Where<O>,
    ) {
      const there = at(table, 'insertIf')
      const holder = tables.get(other.name) ?? at(other, 'insertIf')
      const row = rowOf(there, given)
      return matching(holder, where).length > 0 ? (add(there, row) as R) : null
    },

    async update<R extends object>(table: Table<R>, where: Where<R>, patch: Partial<R>) {
      const there = at(table, 'update')
      const [old] = matching(there, where)
      const changes = changesOf(there, patch)
      return old ? (copy(there, replace(there, old, changes)) as R) : null
    },

    async updateAll<R extends object>(table: Table<R>, where: Where<R>, patch: Partial<R>) {
      const there = at(table, 'updateAll')
      const found = matching(there, where)
      const changes = changesOf(there, patch)
      whole(() => {
        for (const old of found) replace(there, old, changes)
      })
      return found.length
    },

    async remove<R extends object>(table: Table<R>, where: Where<R>, options = {}) {
      const there = at(table, 'remove')
      const { limit }: { limit?: number | undefined } = options
      const found = matching(there, where).slice(0, wholeNumber('limit', limit))
      whole(() => {
        for (const row of found) drop(there, row)
      })
      return found.length
    },

    async consume<R extends object>(table: Table<R>, where: Where<R>) {
      const there = at(table, 'consume')
      const [row] = matching(there, where)
      if (!row) return null
      whole(() => drop(there, row))
      return copy(there, row) as R
    },

    async increment<R extends object>(
      table: Table<R>,
      where: Where<R>,
      by: { readonly [K in keyof R]?: number },
      set: Partial<R> = {},
    ) {
      const there = at(table, 'increment')
      const [old] = matching(there, where)
      const changes = changesOf(there, set)
      for (const [name, amount] of Object.entries<unknown>(by)) {
        if (there.kinds.get(name) !== 'number') throw new Error(`${table.name}.${name} is not a number`)
        if (typeof amount !== 'number' || !Number.isFinite(amount)) throw new Error(`no number to add to ${name}`)
        changes[name] = Number(old?.[name] ?? 0) + amount
      }
      return old ? (copy(there, replace(there, old, changes)) as R) : null
    },
  }
}

function stored(there: MemoryTable, name: string, value: unknown): unknown {
  if (value === null) return null
  return own(logical(there.table, name, there.kinds.get(name) ?? noField(there.table, name), value))
}

/** A value that shares nothing with the one given. */
function own(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return value instanceof Date ? new Date(value) : structuredClone(value)
}

/** The fields of the table; what a test has put beside them stays inside. */
function copy(there: MemoryTable, row: Row | undefined): Row | undefined {
  if (!row) return undefined
  return Object.fromEntries([...there.kinds.keys()].map((name) => [name, own(row[name] ?? null)]))
}

function checkUnique(there: MemoryTable, row: Row, except?: Row): void {
  for (const fields of there.unique) {
    if (fields.some((name) => row[name] === null || row[name] === undefined)) continue
    const taken = there.rows.some(
      (other) => other !== except && fields.every((name) => order(other[name], row[name]) === 0),
    )
    if (taken) throw new UniqueViolation(there.table.name, fields)
  }
}

function matching(there: MemoryTable, where: object): Row[] {
  const tests: ((row: Row) => boolean)[] = []
  eachTerm(where, (name, operator, operand) => {
    const kind = there.kinds.get(name) ?? noField(there.table, name)
    const fit = (value: unknown) => (value === null ? null : logical(there.table, name, kind, value))
    const given = Array.isArray(operand) ? operand.map(fit) : fit(operand)
    tests.push((row) => holds(row[name] ?? null, operator, given))
  })
  return there.rows.filter((row) => tests.every((test) => test(row)))
}
