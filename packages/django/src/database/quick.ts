/** Verbs of one row of one table in one statement, where the database gives rows back from a write. */
import type { Dialect, SqlParameter } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import { conditions } from './conditions.ts'
import { binder, lock } from './grammar.ts'
import { namesOne } from './reading.ts'
import { placeOf, type Row, type Session, type Source, type Values, viewOf } from './source.ts'

export interface QuickSession {
  readonly session: Session
  run<T>(work: () => Promise<T>): Promise<T>
}

export interface Quick {
  change(on: QuickSession, changes: Values, amounts: ReadonlyMap<string, number>): Promise<Row | null>
  remove(on: QuickSession): Promise<Row | null>
}

/** `null` where it takes more than one: MySQL has no such statement, and other rows live in several tables. */
export function quickly(source: Source, where: object, dialect: Dialect): Quick | null {
  const { plain } = source
  if (!plain || source.finish || dialect === 'mysql') return null
  const view = viewOf(source, 'l')
  const column = (name: string) => quoteName(dialect, name)

  /** The condition that holds for one row: of several the first that nobody else is writing. */
  const clause = (bound: ReturnType<typeof binder>) => {
    const found = conditions(dialect, source, where, 'l', bound)
    if (namesOne(source, where)) return found
    const one = `select ${view.key} from ${view.base} where ${found} limit 1${lock(dialect, view.aliases)}`
    return `${column(plain.id)} in (${one})`
  }
  const rowOf = (raw: Readonly<Record<string, unknown>> | undefined) => (raw ? (view.read(raw)?.row ?? null) : null)

  return {
    change({ session, run }, changes, amounts) {
      const bound = binder(dialect)
      const sets: string[] = []
      for (const [field, amount] of amounts) {
        const [pair] = placeOf(source, field).write(0)
        if (pair)
          sets.push(`${column(pair[0])} = coalesce(${column(pair[0])}, 0) + ${added(dialect, bound.bind(amount))}`)
      }
      for (const [field, value] of changes) {
        for (const [name, fit] of placeOf(source, field).write(value)) sets.push(`${column(name)} = ${bound.bind(fit)}`)
      }
      const text = `update ${plain.table} as ${aliasOf(source)} set ${sets.join(', ')} where ${clause(bound)} returning ${view.returning(dialect)}`
      return run(async () => rowOf((await session.all(text, bound.parameters))[0]))
    },
    remove({ session, run }) {
      const bound = binder(dialect)
      const text = `delete from ${plain.table} as ${aliasOf(source)} where ${clause(bound)} returning ${view.returning(dialect)}`
      return run(async () => rowOf((await session.all(text, bound.parameters))[0]))
    },
  }
}

const aliasOf = (source: Source) => `l${source.parts[0].letter}`

/** PostgreSQL takes the type of the column for that of the number, were it not told. */
const added = (dialect: Dialect, mark: string) =>
  dialect === 'postgresql' ? `cast(${mark} as double precision)` : mark

/** Inserts while the other has a row, which nobody changes meanwhile; gives the id. */
export async function insertIfStatement(
  session: Session,
  source: Source,
  values: Values,
  holder: Source,
  where: object,
): Promise<string | null> {
  const { dialect } = session
  const { plain } = source
  if (!plain) throw new Error(`${source.table.name} lives in several tables`)
  const view = viewOf(holder, 'l')
  const bound = binder(dialect)
  const pairs = [...source.places.values()].flatMap((place) => place.write(values.get(place.field) ?? null))
  const names = pairs.map(([name]) => quoteName(dialect, name))
  const marks = pairs.map(([, value]: readonly [string, SqlParameter]) => bound.bind(value))
  const clause = conditions(dialect, holder, where, 'l', bound)
  const text = `insert into ${plain.table} (${names.join(', ')}) select ${marks.join(', ')} from ${view.base}${view.tail} where ${clause} limit 1${lock(dialect, view.aliases)}`
  const { changes } = await session.run(text, bound.parameters)
  return changes > 0 ? String(values.get('id')) : null
}
