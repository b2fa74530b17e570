/** Which release of Django a database is of, as far as it tells. */
import { iterationsOf } from '../passwords/pbkdf2.ts'
import type { SqlDriver } from '../sql/driver.ts'
import { inspectTable } from '../sql/tables.ts'
import { DJANGO_VERSIONS, type DjangoVersion } from '../version.ts'

export interface GuessedVersion {
  /** The release that wrote it, or one after; `undefined` where nothing tells. */
  readonly least: DjangoVersion | undefined
  readonly because: readonly string[]
}

/** The last migrations of `auth`, the newest first, and the release that brought them. */
const MIGRATIONS: readonly (readonly [name: string, version: DjangoVersion])[] = [
  ['0012_alter_user_first_name_max_length', '3.1'],
  ['0011_update_proxy_permissions', '2.2'],
]

export async function guessVersion(
  driver: SqlDriver,
  seen: { readonly sessions: 'signed' | 'legacy' | undefined; readonly hashers: readonly string[] },
): Promise<GuessedVersion> {
  const hints: { readonly version: DjangoVersion; readonly because: string }[] = []
  if (await inspectTable(driver, 'django_migrations')) {
    const rows = await driver.all("select name from django_migrations where app = 'auth'")
    const names = new Set(rows.map(({ name }) => String(name)))
    const [name, version] = MIGRATIONS.find(([one]) => names.has(one)) ?? []
    if (name && version) hints.push({ version, because: `the migration auth.${name}` })
  }
  if (seen.sessions === 'signed') hints.push({ version: '3.1', because: 'sessions are signed, not hashed' })
  for (const value of seen.hashers) {
    const iterations = Number(/^pbkdf2_sha256\$([0-9]+)\$/.exec(value)?.[1])
    const version = DJANGO_VERSIONS.findLast((one) => iterationsOf[one] === iterations)
    if (version) hints.push({ version, because: `${iterations} iterations of PBKDF2` })
  }
  hints.sort((a, b) => DJANGO_VERSIONS.indexOf(b.version) - DJANGO_VERSIONS.indexOf(a.version))
  const least = hints[0]?.version
  return { least, because: hints.filter(({ version }) => version === least).map(({ because }) => because) }
}
