/** Sessions: rows of Django's table, with a row of ours beside each that says what Django has no place for. */
import { allFields, type Table } from '@keystile/core/store'
import type { SessionHashes } from '../auth/session-hash.ts'
import { DjangoError } from '../errors.ts'
import type { Random } from '../primitives/random.ts'
import type { SessionCodec } from '../sessions/codec.ts'
import { newSessionKey } from '../sessions/key.ts'
import type { SqlParameter } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import type { Column } from '../sql/tables.ts'
import { writeValue } from '../sql/values.ts'
import type { UserModel } from '../users/model.ts'
import { binder } from './grammar.ts'
import { ownPlaces } from './own-source.ts'
import {
  columnName,
  constraintsOf,
  idType,
  index,
  type OwnColumn,
  type OwnTable,
  type OwnTypes,
  ownColumn,
  ownIndexes,
} from './own-tables.ts'
import { djangoCodec, type Place, type PlaceContext, placed, type Side, userIdCodec, userIdOf } from './place.ts'
import { lockRows } from './reading.ts'
import type { Locked, Session, Source, Values } from './source.ts'
import { deleteBy, insertInto, type Pairs, updateBy } from './writing.ts'

const OURS = 'k'
const DJANGOS = 'd'
const USERS = 'u'
const KEY = 'session_key'

/** What Django keeps of a sign-in. */
const [USER, BACKEND, HASH] = ['_auth_user_id', '_auth_user_backend', '_auth_user_hash'] as const

export interface SessionSourceOptions {
  readonly context: PlaceContext
  readonly model: UserModel
  readonly types: OwnTypes
  readonly table: Table
  readonly others: readonly Table[]
  /** Of Django's table: the columns of the end and of the data. */
  readonly expireDate: Column
  readonly codec: SessionCodec
  readonly hashes: SessionHashes
  /** Whose sessions count; the first is named by new ones. */
  readonly backends: readonly [string, ...string[]]
  readonly random: Random
  readonly newId: () => string
}

export interface SessionSource {
  readonly source: Source
  readonly own: OwnTable
  /** Keeps the sessions of a user alive whose password is about to change. Those that only Django knows end by it. */
  passwordChanges(session: Session, key: SqlParameter, from: string, to: string): Promise<void>
}

