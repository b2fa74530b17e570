/** Where the dialects differ in what statements say. */
import type { TextOperator } from '@keystile/core/store'
import type { Dialect, SqlParameter } from '../sql/driver.ts'

/** The values of one statement. */
export interface Binder {
  readonly parameters: SqlParameter[]
  /** The placeholder of a value. */
  readonly bind: (value: SqlParameter) => string
}

export function binder(dialect: Dialect): Binder {
  const parameters: SqlParameter[] = []
  return {
    parameters,
    bind(value) {
      parameters.push(value)
      return dialect === 'postgresql' ? `$${parameters.length}` : '?'
    },
  }
}

/** Compares texts letter by letter: nothing in them stands for something else. */
export function compareText(
  dialect: Dialect,
  operator: TextOperator,
  column: string,
  value: SqlParameter,
  { bind }: Binder,
): string {
  const mark = () => (dialect === 'postgresql' ? `${bind(value)}::text` : bind(value))
  const at = {
    sqlite: () => `instr(${column}, ${mark()})`,
    postgresql: () => `strpos(${column}, ${mark()})`,
    mysql: () => `locate(${mark()}, ${column})`,
  }[dialect]
  switch (operator) {
    case 'contains':
      return `${at()} > 0`
    case 'startsWith':
      return `${at()} = 1`
    case 'notStartsWith':
      return `${at()} <> 1`
    case 'endsWith': {
      const length = dialect === 'mysql' ? 'char_length' : 'length'
      const start = (end: string) => `${length}(${column}) - ${length}(${end}) + 1`
      // Of a text shorter than the end nothing may be taken.
      return `(${start(mark())} > 0 and substr(${column}, ${start(mark())}) = ${mark()})`
    }
  }
}

/** Texts put together. */
export const concat = (dialect: Dialect, ...parts: readonly string[]) =>
  dialect === 'sqlite' ? `(${parts.join(' || ')})` : `concat(${parts.join(', ')})`

/**
 * Around a value to compare with a column of Django's. The collations of MySQL take letters for the same that are not,
 * and a mail address with another letter in it may be another person's.
 */
export const exactly = (dialect: Dialect) => (mark: string) =>
  dialect === 'mysql' ? `convert(${mark} using utf8mb4) collate utf8mb4_bin` : mark

/** The end of a query whose rows nobody is to change before the transaction ends. SQLite has one writer anyway. */
export function lock(dialect: Dialect, aliases: readonly string[]): string {
  if (dialect === 'sqlite') return ''
  return dialect === 'postgresql' ? ` for update of ${aliases.join(', ')}` : ' for update'
}
