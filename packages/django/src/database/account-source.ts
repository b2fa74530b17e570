/** Credential accounts: there is no such row, only the password in a user's. */
import { allFields, type Field, type Table, UniqueViolation } from '@keystile/core/store'
import { DjangoError } from '../errors.ts'
import type { Random } from '../primitives/random.ts'
import { quoteName } from '../sql/names.ts'
import type { UserModel } from '../users/model.ts'
import { binder, exactly } from './grammar.ts'
import {
  constant,
  djangoCodec,
  type Place,
  type PlaceContext,
  placed,
  type Side,
  userIdCodec,
  userIdOf,
} from './place.ts'
import type { Session, Source, Sources } from './source.ts'
import { unusable } from './user-source.ts'
import { updateBy } from './writing.ts'

const CREDENTIAL = 'credential'
/** In front of a user's id: the id of their account. */
const ID = `${CREDENTIAL}:`
const USERS = 'u'

/** The forms of Django's hashes, by the names of its hashers. */
const HASH =
  /^(pbkdf2_sha256|pbkdf2_sha1|argon2|bcrypt_sha256|bcrypt|scrypt|md5|sha1|unsalted_md5|unsalted_sha1|crypt)\$|^!/

export interface AccountSourceOptions {
  readonly context: PlaceContext
  readonly model: UserModel
  readonly table: Table
  readonly random: Random
  /** Called with a user's key before their password changes, in the same transaction. */
  readonly passwordChanges: (session: Session, key: Key, from: string, to: string) => Promise<void>
}

type Key = Parameters<Source['change']>[1]['key']

/** Only active users with a usable password have one: all others fail as with a wrong password. */
export function credentialSource(options: AccountSourceOptions): Source {
  const { context, model, table, random, passwordChanges } = options
  const { dialect } = context
  const name = (text: string) => quoteName(dialect, text)
  const users = name(model.table.name)
  const column = (text: string) => (side: Side) => `${side}${USERS}.${name(text)}`
  const [key, stored] = [column(model.id.name), column('password')]

  async function setPassword(session: Session, id: Key, from: string, to: string): Promise<void> {
    checkHash(to, model)
    await passwordChanges(session, id, from, to)
    await updateBy(session, users, [['password', to]], model.id.name, id)
  }

  return {
    table,
    places: credentialPlaces(options),
    parts: [{ letter: USERS, table: users }],
    key,
    extras: { password: stored },
    restrict(side) {
      const usable = `${stored(side)} not like '!%'`
      if (!model.columns.has('is_active')) return usable
      return `${column('is_active')(side)} = ${dialect === 'postgresql' ? 'true' : '1'} and ${usable}`
    },
    locks: [USERS],
    constraints: new Map(),
    async insert(session, values) {
      const bound = binder(dialect)
      const userId = userIdCodec(context, table, 'userId').encode(values.get('userId'))
      const text = `select ${name('password')} from ${users} where ${name(model.id.name)} = ${bound.bind(userId)}${dialect === 'sqlite' ? '' : ' for update'}`
      const [row] = await session.all(text, bound.parameters)
      if (!row) throw new DjangoError('USER_GONE', 'There is no user to give a password')
      const from = String(row.password)
      if (!from.startsWith('!')) throw new UniqueViolation(table.name, ['providerId', 'accountId'])
      await setPassword(session, userId, from, String(values.get('password') ?? unusable(random)))
      return { id: `${ID}${userIdOf(model.id, userId)}` }
    },
    async change(session, { key: id, extra }, changes) {
      if (!changes.has('password')) return
      await setPassword(session, id, String(extra('password')), String(changes.get('password') ?? unusable(random)))
    },
    async remove(session, locked) {
      for (const { key: id, extra } of locked) {
        await setPassword(session, id, String(extra('password')), unusable(random))
      }
    },
  }
}

function credentialPlaces({ context, model, table }: AccountSourceOptions): ReadonlyMap<string, Place> {
  const key = (field: string, spec: Field) =>
    placed(context, { field, spec, part: USERS, column: model.id.name }, userIdCodec(context, table, field))
  const joined = model.columns.get('date_joined')
  const places = new Map<string, Place>()
  for (const [field, spec] of allFields(table)) {
    const part = USERS
    if (field === 'id') {
      const place = key(field, spec)
      places.set(field, {
        ...place,
        write: () => [],
        decode: (raw) => `${ID}${place.decode(raw)}`,
        match: (value) => (String(value).startsWith(ID) ? place.match(String(value).slice(ID.length)) : undefined),
      })
    } else if (field === 'userId' || field === 'accountId') places.set(field, { ...key(field, spec), write: () => [] })
    else if (field === 'providerId') places.set(field, constant(field, spec, `'${CREDENTIAL}'`))
    else if (field === 'password') {
      const stored = model.columns.get('password')
      if (!stored) continue
      const codec = djangoCodec(context, table, field, spec, stored)
      places.set(field, {
        ...placed(context, { field, spec, part, column: stored.name }, codec),
        operand: exactly(context.dialect),
      })
    } else if ((field === 'createdAt' || field === 'updatedAt') && joined) {
      const codec = djangoCodec(context, table, field, spec, joined)
      places.set(field, {
        ...placed(context, { field, spec, part, column: joined.name }, codec),
        part: undefined,
        write: () => [],
      })
    } else places.set(field, constant(field, { ...spec, required: false }, 'null'))
  }
  return places
}

function checkHash(hash: string, model: UserModel): void {
  if (!HASH.test(hash)) {
    throw new DjangoError(
      'BAD_HASHER',
      'A password is to be stored that Django could not read: set emailAndPassword.password to the `password` of djangoDatabase(…)',
    )
  }
  const most = model.columns.get('password')?.length ?? 128
  if (hash.length > most)
    throw new DjangoError('BAD_HASHER', `The hash has more than the ${most} characters of its column`)
}

/** Accounts: passwords stand with the users, all others in a table of ours. */
export function accountSources(credential: Source, own: Source): Sources {
  const [both, first, second] = [[credential, own], [credential], [own]]
  return {
    table: own.table,
    all: both,
    of(known) {
      const { providerId, id } = known as { readonly providerId?: unknown; readonly id?: unknown }
      if (typeof providerId === 'string') return providerId === CREDENTIAL ? first : second
      if (typeof id === 'string') return id.startsWith(ID) ? first : second
      return both
    },
  }
}
