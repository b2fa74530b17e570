/** A database as Django's migrations leave it, for tests of other packages too. */

import { type Scratch, testDatabases } from '../src/testing/databases.ts'
import { djangoTables } from '../src/testing/django-tables.ts'

export { type Scratch, testDatabases } from '../src/testing/databases.ts'
export { djangoTables } from '../src/testing/django-tables.ts'

/** On SQLite, without users. */
export async function migratedSqlite(version = '5.2'): Promise<Scratch> {
  const sqlite = testDatabases.find(({ dialect }) => dialect === 'sqlite')
  if (!sqlite) throw new Error('no SQLite')
  const scratch = await sqlite.open()
  await scratch.script(djangoTables('sqlite', version))
  return scratch
}
