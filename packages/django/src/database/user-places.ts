/** Where the fields of a user live: in columns of Django's where it has such, else in the row of ours beside it. */
import { allFields, type Field, kindOf, logical, type Table, UnstorableValue } from '@keystile/core/store'
import { DjangoError } from '../errors.ts'
import { quoteName } from '../sql/names.ts'
import type { Column } from '../sql/tables.ts'
import { writeValue } from '../sql/values.ts'
import type { UserModel } from '../users/model.ts'
import { normaliseUsername } from '../users/normalise.ts'
import { concat, exactly } from './grammar.ts'
import { splitName } from './names.ts'
import { ownPlaces } from './own-source.ts'
import { columnName } from './own-tables.ts'
import { djangoCodec, type Place, type PlaceContext, placed, type Side, userIdCodec } from './place.ts'

/** The letter of Django's table, and of ours beside it. */
export const USERS = 'u'
export const BESIDE = 'e'

/** Columns that say what a user may do: no client writes them by a field that happens to have the name. */
const GUARDED: readonly string[] = ['is_active', 'is_staff', 'is_superuser', 'last_login', 'date_joined']

/** By field: which column of Django's holds it. Others are ours. */
export function columnsOfFields(model: UserModel, table: Table): Map<string, Column> {
  const found = new Map<string, Column>()
  const put = (field: string, column: Column | undefined) => {
    if (column && table.fields[field]) found.set(field, column)
  }
  put('email', model.columns.get('email'))
  put('createdAt', model.columns.get('date_joined'))
  if (found.get('email')?.name !== model.username.name) put('username', model.username)
  const taken = new Set([...found.values()].map(({ name }) => name))
  for (const [field, spec] of Object.entries(table.fields)) {
    if (found.has(field) || (OURS.includes(field) && !spec.fieldName)) continue
    if (field === 'name' && hasNames(model) && !spec.fieldName) continue
    const column = model.columns.get(columnName(field, spec)) ?? model.columns.get(field)
    if (!column || column.name === model.id.name || taken.has(column.name)) continue
    checkField(field, spec, column.name)
    found.set(field, column)
  }
  return found
}

/** Fields of the protocol that Django has not, whatever a column is named, unless the app says that it is the one. */
const OURS: readonly string[] = ['emailVerified', 'image', 'updatedAt', 'username']

const hasNames = ({ columns }: UserModel) => columns.has('first_name') && columns.has('last_name')

function checkField(field: string, spec: Field, column: string): void {
  if (column === 'password' || (GUARDED.includes(column) && spec.input !== false)) {
    throw new DjangoError(
      'BAD_MODEL',
      `The field user.${field} would give clients the column ${column}: name it otherwise${
        column === 'password' ? '' : ', or declare it with `input: false`'
      }`,
    )
  }
}

export interface UserPlaces {
  readonly places: ReadonlyMap<string, Place>
  /** Fields that live in the table of ours. */
  readonly isOwn: (field: string) => boolean
}

export function userPlaces(context: PlaceContext, model: UserModel, table: Table): UserPlaces {
  const { dialect } = context
  const columns = columnsOfFields(model, table)
  const split = hasNames(model) && !columns.has('name')
  const isOwn = (field: string) => field !== 'id' && !columns.has(field) && !(field === 'name' && split)
  const beside = ownPlaces(context, table, BESIDE, isOwn)
  const places = new Map<string, Place>()
  for (const [field, spec] of allFields(table)) {
    const at = { field, spec, part: USERS }
    const column = columns.get(field)
    const own = beside.get(field)
    if (field === 'id') {
      places.set('id', placed(context, { ...at, column: model.id.name }, userIdCodec(context, table, 'id')))
    } else if (field === 'name' && split) places.set(field, namePlace(context, model, table, spec))
    else if (column) {
      const place = placed(context, { ...at, column: column.name }, djangoCodec(context, table, field, spec, column))
      places.set(field, special(context, filled(context, place, column), column))
    } else if (own) places.set(field, withDefault(dialect, own))
  }
  return { places, isOwn }
}

/** Of nothing Django has the empty text, and no. A user keeps the name they have. */
function filled({ dialect }: PlaceContext, place: Place, column: Column): Place {
  const { write } = place
  if (column.nullable) return place
  const none = () => {
    if (column.kind === 'boolean') return [[column.name, writeValue(dialect, column, false)]] as const
    return column.kind === 'text' && place.field !== 'username' ? ([[column.name, '']] as const) : []
  }
  return { ...place, write: (value) => (value === null ? none() : write(value)) }
}

function special(context: PlaceContext, place: Place, column: Column): Place {
  const { dialect } = context
  switch (place.field) {
    case 'email': {
      const { match } = place
      return {
        ...place,
        compare: (side) => `lower(${place.read(side)})`,
        operand: exactly(dialect),
        // Django leaves the address of many users empty: it is nobody's.
        match: (value) => (value === '' ? undefined : match(value)),
      }
    }
    case 'username': {
      const normal = (value: unknown) => (typeof value === 'string' ? normaliseUsername(value) : value)
      return {
        ...place,
        write: (value) => place.write(normal(value)),
        match: (value) => place.match(normal(value)),
      }
    }
    default:
      return column.kind === 'text' ? { ...place, operand: exactly(dialect) } : place
  }
}

/** Users without a row of ours have what a new row would. */
function withDefault(dialect: PlaceContext['dialect'], place: Place): Place {
  const { spec } = place
  const value = spec.defaultValue
  if (spec.required === false || (typeof value !== 'boolean' && typeof value !== 'number')) return place
  const sql = typeof value === 'number' || dialect === 'postgresql' ? String(value) : String(Number(value))
  return { ...place, read: (side) => `coalesce(${place.read(side)}, ${sql})` }
}

function namePlace({ dialect }: PlaceContext, model: UserModel, table: Table, spec: Field): Place {
  const column = (name: string) => (side: Side) => `${side}${USERS}.${quoteName(dialect, name)}`
  const [first, last] = [column('first_name'), column('last_name')]
  const room = {
    first: model.columns.get('first_name')?.length ?? Number.POSITIVE_INFINITY,
    last: model.columns.get('last_name')?.length ?? Number.POSITIVE_INFINITY,
  }
  const fit = (value: unknown) => logical(table, 'name', kindOf(spec), value) as string
  return {
    field: 'name',
    spec,
    part: USERS,
    write(value) {
      const split = splitName(value === null ? '' : fit(value), room)
      if (!split) throw new UnstorableValue(table.name, 'name')
      return [
        ['first_name', split.first],
        ['last_name', split.last],
      ]
    },
    read(side) {
      const [one, two] = [first(side), last(side)]
      const apart = concat(dialect, one, "' '", two)
      return `case when ${one} = '' or ${two} = '' then ${concat(dialect, one, two)} else ${apart} end`
    },
    operand: exactly(dialect),
    match: fit,
    decode: String,
  }
}
