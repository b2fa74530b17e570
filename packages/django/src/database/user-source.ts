/** Users: rows of Django's table, with a row of ours beside where there is more to keep. */

import { randomUUID } from 'node:crypto'
import { logical, type Table, UniqueViolation, UnstorableValue } from '@keystile/core/store'
import { DjangoError } from '../errors.ts'
import { LETTERS_AND_DIGITS, type Random, randomText } from '../primitives/random.ts'
import type { SqlParameter } from '../sql/driver.ts'
import { failureOf } from '../sql/failures.ts'
import { quoteName } from '../sql/names.ts'
import { writeValue } from '../sql/values.ts'
import { keyOf } from '../users/keys.ts'
import type { UserModel } from '../users/model.ts'
import { normaliseUsername } from '../users/normalise.ts'
import { binder, exactly } from './grammar.ts'
import {
  constraintsOf,
  index,
  type OwnColumn,
  type OwnTable,
  type OwnTypes,
  ownColumn,
  ownIndexes,
  textType,
} from './own-tables.ts'
import { type Place, type PlaceContext, type Side, userIdOf } from './place.ts'
import type { Session, Source, Values } from './source.ts'
import { BESIDE, USERS, userPlaces } from './user-places.ts'
import { deleteBy, insertInto, insertText, type Pairs, updateBy } from './writing.ts'

/** The column of ours that lets two who sign up with one address at once meet: Django's own is not unique. */
const EMAIL_KEY = 'email_key'

/** Columns of Django's own model that a new user is given values of. */
const DJANGOS = [
  ...['password', 'is_active', 'is_staff', 'is_superuser', 'last_login'],
  ...['email', 'first_name', 'last_name', 'date_joined'],
]

export interface UserSourceOptions {
  readonly context: PlaceContext
  readonly model: UserModel
  readonly types: OwnTypes
  readonly table: Table
  readonly others: readonly Table[]
  /** For columns of the project's own model: what a new user has there. */
  readonly userDefaults: Readonly<Record<string, string | number | boolean | null>>
  readonly random: Random
}

export interface UserSource {
  readonly source: Source
  readonly own: OwnTable
  /** What stands in the way of new users. */
  readonly findings: readonly string[]
}

