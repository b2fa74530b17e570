/** Statements of which each value is bound and each name quoted, whatever the dialect. */
import type { Dialect, SqlParameter } from './driver.ts'
import { quoteName } from './names.ts'

export interface Statement {
  readonly text: string
  readonly parameters: readonly SqlParameter[]
}

export interface Writer {
  /** The placeholder for a value. */
  bind(value: SqlParameter): string
  /** Placeholders for some, in brackets. */
  list(values: readonly SqlParameter[]): string
  /** A name in quotes. @throws DjangoError `BAD_NAME` */
  name(name: string): string
}

/**
 * @example
 * statement('postgresql', ({ name, bind }) => `select ${name('id')} from ${name(table)} where ${name('age')} > ${bind(18)}`)
 */
export function statement(dialect: Dialect, write: (writer: Writer) => string): Statement {
  const parameters: SqlParameter[] = []
  const bind = (value: SqlParameter) => {
    parameters.push(value)
    return dialect === 'postgresql' ? `$${parameters.length}` : '?'
  }
  const text = write({
    bind,
    list: (values) => `(${values.map(bind).join(', ')})`,
    name: (name) => quoteName(dialect, name),
  })
  return { text, parameters }
}
