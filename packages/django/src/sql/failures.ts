/** What an error of a driver means, in each of the dialects. */

export type SqlFailure =
  /** A row with the same value is there. `names`: of the columns (SQLite) or of the constraint, as far as it is told. */
  | { readonly kind: 'unique'; readonly names: readonly string[] }
  /** Somebody else is writing, or two waited for each other: the same again may go well. */
  | { readonly kind: 'busy' }

interface Told {
  readonly code?: unknown
  readonly errno?: unknown
  readonly errcode?: unknown
  readonly rawCode?: unknown
  readonly constraint?: unknown
}

/** `undefined` for everything else. */
export function failureOf(error: unknown): SqlFailure | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const failure = uniqueOf(at) ?? (isBusy(at) ? ({ kind: 'busy' } as const) : undefined)
    if (failure) return failure
  }
  return undefined
}

function uniqueOf(error: Error & Told): SqlFailure | undefined {
  const columns = /UNIQUE constraint failed: (.*)/s.exec(error.message)?.[1]
  if (columns) return { kind: 'unique', names: columns.split(', ').map((name) => name.replace(/^.*\./s, '')) }
  if (error.code === '23505') return { kind: 'unique', names: named(error.constraint) }
  if (error.errno !== 1062) return undefined
  // MySQL 8 puts the table in front. The value comes before it, and may hold anything.
  const key = / for key '([^']*)'$/.exec(error.message)?.[1]
  return { kind: 'unique', names: named(key?.replace(/^.*\./s, '')) }
}

const named = (name: unknown) => (typeof name === 'string' ? [name] : [])

/** Of SQLite: busy, locked. Of PostgreSQL: serialisation failure, deadlock. Of MySQL: deadlock, lock wait timeout. */
function isBusy({ code, errno, errcode, rawCode }: Error & Told): boolean {
  if (code === '40001' || code === '40P01' || errno === 1213 || errno === 1205) return true
  if (typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)) return true
  const number = rawCode ?? errcode
  return typeof number === 'number' && ((number & 0xff) === 5 || (number & 0xff) === 6)
}