export function userSource(options: UserSourceOptions): UserSource {
  const { context, model, table, random } = options
  const { dialect } = context
  const name = (text: string) => quoteName(dialect, text)
  const users = name(model.table.name)
  const { places, isOwn } = userPlaces(context, model, table)
  const own = besideTable(options, isOwn)
  const beside = name(own.name)
  const userId = (side: Side) => `${side}${USERS}.${name(model.id.name)}`
  const ownPairs = (values: Values) => pairsOf(places, values, BESIDE)
  const emailColumn = model.columns.get('email')
  const namedByEmail = emailColumn !== undefined && model.username.name === emailColumn.name

  /** Refuses an address that another user has. */
  async function checkEmail(session: Session, email: string, except: SqlParameter): Promise<void> {
    const bound = binder(dialect)
    const column = `lower(${name('email')})`
    const same = `${column} = ${exactly(dialect)(bound.bind(email))}`
    const text = `select ${name(model.id.name)} from ${users} where ${same}`
    const rows = await session.all(`${text} limit 2`, bound.parameters)
    if (rows.some((row) => String(row[model.id.name]) !== String(except))) {
      throw new UniqueViolation(table.name, ['email'])
    }
    // A user of ours may have another address by now: theirs is free then.
    const freeing = binder(dialect)
    const stale = `${name(EMAIL_KEY)} = ${freeing.bind(email)} and not exists (select 1 from ${users} u where u.${name(model.id.name)} = ${beside}.user_id and lower(u.${name('email')}) = ${exactly(dialect)(freeing.bind(email))})`
    await session.run(`update ${beside} set ${name(EMAIL_KEY)} = null where ${stale}`, freeing.parameters)
  }

  /** The row of Django's table: every column, for none has a default. */
  function djangoPairs(values: Values, username: string): Pairs {
    const pairs = new Map<string, SqlParameter>()
    const put = (column: string, value: SqlParameter) => {
      const found = model.columns.get(column)
      if (found) pairs.set(column, found.kind === 'boolean' ? writeValue(dialect, found, value as never) : value)
    }
    for (const [column, value] of Object.entries(options.userDefaults)) put(column, value)
    put('is_active', true)
    put('is_staff', false)
    put('is_superuser', false)
    put('last_login', null)
    put('email', '')
    put('first_name', '')
    put('last_name', '')
    put('password', unusable(random))
    const joined = model.columns.get('date_joined')
    if (joined)
      put('date_joined', writeValue(dialect, joined, values.get('createdAt') as Date, context.databaseTimeZone))
    if (model.id.kind === 'uuid') put(model.id.name, keyOf(dialect, model.id, randomUUID()))
    for (const [column, value] of pairsOf(places, values, USERS)) pairs.set(column, value)
    const id = values.get('id')
    if (id === undefined || id === null) {
      if (model.id.kind !== 'uuid') pairs.delete(model.id.name)
    } else pairs.set(model.id.name, keyOf(dialect, model.id, String(id)) ?? unstorable(table, 'id'))
    if (!namedByEmail) pairs.set(model.username.name, username)
    return [...pairs]
  }

  async function insertUser(session: Session, values: Values, username: string): Promise<SqlParameter> {
    const email = values.get('email')
    if (typeof email === 'string' && email !== '' && emailColumn) await checkEmail(session, email, null)
    const pairs = djangoPairs(values, username)
    const given = pairs.find(([column]) => column === model.id.name)?.[1]
    const key = given ?? (await counted(session, pairs))
    if (given !== undefined) await insertInto(session, users, pairs)
    await insertInto(session, beside, [['user_id', key], ...ownPairs(values), [EMAIL_KEY, emailKey(email)]])
    return key
  }

  /** Inserts a row whose key the database counts. */
  async function counted(session: Session, pairs: Pairs): Promise<SqlParameter> {
    if (dialect !== 'postgresql') return (await insertInto(session, users, pairs)).insertId ?? lostId()
    const bound = binder(dialect)
    const text = `${insertText(session, users, pairs, bound)} returning ${name(model.id.name)}`
    const [row] = await session.all(text, bound.parameters)
    return (row?.[model.id.name] as SqlParameter | undefined) ?? lostId()
  }

  /** User names to try: the one that is given, else the address, else the address with something behind it. */
  function candidates(values: Values): readonly [string, string?] {
    const most = model.username.length ?? 150
    const given = places.get('username')?.part === USERS ? values.get('username') : undefined
    if (typeof given === 'string') return [normaliseUsername(logical(table, 'username', 'string', given) as string)]
    const email = normaliseUsername(String(values.get('email') ?? ''))
    const tail = `-${randomText(random, 10, LETTERS_AND_DIGITS)}`
    const longer = `${[...email].slice(0, most - tail.length).join('')}${tail}`
    return email !== '' && [...email].length <= most ? [email, longer] : [longer]
  }

  const source: Source = {
    table,
    places,
    parts: [
      { letter: USERS, table: users },
      {
        letter: BESIDE,
        table: beside,
        on: (side) => `${side}${BESIDE}.user_id = ${userId(side)}`,
        optional: true,
      },
    ],
    key: userId,
    extras: { beside: (side) => `${side}${BESIDE}.user_id`, email: (side) => emailOf(side) },
    ordered: true,
    locks: [USERS],
    constraints: constraints(),
    finish: (row) => ({
      ...row,
      ...('email' in row && row.email === null ? { email: '' } : {}),
      ...('updatedAt' in row && row.updatedAt === null ? { updatedAt: row.createdAt } : {}),
    }),
    async insert(session, values) {
      const [username, another] = candidates(values)
      const insert = async (named: string) => {
        const key = await insertUser(session, values, named)
        const shown = places.get('username')?.part === USERS ? { username: named } : {}
        return { id: userIdOf(model.id, key), ...shown }
      }
      if (another === undefined) return insert(username)
      try {
        return await session.attempt(() => insert(username))
      } catch (error) {
        if (!isOfUsername(error)) throw error
        return insert(another)
      }
    },
    async change(session, { key, extra }, changes) {
      const email = changes.get('email')
      const moved = typeof email === 'string' && emailColumn !== undefined
      if (moved && email !== '' && email !== String(extra('email')).toLowerCase()) await checkEmail(session, email, key)
      await updateBy(session, users, pairsOf(places, changes, USERS), model.id.name, key)
      const pairs: Pairs = [...ownPairs(changes), ...(moved ? ([[EMAIL_KEY, emailKey(email)]] as const) : [])]
      if (extra('beside') !== null) return updateBy(session, beside, pairs, 'user_id', key)
      if (pairs.length === 0) return
      const defaults = ownPairs(defaultsOf(places))
      const whole = new Map<string, SqlParameter>([...defaults, ...pairs])
      await insertInto(session, beside, [['user_id', key], ...whole])
    },
    remove: (session, locked) =>
      deleteBy(
        session,
        users,
        model.id.name,
        locked.map(({ key }) => key),
      ),
  }
  return { source, own, findings: unknownColumns() }

  function unknownColumns(): string[] {
    const known = new Set([...DJANGOS, ...Object.keys(options.userDefaults), model.id.name, model.username.name])
    for (const { part, column } of places.values()) if (part === USERS && column) known.add(column)
    return model.table.columns
      .filter(({ name: at, nullable, hasDefault }) => !nullable && !hasDefault && !known.has(at))
      .map(
        ({ name: at }) =>
          `Column ${model.table.name}.${at} must have a value, or no user can be made: give it in userDefaults`,
      )
  }

  function emailOf(side: Side): string {
    return emailColumn ? `${side}${USERS}.${name('email')}` : "''"
  }

  function isOfUsername(error: unknown): boolean {
    const failure = failureOf(error)
    if (failure?.kind !== 'unique') return false
    const keys = model.table.unique.filter(({ columns }) => columns.includes(model.username.name))
    return failure.names.some((at) => at === model.username.name || keys.some((key) => key.name === at))
  }

  function constraints(): Map<string, readonly string[]> {
    const fieldOf = (column: string) => fieldIn(places, USERS, column) ?? column
    const known = new Map<string, readonly string[]>(constraintsOf(own, (column) => fieldIn(places, BESIDE, column)))
    for (const key of [{ name: 'PRIMARY', columns: model.table.primaryKey }, ...model.table.unique]) {
      const fields = key.columns.map(fieldOf)
      for (const at of [key.name, key.columns.join()]) known.set(at.toLowerCase(), fields)
    }
    for (const at of own.indexes) if (at.columns.includes(EMAIL_KEY)) known.set(at.name.toLowerCase(), ['email'])
    known.set(EMAIL_KEY, ['email'])
    return known
  }
}

