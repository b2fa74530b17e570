/** A table of our own that holds all of its rows: accounts of other providers, verifications, counters, those of plugins. */
import { allFields, holdsId, type Table } from '@keystile/core/store'
import { quoteName } from '../sql/names.ts'
import { columnName, constraintsOf, indexedLength, type OwnTable } from './own-tables.ts'
import { ownCodec, type Place, type PlaceContext, placed, userIdCodec } from './place.ts'
import type { Source, Values } from './source.ts'
import { deleteBy, insertInto, updateBy } from './writing.ts'

export function ownSource(context: PlaceContext, table: Table, own: OwnTable, newId: () => string): Source {
  const { dialect } = context
  const name = quoteName(dialect, own.name)
  const places = ownPlaces(context, table, 'o')
  const byColumn = new Map([...places.values()].map((place) => [columnName(place.field, place.spec), place.field]))
  const pairs = (values: Values) => [...values].flatMap(([field, value]) => places.get(field)?.write(value) ?? [])
  return {
    table,
    places,
    parts: [{ letter: 'o', table: name }],
    key: (side) => `${side}o.${quoteName(dialect, 'id')}`,
    extras: {},
    locks: ['o'],
    constraints: constraintsOf(own, (column) => byColumn.get(column)),
    newId,
    plain: { table: name, id: 'id' },
    async insert(session, values) {
      await insertInto(session, name, pairs(values))
      return { id: String(values.get('id')) }
    },
    change: (session, { key }, changes) => updateBy(session, name, pairs(changes), 'id', key),
    remove: (session, locked) =>
      deleteBy(
        session,
        name,
        'id',
        locked.map(({ key }) => key),
      ),
  }
}

/** The places of fields in one table of ours. */
export function ownPlaces(
  context: PlaceContext,
  table: Table,
  part: string,
  isOwn: (field: string) => boolean = () => true,
): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const [field, spec] of allFields(table)) {
    if (!isOwn(field)) continue
    const refersToUser = spec.references?.model === 'user' && holdsId(field, spec)
    const codec = refersToUser
      ? userIdCodec(context, table, field)
      : ownCodec(context, table, field, spec, indexedLength(table, field, spec))
    places.set(field, placed(context, { field, spec, part, column: columnName(field, spec) }, codec))
  }
  return places
}
