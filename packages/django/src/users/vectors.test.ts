/** What was recorded of Django's users, replayed on the databases that it made. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createQueue } from '@keystile/core/passwords'
import { describe, expect, it } from 'vitest'
import { djangoPasswords } from '../passwords/passwords.ts'
import type { SqlDriver } from '../sql/driver.ts'
import { sqliteDriver } from '../sql/sqlite.ts'
import { djangoTables } from '../testing/django-tables.ts'
import { type Recorded, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { since } from '../version.ts'
import { normaliseEmail, normaliseUsername } from './normalise.ts'
import type { DjangoUser } from './user.ts'
import { djangoUsers } from './users.ts'
import { passwordProblems, usernameProblem } from './validators.ts'

const byInput = (record: Recorded) => JSON.stringify(record.in ?? record.password)
const queue = createQueue({ maxWait: Number.POSITIVE_INFINITY })
/** Of little work, for what is hashed only to look the same from outside. */
const cheap = { algorithm: 'pbkdf2_sha256', iterations: 10 } as const

/** A database in memory with the tables of a release, and its permissions. */
async function migrated(version: string): Promise<SqlDriver> {
  const driver = sqliteDriver(':memory:')
  for (const text of djangoTables('sqlite', version)) await driver.run(text)
  const { content_types, permissions } = recorded('schema', version)
  for (const row of content_types) {
    await driver.run('insert into django_content_type (id, app_label, model) values (?, ?, ?)', row)
  }
  for (const row of permissions) {
    await driver.run('insert into auth_permission (id, content_type_id, codename, name) values (?, ?, ?, ?)', row)
  }
  return driver
}