/** The table of ours beside Django's users. */
function besideTable({ types, table, others, model }: UserSourceOptions, isOwn: (field: string) => boolean): OwnTable {
  const name = `${types.prefix}user`
  const key: OwnColumn = {
    name: 'user_id',
    type: types.users.type,
    notNull: true,
    references: { table: model.table.name, column: model.id.name, onDelete: 'cascade' },
  }
  const fields = Object.entries(table.fields).filter(([field]) => isOwn(field))
  const emailKey: OwnColumn = { name: EMAIL_KEY, type: textType(types, 512), notNull: false }
  return {
    name,
    primaryKey: 'user_id',
    columns: [key, ...fields.map(([field, spec]) => lenient(ownColumn(types, table, field, spec, others))), emailKey],
    indexes: [...ownIndexes(types, name, table, isOwn), index(types, name, [EMAIL_KEY], true)],
  }
}

/** Of users whom Django made nobody knows a value that has no default. */
const lenient = (column: OwnColumn): OwnColumn => ({
  ...column,
  notNull: column.notNull && column.default !== undefined,
})

/** The field that a column of one of the parts holds. */
function fieldIn(places: ReadonlyMap<string, Place>, part: string, column: string): string | undefined {
  return [...places.values()].find((place) => place.part === part && place.column === column)?.field
}

/** The columns of one part, for the fields that have a value or null. */
function pairsOf(places: ReadonlyMap<string, Place>, values: Values, part: string): Pairs {
  return [...values].flatMap(([field, value]) => {
    const place = places.get(field)
    return field === 'id' || place?.part !== part ? [] : place.write(value)
  })
}

/** What a row of ours holds of which nothing was written yet. */
function defaultsOf(places: ReadonlyMap<string, Place>): Values {
  const values = new Map<string, unknown>()
  for (const [field, { part, spec }] of places) {
    if (part !== BESIDE) continue
    const value = typeof spec.defaultValue === 'function' ? spec.defaultValue() : spec.defaultValue
    values.set(field, value ?? null)
  }
  return values
}

const emailKey = (email: unknown): SqlParameter =>
  typeof email === 'string' && email !== '' ? email.toLowerCase() : null

/** What Django writes where there is no password. */
export const unusable = (random: Random) => `!${randomText(random, 40, LETTERS_AND_DIGITS)}`

function lostId(): never {
  throw new DjangoError('BAD_MODEL', 'The database did not tell the key of a new user')
}

function unstorable(table: Table, field: string): never {
  throw new UnstorableValue(table.name, field)
}
