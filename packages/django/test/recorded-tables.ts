/** What was recorded of a site's tables and cookies, beside ours: the random values of each bound to the other's. */
import { sessionHashes } from '../src/auth/session-hash.ts'
import type { SqlDriver, SqlParameter } from '../src/sql/driver.ts'
import type { Recorded } from '../src/testing/recorded.ts'
import type { DjangoVersion } from '../src/version.ts'

/** Random values of the recording, and ours in their place: one for one. */
export function bindings() {
  const ours = new Map<string, string>()
  const theirs = new Map<string, string>()
  return {
    of: (recordedValue: string) => ours.get(recordedValue) ?? recordedValue,
    /** Ours as it was recorded, bound where both are new. */
    spell(recordedValue: string | undefined, our: string): string {
      if (recordedValue !== undefined && recordedValue !== '""' && !ours.has(recordedValue) && !theirs.has(our)) {
        ours.set(recordedValue, our)
        theirs.set(our, recordedValue)
      }
      return theirs.get(our) ?? our
    },
  }
}

export type Bindings = ReturnType<typeof bindings>

const cookieValue = (line: string | undefined) => /^[^=]*=([^;]*)/.exec(line ?? '')?.[1]

/** Our cookies in the words of the recording. */
export const spellCookies = (bound: Bindings, theirs: readonly string[], ours: readonly string[]) =>
  ours.map((line, at) => line.replace(/=([^;]*)/, (_all, value) => `=${bound.spell(cookieValue(theirs[at]), value)}`))

/** The clock that was recorded had microseconds. */
const milliseconds = (text: string | null) => text?.replace(/\.123456$/, '.123000') ?? null

const newUser = {
  is_superuser: 0,
  first_name: '',
  last_name: '',
  email: '',
  is_staff: 0,
  date_joined: '2025-01-01 00:00:00',
}

export async function insert(driver: SqlDriver, table: string, row: Recorded): Promise<void> {
  const columns = Object.keys(row)
  const text = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`
  await driver.run(text, Object.values(row) as SqlParameter[])
}

/** What others did to the users before a step: whom they made or removed and, as far as the step only looks, changed. */
export async function changeUsers(driver: SqlDriver, { after, request }: Recorded, before: readonly Recorded[]) {
  const gone = new Map(before.map((user) => [user.id, user]))
  for (const user of after.auth_user as Recorded[]) {
    const was = gone.get(user.id)
    gone.delete(user.id)
    if (!was) await insert(driver, 'auth_user', { ...newUser, ...user, last_login: null })
    for (const field of was && request.path === '/who' ? ['is_active', 'password'] : []) {
      if (was?.[field] === user[field]) continue
      await driver.run(`update auth_user set ${field} = ? where id = ?`, [user[field], user.id])
    }
  }
  for (const id of gone.keys()) await driver.run('delete from auth_user where id = ?', [id])
}

/** Both tables in one form, that of sessions with what is in them. */
export function tables(
  users: readonly Recorded[],
  sessions: readonly Recorded[],
  keys: Recorded,
  version: DjangoVersion,
) {
  const passwordOf = new Map(users.map(({ id, password }) => [String(id), password]))
  /** A hash by what it was made of: passwords have random salts. */
  const hashOf = ({ _auth_user_hash: hash, _auth_user_id: id }: Recorded) => {
    const password = passwordOf.get(String(id))
    const made = ['secret_key', 'old_secret_key'].find((name) => {
      const hashes = sessionHashes({ secretKey: keys[name], djangoVersion: version })
      return password !== undefined && hashes.make(password) === hash
    })
    return made ?? (/^[0-9a-f]{40}/.test(hash) ? 'of something else' : hash)
  }
  return {
    users: users.map(({ id, username, is_active, last_login }) => ({
      id,
      username,
      is_active,
      last_login: milliseconds(last_login),
    })),
    // Salts are random, so of hashes the form is compared; that they verify is seen at the next sign-in.
    passwords: users.map(({ password }) => password.split('$').slice(0, 2).join('$').slice(0, 20)),
    sessions: sessions
      .map(({ session_key, expire_date, decoded }) => ({
        session_key,
        expire_date: milliseconds(expire_date),
        decoded: '_auth_user_hash' in decoded ? { ...decoded, _auth_user_hash: hashOf(decoded) } : decoded,
      }))
      .sort((a, b) => (a.session_key < b.session_key ? -1 : 1)),
  }
}