describe.each(recordedVersions)('as recorded of Django %s', (version) => {
  const users = recorded('users', version)

  it('makes the same of names and addresses', () => {
    replay(users.normalize_email, (record) => expect(normaliseEmail(record.in)).toBe(record.result), {}, byInput)
    replay(users.normalize_username, (record) => expect(normaliseUsername(record.in)).toBe(record.result), {}, byInput)
  })

  it('takes the same names', () => {
    replay(
      users.username_validation,
      (record) => expect(usernameProblem(record.in) === null).toBe(record.result === true),
      version === '2.2' ? { '"nl\\n"': 'a fault of that release, whose pattern ends before a last newline' } : {},
      byInput,
    )
  })

  it('finds the same wrong with passwords', () => {
    const common = new Set(['password', '12345678901', 'qwertyuiop'])
    const attributes = ['alice_smith', 'Alice', 'Smith', 'alice@example.com']
    replay(
      users.password_validators,
      ({ password, codes }) => expect(passwordProblems(password, { common, attributes })).toEqual(codes),
      {},
      byInput,
    )
  })

  it('creates the same users', async () => {
    const driver = await migrated(version)
    const made = djangoUsers({ driver, passwords: djangoPasswords({ hashers: [cheap], queue }) })
    for (let id = 1; id < 9; id++) await made.register({ username: `before ${id}`, password: null })
    for (const { in: given, result, error } of users.create) {
      const got = await made.register({ ...given, password: given.password ?? null }).catch((problem) => problem.code)
      if (error) {
        expect([given, got]).toEqual([given, error === 'IntegrityError' ? 'USERNAME_TAKEN' : 'BAD_VALUE'])
        continue
      }
      const user = got as DjangoUser
      expect({
        ...Object.fromEntries(Object.keys(result).map((field) => [field, user.get(field)])),
        usable: user.hasUsablePassword(),
        password_prefix: String(user.get('password')).slice(0, 14),
      }).toEqual({ ...result, password_prefix: result.usable ? result.password_prefix : expect.stringMatching(/^!/) })
    }
    await driver.close()
  })

  it('gives users the same permissions', async () => {
    const driver = await migrated(version)
    const made = djangoUsers({ driver, passwords: djangoPasswords({ queue }) })
    // As the recording's links have it.
    for (let id = 1; id < 12; id++) await made.register({ username: `before ${id}`, password: null })
    const people = [
      ['perm_user', {}],
      ['perm_super', { is_superuser: true }],
      ['perm_inactive', { is_active: false }],
      ['perm_super_inactive', { is_superuser: true, is_active: false }],
    ] as const
    for (const [username, fields] of people) await made.register({ username, password: null, ...fields })
    for (const [table, rows] of Object.entries<Record<string, number>[]>(users.tables)) {
      for (const row of rows) {
        const places = Object.keys(row).map(() => '?')
        await driver.run(`insert into ${table} (${Object.keys(row).join(', ')}) values (${places})`, Object.values(row))
      }
    }
    expect(users.permissions).toHaveLength(5)
    for (const record of users.permissions) {
      const user = await made.lazy(() => made.byUsername(record.user)).load()
      const listed = async (set: Promise<ReadonlySet<string>>, said: unknown) => {
        const names = [...(await set)].sort()
        // Of a superuser the recording only says how many.
        return typeof said === 'string' && names.length === 20 ? said : names
      }
      expect({
        user: record.user,
        all: await listed(user.getAllPermissions(), record.all),
        group: await listed(user.getGroupPermissions(), record.group),
        // Older releases cannot say.
        user_only: record.user_only && (await listed(user.getUserPermissions(), record.user_only)),
        has_change_user: await user.hasPerm('auth.change_user'),
        has_add_group: await user.hasPerm('auth.add_group'),
        has_unknown: await user.hasPerm('auth.unknown'),
        has_perms_both: await user.hasPerms(['auth.change_user', 'auth.add_group']),
        has_perms_empty: await user.hasPerms([]),
        has_module_auth: await user.hasModulePerms('auth'),
        has_module_sessions: await user.hasModulePerms('sessions'),
      }).toEqual(record)
    }
    expect(await (await made.lazy(() => made.byUsername('perm_user')).load()).groups()).toEqual(['editors'])
    await driver.close()
  })

  it('has nobody be the same', () => {
    const nobody = djangoUsers({ driver: sqliteDriver(':memory:'), passwords: djangoPasswords() }).blank()
    const { is_authenticated, is_anonymous, is_active, pk, id } = users.anonymous
    expect([nobody.isAuthenticated, nobody.isAnonymous, nobody.isActive, nobody.id ?? null, nobody.id ?? null]).toEqual(
      [is_authenticated, is_anonymous, is_active, pk, id],
    )
    // `AnonymousUser` has no row, so it has no columns here; what Django says of them is as much as nothing.
    for (const field of ['username', 'is_staff', 'is_superuser']) {
      expect(Boolean(nobody.get(field))).toBe(Boolean(users.anonymous[field]))
    }
  })

  it('lets the same users in, of a database that Django made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keystile-django-'))
    const path = join(folder, 'db.sqlite3')
    copyFileSync(new URL(`../../fixtures/db-${version}.sqlite3`, import.meta.url), path)
    const driver = sqliteDriver(path)
    const hashers = [cheap, 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'bcrypt', 'md5', 'sha1'] as const
    const passwords = djangoPasswords({
      hashers: [...hashers, 'unsalted_md5', 'unsalted_sha1', ...(since(version, '4.0') ? (['scrypt'] as const) : [])],
      djangoVersion: version,
      upgrade: 'never',
      queue,
    })
    const found = djangoUsers({ driver, passwords })
    try {
      for (const record of recorded('db', version).users) {
        const { password, ...columns } = record
        const row = await found.byId(String(record.id))
        const dates = { last_login: row?.fields.last_login ?? null, date_joined: row?.fields.date_joined }
        expect({ ...row?.fields, ...spelled(dates) }).toMatchObject(columns)
        const user = await found.authenticate(record.username, password ?? '')
        expect([record.username, user?.id]).toEqual([
          record.username,
          password !== null && record.is_active ? String(record.id) : undefined,
        ])
      }
      expect(await found.authenticate('boss', 'pwx')).toBeNull()
      const first = await found.lazy(() => found.byUsername('user_pbkdf2_sha256')).load()
      const given = [...(await first.getAllPermissions())].sort()
      expect(given).toEqual(recorded('db', version).permissions_of_user_pbkdf2_sha256)
    } finally {
      await driver.close()
      rmSync(folder, { recursive: true })
    }
  })
})

/** Dates as the recordings spell them. */
function spelled(dates: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(dates).map(([name, date]) => [name, typeof date === 'string' ? date.replace('Z', '+00:00') : date]),
  )
}
