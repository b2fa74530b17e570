/** What a table is like, found by asking the database. */
import type { Dialect, SqlRow, SqlVerbs } from './driver.ts'

/** What a column holds, as far as it matters here: the rest is passed through. */
export type ColumnKind = 'integer' | 'boolean' | 'date' | 'uuid' | 'text' | 'other'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** The type as the database spells it. */
  readonly declared: string
  readonly nullable: boolean
  /** A row may be made without naming it: it has a default, or counts by itself. */
  readonly hasDefault: boolean
  /** The database reckons it from others, and takes no value. */
  readonly generated: boolean
  /** Most characters, where the type says so. */
  readonly length: number | undefined
}

export interface Table {
  readonly name: string
  readonly dialect: Dialect
  readonly columns: readonly Column[]
  readonly primaryKey: readonly string[]
  readonly unique: readonly UniqueKey[]
}

/** Columns of which no two rows hold the same. */
export interface UniqueKey {
  /** Of the constraint or the index, as the errors of PostgreSQL and MySQL name it. */
  readonly name: string
  readonly columns: readonly string[]
}

/** `null` where there is no such table. A view is one, without keys. */
export async function inspectTable(verbs: SqlVerbs, name: string): Promise<Table | null> {
  const { dialect } = verbs
  const [columns, keys] = [await verbs.all(columnsOf[dialect], [name]), await verbs.all(keysOf[dialect], [name])]
  if (columns.length === 0) return null
  const lists = new Map<string, { readonly primary: boolean; readonly columns: string[] }>()
  for (const { key, is_primary: primary, column } of keys) {
    const list = lists.get(String(key)) ?? { primary: Boolean(Number(primary)), columns: [] }
    list.columns.push(String(column))
    lists.set(String(key), list)
  }
  const all = [...lists.values()]
  return {
    name,
    dialect,
    columns: columns.map((row) => readColumn(dialect, row)),
    primaryKey: all.find(({ primary }) => primary)?.columns ?? [],
    unique: [...lists].map(([key, list]) => ({ name: key, columns: list.columns })),
  }
}

/** Each gives name, declared, nullable, has_default and generated, as 0 or 1. MariaDB spells no default `NULL`. */
const columnsOf: Readonly<Record<Dialect, string>> = {
  sqlite: `
    select name, type as declared, not "notnull" as nullable, hidden in (2, 3) as "generated",
      dflt_value is not null or hidden in (2, 3) or (pk = 1 and lower(type) = 'integer') as has_default
    from pragma_table_xinfo(?) where hidden <> 1 order by cid`,
  postgresql: `
    select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as declared, (not a.attnotnull)::int as nullable,
      (a.attgenerated <> '')::int as generated, (a.atthasdef or a.attidentity <> '')::int as has_default
    from pg_attribute a where a.attrelid = to_regclass(quote_ident($1)) and a.attnum > 0 and not a.attisdropped
    order by a.attnum`,
  mysql: `
    select column_name as name, column_type as declared, is_nullable = 'YES' as nullable,
      extra like '%GENERATED%' and extra not like '%DEFAULT_GENERATED%' as \`generated\`,
      (column_default is not null and column_default <> 'NULL') or extra like '%auto_increment%' or extra like '%GENERATED%' as has_default
    from information_schema.columns where table_schema = database() and table_name = ? order by ordinal_position`,
}

/** Each gives key, is_primary and column: the columns of unique keys, in order. Those over some rows only are no such. */
const keysOf: Readonly<Record<Dialect, string>> = {
  sqlite: `
    select * from (
      select i.name as "key", i.origin = 'pk' as is_primary, c.name as "column", c.seqno as at
      from pragma_index_list(?1) i, pragma_index_info(i.name) c where i."unique" and not i.partial
      union all
      select '' as "key", 1 as is_primary, t.name as "column", t.pk as at from pragma_table_info(?1) t
      where t.pk > 0 and not exists (select 1 from pragma_index_list(?1) p where p.origin = 'pk')
    ) order by "key", at`,
  postgresql: `
    select r.relname::text as key, i.indisprimary::int as is_primary, a.attname::text as column
    from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(attnum, at)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      join pg_class r on r.oid = i.indexrelid
    where i.indrelid = to_regclass(quote_ident($1)) and i.indisunique and i.indpred is null and i.indexprs is null
      and k.at <= i.indnkeyatts
    order by i.indexrelid, k.at`,
  mysql: `
    select index_name as \`key\`, index_name = 'PRIMARY' as is_primary, column_name as \`column\`
    from information_schema.statistics where table_schema = database() and table_name = ? and not non_unique
    order by index_name, seq_in_index`,
}

function readColumn(dialect: Dialect, row: SqlRow): Column {
  const declared = String(row.declared)
  const yes = (value: unknown) => Number(value) === 1
  const length = /^(?:character varying|varchar|char|character)\((\d+)\)/i.exec(declared)?.[1]
  return {
    name: String(row.name),
    kind: kindOf(dialect, declared.toLowerCase()),
    declared,
    nullable: yes(row.nullable),
    hasDefault: yes(row.has_default) || yes(row.generated),
    generated: yes(row.generated),
    length: length === undefined ? undefined : Number(length),
  }
}

/** By the types that Django declares. Only its UUIDs are of 32 characters, always, where the database has no such type. */
function kindOf(dialect: Dialect, declared: string): ColumnKind {
  if (/^bool/.test(declared) || (dialect === 'mysql' && declared === 'tinyint(1)')) return 'boolean'
  if (/^(datetime|timestamp)/.test(declared)) return 'date'
  if (declared === 'uuid' || (dialect !== 'postgresql' && declared === 'char(32)')) return 'uuid'
  if (/^(big|small|tiny|medium)?(int|serial)/.test(declared)) return 'integer'
  if (/^(var)?char|^character|text$|^citext/.test(declared)) return 'text'
  return 'other'
}
