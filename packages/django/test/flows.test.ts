/**
 * What a Django site answered, step by step, and what its tables held after each: the same requests to a site of the
 * same routes here. Session keys and secrets are random; each is bound to its counterpart when first seen. What differs
 * on purpose is named with its reason.
 */
import { createQueue, type Kdf, loadKdf } from '@keystile/core/passwords'
import { describe, expect, it } from 'vitest'
import { sessionHashes } from '../src/auth/session-hash.ts'
import { django } from '../src/django.ts'
import type { DjangoOptions } from '../src/options.ts'
import { rowCodec } from '../src/sessions/codec.ts'
import { pythonJson } from '../src/sessions/json.ts'
import type { SqlDriver, SqlParameter } from '../src/sql/driver.ts'
import { testDatabases } from '../src/testing/databases.ts'
import { djangoTables } from '../src/testing/django-tables.ts'
import { type Recorded, recorded, recordedVersions } from '../src/testing/recorded.ts'
import type { DjangoVersion } from '../src/version.ts'
import { type Answer, answer } from './recorded-site.ts'

/** Each key is derived once: the flows sign the same users in again and again. */
const queue = createQueue({ maxWait: Number.POSITIVE_INFINITY })
const loaded = loadKdf(console)
const derived = new Map<string, Promise<Uint8Array>>()
const kdf: Kdf = (password, recipe) => {
  const question = JSON.stringify([password, recipe])
  const answer = derived.get(question) ?? loaded.then((derive) => derive(password, recipe))
  derived.set(question, answer)
  return answer
}

/** What a flow is recorded with, as our options; the fields of the settings that are not there are the defaults. */
function optionsOf(flow: Recorded, step: number, keys: Recorded): Partial<DjangoOptions> & { secretKey: string } {
  const { settings, flow: name } = flow
  const rotated = settings.SECRET_KEY !== undefined && step > 0
  const secretKey = rotated || settings.SECRET_KEY === undefined ? keys.secret_key : settings.SECRET_KEY
  const fallback = rotated && step === 1 && name.includes('made with the old key')
  return {
    secretKey,
    secretKeyFallbacks: fallback ? [keys.old_secret_key] : [],
    sessions: settings.SESSION_ENGINE?.endsWith('signed_cookies') ? 'signed_cookies' : 'db',
    csrf: { useSessions: settings.CSRF_USE_SESSIONS, allowedHosts: ['testserver'] },
    cookies: {
      session: {
        name: settings.SESSION_COOKIE_NAME,
        secure: settings.SESSION_COOKIE_SECURE,
        domain: settings.SESSION_COOKIE_DOMAIN,
        path: settings.SESSION_COOKIE_PATH,
        sameSite: settings.SESSION_COOKIE_SAMESITE,
        httpOnly: settings.SESSION_COOKIE_HTTPONLY,
        age: settings.SESSION_COOKIE_AGE,
        expireAtBrowserClose: settings.SESSION_EXPIRE_AT_BROWSER_CLOSE,
        saveEveryRequest: settings.SESSION_SAVE_EVERY_REQUEST,
      },
    },
  }
}

/** Random values of the recording, and ours in their place: one for one. */
function bindings() {
  const ours = new Map<string, string>()
  const theirs = new Map<string, string>()
  return {
    of: (recordedValue: string) => ours.get(recordedValue) ?? recordedValue,
    /** Ours as it was recorded, bound where both are new. */
    spell(recordedValue: string | undefined, our: string): string {
      if (recordedValue !== undefined && !ours.has(recordedValue) && !theirs.has(our)) {
        ours.set(recordedValue, our)
        theirs.set(our, recordedValue)
      }
      return theirs.get(our) ?? our
    },
  }
}

type Bindings = ReturnType<typeof bindings>

const cookieValue = (line: string | undefined) => /^[^=]*=([^;]*)/.exec(line ?? '')?.[1]

/** Our cookies in the words of the recording. */
const spellCookies = (bound: Bindings, theirs: readonly string[], ours: readonly string[]) =>
  ours.map((line, at) => line.replace(/=([^;]*)/, (_all, value) => `=${bound.spell(cookieValue(theirs[at]), value)}`))

/** The clock that was recorded had microseconds. */
const milliseconds = (text: string | null) => text?.replace(/\.123456$/, '.123000') ?? null

/** Seconds of a record as our clock shows them. */
const timeOf = (step: Recorded) => step.now * 1000 + 123

const newUser = {
  is_superuser: 0,
  first_name: '',
  last_name: '',
  email: '',
  is_staff: 0,
  date_joined: '2025-01-01 00:00:00',
}

