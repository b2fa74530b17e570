import { readDate, writeDate } from '../sql/dates.ts'
import { firstRow, type SqlVerbs } from '../sql/driver.ts'
import { failureOf } from '../sql/failures.ts'
import type { JoinedRow, JoinedTable } from '../sql/joined.ts'
import { quoteName } from '../sql/names.ts'
import { type EngineParts, isLookedUp, joinedLoads, type SessionEngine } from './engine.ts'
import type { Expiry } from './expiry.ts'
import type { JsonObject } from './json.ts'
import { withNewKey } from './new-key.ts'

/** The last day that every database has in every zone. */
const LAST = Date.UTC(9999, 11, 30)

/** The session's columns beside those of another table: no name that is looked at has a dot. */
const [KEY, DATA] = ['session.key', 'session.data'] as const

/** Django's `db` engine, and what `cached_db` needs besides. */
export interface DatabaseSessions extends SessionEngine {
  /** A live session and when it ends, in milliseconds since 1970. */
  find(key: string): Promise<{ readonly data: JsonObject; readonly expires: number } | null>
}

/** Django's `db`: a row of `django_session` each. One that has expired stays for `clearsessions` to remove. */
export function databaseSessions(parts: EngineParts): DatabaseSessions {
  const { driver, rowCodec: codec, databaseTimeZone, clock, random } = parts
  const { dialect } = driver
  const table = quoteName(dialect, parts.sessionTable)
  const column = (name: string) => quoteName(dialect, name)
  const [key, data, date] = [column('session_key'), column('session_data'), column('expire_date')]
  const mark = (at: number) => (dialect === 'postgresql' ? `$${at}` : '?')

  const select = `SELECT ${key}, ${data}, ${date} FROM ${table} WHERE ${key} = ${mark(1)} AND ${date} > ${mark(2)}`
  const insert = `INSERT INTO ${table} (${key}, ${data}, ${date}) VALUES (${mark(1)}, ${mark(2)}, ${mark(3)})`
  const update = `UPDATE ${table} SET ${data} = ${mark(1)}, ${date} = ${mark(2)} WHERE ${key} = ${mark(3)}`
  const remove = `DELETE FROM ${table} WHERE ${key} = ${mark(1)}`

  const dated = (milliseconds: number) =>
    writeDate(new Date(Math.min(Math.max(milliseconds || 0, 0), LAST)), { dialect, timeZone: databaseTimeZone })

  /** The live row of a key. Collations may find one whose key differs in case: that is another key. */
  async function find(given: string) {
    if (!isLookedUp(given)) return null
    const row = await firstRow(driver, select, [given, dated(clock())])
    return row?.session_key === given ? row : null
  }

  const decoded = (stored: unknown) => codec.decode(String(stored))

  let joined: { readonly table: JoinedTable; readonly text: string } | undefined
  async function loadBoth(given: string, along: JoinedRow) {
    // A table of that name in another database has other people in it.
    if (along.table.driver !== driver) return engine.load(given)
    if (joined?.table !== along.table) joined = { table: along.table, text: joining(along.table) }
    const row = await firstRow(driver, joined.text, [along.key, given, dated(clock())])
    if (row?.[KEY] !== given) return null
    along.found = row
    return decoded(row[DATA])
  }

  function joining({ name, key: id, columns }: JoinedTable): string {
    const quote = dialect === 'mysql' ? '`' : '"'
    const own = [`s.${key} AS ${quote}${KEY}${quote}`, `s.${data} AS ${quote}${DATA}${quote}`]
    const all = [...own, ...columns.map((other) => `o.${other}`)].join(', ')
    return `SELECT ${all} FROM ${table} s LEFT JOIN ${name} o ON o.${id} = ${mark(1)} WHERE s.${key} = ${mark(2)} AND s.${date} > ${mark(3)}`
  }

  /** Whether the key was free: nothing of what `work` does is left where it was not. */
  async function unlessTaken(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (failureOf(error)?.kind === 'unique') return false
      throw error
    }
  }

  const put = (verbs: SqlVerbs, newKey: string, values: JsonObject, expiry: Expiry) =>
    verbs.run(insert, [newKey, codec.encode(values), dated(expiry.date.getTime())])

  const engine: DatabaseSessions = {
    async load(given) {
      const row = await find(given)
      return row && decoded(row.session_data)
    },

    async find(given) {
      const row = await find(given)
      const ends = row && readDate(row.expire_date, databaseTimeZone)
      return row && { data: decoded(row.session_data), expires: ends ? Date.parse(ends) : clock() }
    },

    create: (values, expiry) => withNewKey(random, (newKey) => unlessTaken(() => put(driver, newKey, values, expiry))),

    async save(given, values, expiry) {
      const { changes } = await driver.run(update, [codec.encode(values), dated(expiry.date.getTime()), given])
      return changes > 0 ? given : null
    },

    async replace(given, values, expiry) {
      let gone = false
      const newKey = await withNewKey(random, (candidate) =>
        unlessTaken(() =>
          driver.transaction(async (tx) => {
            // Of two who replace it one finds it.
            gone = (await tx.run(remove, [given])).changes === 0
            if (!gone) await put(tx, candidate, values, expiry)
          }),
        ),
      )
      return gone ? null : newKey
    },

    async remove(given) {
      await driver.run(remove, [given])
    },
  }
  joinedLoads.set(engine, loadBoth)
  return engine
}
