/** What was found, as a person reads it. */
import type { Inspection } from './inspect.ts'

const databases = { sqlite: 'SQLite', postgresql: 'PostgreSQL', mysql: 'MySQL or MariaDB' } as const

export function reportOf(found: Inspection): string {
  return [
    `Database       ${databases[found.dialect]}`,
    `Django         ${versionLine(found)}`,
    ...usersLines(found),
    ...hasherLines(found),
    ...sessionLines(found),
    ...csrfLines(found),
    ...ownLines(found),
    '',
  ].join('\n')
}

const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none')
const rows = (count: number) => (count === 1 ? '1 row' : `${count} rows`)

function versionLine({ version: { least, because } }: Inspection): string {
  return least ? `${least} or later, by ${because.join(' and ')}` : 'the database does not tell which release'
}

function usersLines({ users }: Inspection): string[] {
  if ('problem' in users) return [`Users          ${users.problem}`]
  const lines = [
    `Users          ${users.table}: ${rows(users.rows)}, key ${users.key} (${users.keyType}), name in ${users.username}`,
  ]
  if (users.missing.length > 0) lines.push(`               without ${list(users.missing)}`)
  if (users.extra.length > 0) lines.push(`               besides ${list(users.extra)}`)
  if (users.needed.length > 0) lines.push(`               a new user needs ${list(users.needed)}`)
  return lines
}

function hasherLines({ hashers }: Inspection): string[] {
  if (hashers.length === 0) return ['Passwords      none']
  return hashers.map(({ algorithm, rows: count, verified }, i) => {
    const told = algorithm === 'unusable' ? 'nothing fits them' : `verified ${verified}`
    return `${i === 0 ? 'Passwords' : '         '}      ${algorithm}: ${rows(count)}, ${told}`
  })
}

function sessionLines({ sessions }: Inspection): string[] {
  if (!sessions) return ['Sessions       no table: the engine is not db or cached_db']
  const { table, live, expired, form, readable } = sessions
  const lines = [`Sessions       ${table}: ${live} live, ${expired} expired${form ? `, written ${form}` : ''}`]
  if (readable) lines.push(`               the secret key reads ${readable.read} of the latest ${readable.of}`)
  return lines
}

function csrfLines({ csrf }: Inspection): string[] {
  if (!csrf) return []
  const origin = csrf.looksAtOrigin ? 'the Origin header is looked at' : 'the Origin header is not looked at'
  return [`CSRF           a ${csrf.cookie} cookie, ${origin}; CSRF_… settings are not in the database`]
}

function ownLines({ own }: Inspection): string[] {
  const [there, lacking] = [true, false].map((is) => own.filter((one) => one.there === is).map(({ table }) => table))
  return [
    `Own tables     there: ${list(there ?? [])}`,
    `               djangoDatabase would make: ${list(lacking ?? [])}`,
  ]
}