export function sessionSource(options: SessionSourceOptions): SessionSource {
  const { context, model, types, table, codec, hashes, backends, random } = options
  const { dialect } = context
  const name = (text: string) => quoteName(dialect, text)
  const column = (letter: string, text: string) => (side: Side) => `${side}${letter}.${name(text)}`
  const own = besideTable(options)
  const [beside, djangos, users] = [name(own.name), name(types.sessions.table), name(model.table.name)]
  const places = sessionPlaces(options)
  const pairs = (values: Values, part: string): Pairs =>
    [...values].flatMap(([field, value]) => {
      const place = places.get(field)
      return place?.part === part ? place.write(value) : []
    })
  const active = model.columns.has('is_active') ? column(USERS, 'is_active') : () => '1'

  /** Whether Django would take it: its user is active, and signed in by the password that they have. */
  function counts(userId: unknown, extra: Locked['extra']): boolean {
    const data = codec.decode(String(extra('data')))
    const isActive = extra('active')
    if (isActive !== true && isActive !== 1) return false
    const backend = data[BACKEND]
    if (data[USER] !== userId || typeof backend !== 'string' || !backends.includes(backend)) return false
    return hashes.check(String(extra('password')), data[HASH]) !== 'wrong'
  }

  async function userOf(session: Session, id: unknown) {
    const key = userIdCodec(context, table, 'userId').encode(id)
    const bound = binder(dialect)
    const wanted = [name('password'), ...(model.columns.has('is_active') ? [name('is_active')] : [])]
    const text = `select ${wanted.join(', ')} from ${users} where ${name(model.id.name)} = ${bound.bind(key)}${dialect === 'sqlite' ? '' : ' for update'}`
    const [row] = await session.all(text, bound.parameters)
    if (!row || row.is_active === false || row.is_active === 0) {
      throw new DjangoError('USER_GONE', 'The user of a new session is not there, or not active')
    }
    return { key, password: String(row.password) }
  }

  const sessionLocks = [
    { table: djangos, column: KEY },
    { table: beside, column: KEY },
  ]
  const source: Source = {
    table,
    places,
    parts: [
      { letter: OURS, table: beside },
      { letter: DJANGOS, table: djangos, on: (side) => `${column(DJANGOS, KEY)(side)} = ${column(OURS, KEY)(side)}` },
      {
        letter: USERS,
        table: users,
        on: (side) => `${column(USERS, model.id.name)(side)} = ${column(OURS, 'user_id')(side)}`,
      },
    ],
    key: column(OURS, KEY),
    extras: {
      data: column(DJANGOS, 'session_data'),
      password: column(USERS, 'password'),
      active,
    },
    // Django's first, as Django itself locks them.
    locks: [DJANGOS, OURS],
    lockBy: sessionLocks,
    constraints: constraintsOf(own, (at) => fieldOf(places, at)),
    newId: options.newId,
    // A row just written has nothing beside.
    finish: (row, extra) => (extra('data') === undefined || counts(row.userId, extra) ? row : null),

    async insert(session, values) {
      const { key, password } = await userOf(session, values.get('userId'))
      const sessionKey = newSessionKey(random)
      const data = { [USER]: userIdOf(model.id, key), [BACKEND]: backends[0], [HASH]: hashes.make(password) }
      const ends = pairs(values, DJANGOS)
      await insertInto(session, djangos, [[KEY, sessionKey], ['session_data', codec.encode(data)], ...ends])
      await insertInto(session, beside, [[KEY, sessionKey], ...pairs(values, OURS)])
      const last = model.columns.get('last_login')
      if (last) {
        const began = writeValue(dialect, last, values.get('createdAt') as Date, context.databaseTimeZone)
        await updateBy(session, users, [['last_login', began]], model.id.name, key)
      }
      return { id: String(values.get('id')) }
    },

    async change(session, { key }, changes) {
      const kept = !changes.has('token')
      if (kept) await updateBy(session, djangos, pairs(changes, DJANGOS), KEY, key)
      const at = kept ? key : await moved(session, key, changes)
      await updateBy(session, beside, [...pairs(changes, OURS), ...(kept ? [] : [[KEY, at] as const])], KEY, key)
      if (!kept) await deleteBy(session, djangos, KEY, [key])
    },

    // What is beside goes with it.
    remove: (session, locked) =>
      deleteBy(
        session,
        djangos,
        KEY,
        locked.map(({ key }) => key),
      ),
  }

  /** The same session under a new key: who knows the old one has nothing by it. */
  async function moved(session: Session, key: SqlParameter, changes: Values): Promise<string> {
    const bound = binder(dialect)
    const sessionKey = newSessionKey(random)
    const rest = `${name('session_data')}, ${name('expire_date')}`
    const mark = dialect === 'postgresql' ? `${bound.bind(sessionKey)}::text` : bound.bind(sessionKey)
    const text = `insert into ${djangos} (${name(KEY)}, ${rest}) select ${mark}, ${rest} from ${djangos} where ${name(KEY)} = ${bound.bind(key)}`
    await session.run(text, bound.parameters)
    await updateBy(session, djangos, pairs(changes, DJANGOS), KEY, sessionKey)
    return sessionKey
  }

  return {
    source,
    own,
    async passwordChanges(session, key, from, to) {
      const sessions = (text: string) => {
        const bound = binder(dialect)
        const mark = bound.bind(key)
        return session.all(`${text} where ${column(OURS, 'user_id')('l')} = ${mark}`, bound.parameters)
      }
      if (dialect !== 'sqlite') {
        const keys = await sessions(`select ${name(KEY)} from ${beside} l${OURS}`)
        const all = keys.map((row) => row[KEY] as SqlParameter)
        await lockRows(session, sessionLocks, all)
      }
      const [at, data] = [column(DJANGOS, KEY)('l'), column(DJANGOS, 'session_data')('l')]
      const both = `${djangos} l${DJANGOS} join ${beside} l${OURS} on ${column(OURS, KEY)('l')} = ${at}`
      for (const row of await sessions(`select ${at} as at, ${data} as data from ${both}`)) {
        const stored = codec.decode(String(row.data))
        if (hashes.check(from, stored[HASH]) === 'wrong') continue
        const renewed = codec.encode({ ...stored, [HASH]: hashes.make(to) })
        await updateBy(session, djangos, [['session_data', renewed]], KEY, row.at as SqlParameter)
      }
    },
  }
}

const isOwn = (field: string) => field !== 'expiresAt'

function sessionPlaces({ context, table, expireDate }: SessionSourceOptions): Map<string, Place> {
  const places = ownPlaces(context, table, OURS, isOwn)
  const [, spec] = allFields(table).find(([field]) => field === 'expiresAt') ?? []
  if (spec) {
    const codec = djangoCodec(context, table, 'expiresAt', spec, expireDate)
    const at = { field: 'expiresAt', spec, part: DJANGOS, column: 'expire_date' }
    places.set('expiresAt', placed(context, at, codec))
  }
  return places
}

const fieldOf = (places: ReadonlyMap<string, Place>, column: string) =>
  [...places.values()].find(({ part, field, spec }) => part === OURS && columnName(field, spec) === column)?.field

/** The table of ours beside Django's sessions. */
function besideTable({ types, table, others }: SessionSourceOptions): OwnTable {
  const name = `${types.prefix}session`
  const key: OwnColumn = {
    name: KEY,
    type: types.sessions.type,
    notNull: true,
    references: { table: types.sessions.table, column: KEY, onDelete: 'cascade' },
  }
  const id: OwnColumn = { name: 'id', type: idType(types), notNull: true }
  const fields = Object.entries(table.fields).filter(([field]) => isOwn(field) && field !== 'id')
  return {
    name,
    primaryKey: KEY,
    columns: [key, id, ...fields.map(([field, spec]) => ownColumn(types, table, field, spec, others))],
    indexes: [index(types, name, ['id'], true), ...ownIndexes(types, name, table, isOwn)],
  }
}