async function insert(driver: SqlDriver, table: string, row: Recorded): Promise<void> {
  const columns = Object.keys(row)
  const text = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`
  await driver.run(text, Object.values(row) as SqlParameter[])
}

/** What others did to the users before a step: whom they made or removed and, as far as the step only looks, changed. */
async function changeUsers(driver: SqlDriver, { after, request }: Recorded, before: readonly Recorded[]) {
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
function tables(users: readonly Recorded[], sessions: readonly Recorded[], keys: Recorded, version: DjangoVersion) {
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

interface Outcome {
  readonly step: string
  readonly differs: string | undefined
}

async function replayFlow(
  driver: SqlDriver,
  flow: Recorded,
  keys: Recorded,
  state: { users: Recorded[] },
): Promise<Outcome[]> {
  const version: DjangoVersion = keys.django.split('.').slice(0, 2).join('.')
  const bound = bindings()
  const outcomes: Outcome[] = []
  await driver.run('delete from django_session')

  for (const [index, step] of (flow.steps as Recorded[]).entries()) {
    const options = optionsOf(flow, index, keys)
    const clock = () => timeOf(step)
    const codec = rowCodec({ secretKey: options.secretKey, djangoVersion: version, clock })
    const { method, path, body, cookies, headers = {} } = step.request
    if (flow.session && index === 0) {
      const session_data = codec.encode({ ...flow.session, note: 'mine' })
      const expire_date = '2025-01-15 12:00:00.123000'
      await insert(driver, 'django_session', { session_key: cookies.sessionid, session_data, expire_date })
    }
    if (step.after) await changeUsers(driver, step, state.users)
    state.users = step.after?.auth_user ?? state.users

    const site = django({
      ...options,
      driver,
      djangoVersion: version,
      clock,
      passwordUpgrade: 'always',
      hashing: { kdf, queue },
    })
    const cookie = Object.entries(cookies as Record<string, string>).map(
      ([name, value]) => `${name}=${bound.of(value)}`,
    )
    const sent: Record<string, string> = { host: 'testserver', cookie: cookie.join('; ') }
    for (const [name, value] of Object.entries(headers as Record<string, string>))
      sent[name.toLowerCase()] = bound.of(value)
    const source = {
      method,
      url: `http://testserver${path}`,
      headers: { get: (name: string) => sent[name.toLowerCase()] ?? null },
    }
    const given = await answer({ site, request: site.open(source), driver, body: body ?? {} }, path)
    const ours: Answer = { ...given, set_cookie: spellCookies(bound, step.response.set_cookie, given.set_cookie) }
    outcomes.push({ step: `${flow.flow} / ${step.label}`, differs: difference(step.response, ours) })

    if (!step.after) continue
    const users = [...(await driver.all('select * from auth_user order by id'))] as Recorded[]
    const rows = [...(await driver.all('select * from django_session'))] as Recorded[]
    const sessions = rows.map(({ session_key, session_data, expire_date }) => {
      const decoded = JSON.parse(pythonJson(codec.decode(session_data)))
      const theirs: Recorded | undefined = step.after.django_session.find(
        (one: Recorded) => bound.of(one.session_key) === session_key,
      )
      if (decoded._csrftoken) decoded._csrftoken = bound.spell(theirs?.decoded._csrftoken, decoded._csrftoken)
      return { session_key: theirs?.session_key ?? session_key, decoded, expire_date }
    })
    outcomes.push({
      step: `${flow.flow} / ${step.label}: tables`,
      differs: difference(
        tables(step.after.auth_user, step.after.django_session, keys, version),
        tables(users, sessions, keys, version),
      ),
    })
  }
  return outcomes
}

/** Both, where they differ. */
function difference(theirs: unknown, ours: unknown): string | undefined {
  try {
    expect(ours).toEqual(theirs)
    return undefined
  } catch {
    return `theirs ${JSON.stringify(theirs)}\nours ${JSON.stringify(ours)}`
  }
}

const differences: readonly { readonly steps: RegExp; readonly reason: string; readonly of?: readonly string[] }[] = []

describe.each(recordedVersions)('as recorded of Django %s', (version) => {
  it('answers and stores the same, step by step', { timeout: 120_000 }, async () => {
    const [sqlite] = testDatabases
    const { driver, script, drop } = (await sqlite?.open()) ?? expect.fail()
    const keys = recorded('flows', version)
    await script(djangoTables('sqlite', version))
    for (const user of keys.users_at_start) await insert(driver, 'auth_user', user)
    const state = { users: keys.users_at_start as Recorded[] }
    const outcomes: Outcome[] = []
    for (const flow of keys.flows) outcomes.push(...(await replayFlow(driver, flow, keys, state)))
    await drop()

    const reasonOf = ({ step }: Outcome) =>
      differences.find(({ steps, of = [version] }) => of.includes(version) && steps.test(step))
    expect(outcomes.filter((one) => (one.differs === undefined) === (reasonOf(one) !== undefined))).toEqual([])
    expect(outcomes.length).toBeGreaterThan(180)
  })
})
