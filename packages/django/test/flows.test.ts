/**
 * What a Django site answered, step by step, and what its tables held after each: the same requests to a site of the
 * same routes here. Session keys and secrets are random; each is bound to its counterpart when first seen. What differs
 * on purpose is named with its reason.
 */
import { createHash } from 'node:crypto'
import { createQueue, type Kdf } from '@keystile/core/passwords'
import { describe, expect, it } from 'vitest'
import { django } from '../src/django.ts'
import type { DjangoOptions } from '../src/options.ts'
import { rowCodec } from '../src/sessions/codec.ts'
import { pythonJson } from '../src/sessions/json.ts'
import type { SqlDriver } from '../src/sql/driver.ts'
import { testDatabases } from '../src/testing/databases.ts'
import { djangoTables } from '../src/testing/django-tables.ts'
import { type Recorded, recorded, recordedVersions } from '../src/testing/recorded.ts'
import type { DjangoVersion } from '../src/version.ts'
import { type Answer, answer } from './recorded-site.ts'
import { type Bindings, bindings, changeUsers, insert, spellCookies, tables } from './recorded-tables.ts'

/** The passwords of the users that were recorded. */
const passwords: Readonly<Record<string, string>> = {
  alice: 'alice-pw',
  bob: 'bob-pw',
  gone: 'gone-pw',
  oldhash: 'old-pw',
  FULL: 'nfkc-pw',
  tmp: 'tmp-pw',
}
const queue = createQueue({ maxWait: Number.POSITIVE_INFINITY })

/** That hashes verify is shown elsewhere: here what was recorded is known by heart, and the rest is quick. */
function kdfOf({ flows, users_at_start }: Recorded): Kdf {
  const known = new Map<string, Buffer>()
  const learn = (password: string | undefined, encoded: string) => {
    const [, , salt, hash] = encoded.split('$')
    if (hash) known.set(`${password} ${salt}`, Buffer.from(hash, 'base64'))
  }
  const steps: Recorded[] = flows.flatMap(({ steps }: Recorded) => steps)
  for (const { username, password } of users_at_start) learn(passwords[username], password)
  for (const { request, after } of steps.filter(({ after }) => after)) {
    for (const { username, password } of after.auth_user) {
      if (username === 'tmp') learn(passwords.tmp, password)
      if (username === 'bob' && request.path === '/who') learn('bob-pw4', password)
    }
  }
  return async (password, recipe) => {
    if (recipe.kind !== 'pbkdf2') expect.fail('another hasher')
    const salt = Buffer.from(recipe.salt).toString()
    return known.get(`${password} ${salt}`) ?? createHash('sha256').update(`${salt} ${password}`).digest()
  }
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

/** Seconds of a record as our clock shows them. */
const timeOf = (step: Recorded) => step.now * 1000 + 123

interface Outcome {
  readonly step: string
  readonly differs: string | undefined
}

async function replayFlow(
  driver: SqlDriver,
  flow: Recorded,
  keys: Recorded,
  state: { users: Recorded[]; readonly kdf: Kdf },
): Promise<Outcome[]> {
  const version: DjangoVersion = keys.django.split('.').slice(0, 2).join('.')
  const bound = bindings()
  const outcomes: Outcome[] = []
  let emptied: string | undefined
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
      hashing: { kdf: state.kdf, queue },
    })
    // The client that was recorded went on sending a cookie that was deleted, without its value, and did not say so.
    const sentCookies = { ...(emptied !== undefined && { [emptied]: '' }), ...cookies }
    const sent: Record<string, string> = { host: 'testserver', cookie: cookieHeader(sentCookies, bound) }
    for (const [name, value] of Object.entries<string>(headers)) sent[name.toLowerCase()] = bound.of(value)
    const get = (name: string) => sent[name.toLowerCase()] ?? null
    const request = site.open({ method, url: `http://testserver${path}`, headers: { get } })
    const given = await answer({ site, request, driver, body: body ?? {} }, path)
    const ours: Answer = { ...given, set_cookie: spellCookies(bound, step.response.set_cookie, given.set_cookie) }
    emptied = given.set_cookie.map((line) => /^([^=]+)="";/.exec(line)?.[1]).find(Boolean)
    const name = `${flow.flow} / ${step.label}`
    const known = reasonFor(version, name, step.response)
    outcomes.push({ step: name, differs: difference({ ...step.response, raised: undefined, ...known?.here }, ours) })

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
    const theirs = tables(step.after.auth_user, step.after.django_session, keys, version)
    const expected = known?.sessions ? { ...theirs, sessions: known.sessions } : theirs
    outcomes.push({ step: `${name}: tables`, differs: difference(expected, tables(users, sessions, keys, version)) })
  }
  return outcomes
}

function cookieHeader(cookies: Readonly<Record<string, string>>, bound: Bindings): string {
  return Object.entries(cookies)
    .map(([name, value]) => `${name}=${bound.of(value)}`)
    .join('; ')
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

/** A step that is answered otherwise here, on purpose. */
interface Difference {
  readonly why: string
  readonly in?: readonly string[]
  readonly step?: RegExp
  readonly when?: (response: Answer) => boolean
  /** What is answered instead. */
  readonly here: Readonly<Record<string, unknown>>
  /** What is stored instead. */
  readonly sessions?: readonly unknown[]
}

const nobody = { status: 200, body: { user: null, data: { note: 'mine' } }, vary: 'Cookie' }
const deletes = ({ set_cookie }: Answer) => set_cookie.some((line) => line.includes('=""; '))

const differences: readonly Difference[] = [
  {
    why: 'an id that is no key is nobody: no row makes a request fail',
    step: /^session made by hand: id (not a number|empty) /,
    here: nobody,
  },
  { why: 'an id counts in its one form only', step: /^session made by hand: id with spaces /, here: nobody },
  {
    why: 'a hash under SHA-256 is taken whatever release is beside, and written as that one does',
    in: ['2.2'],
    step: /^session made by hand: hash is the SHA-256 form /,
    here: {
      body: { user: 'alice', data: { note: 'mine' } },
      set_cookie: [expect.stringMatching(/^sessionid=.+; expires=Wed, 15 Jan 2025 12:01:00 GMT; HttpOnly; /)],
      vary: 'Cookie',
    },
    sessions: [
      {
        session_key: expect.stringMatching(/^[a-z0-9]{32}$/),
        expire_date: '2025-01-15 12:01:00.123000',
        decoded: expect.objectContaining({ note: 'mine', _auth_user_id: '1', _auth_user_hash: 'secret_key' }),
      },
    ],
  },
  {
    why: 'an answer that depends on the cookie says so',
    in: ['2.2'],
    when: (response) => deletes(response) && response.vary === null,
    here: { vary: 'Cookie' },
  },
  {
    why: 'a hash under SHA-1 counts only where it is asked for',
    in: ['3.2'],
    step: /^session made by hand: hash is the SHA-1 form /,
    here: {
      body: { user: null, data: {} },
      set_cookie: ['sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'],
    },
    sessions: [],
  },
]

const used = new Set<Difference>()

function reasonFor(version: string, name: string, response: Answer): Difference | undefined {
  const found = differences.find((one) => {
    return (one.in?.includes(version) ?? true) && (one.step?.test(name) ?? true) && (one.when?.(response) ?? true)
  })
  if (found) used.add(found)
  return found
}

describe.each(recordedVersions)('as recorded of Django %s', (version) => {
  it('answers and stores the same, step by step', async () => {
    const [sqlite] = testDatabases
    const { driver, script, drop } = (await sqlite?.open()) ?? expect.fail()
    const keys = recorded('flows', version)
    await script(djangoTables('sqlite', version))
    for (const user of keys.users_at_start) await insert(driver, 'auth_user', user)
    const state = { users: keys.users_at_start as Recorded[], kdf: kdfOf(keys) }
    const outcomes: Outcome[] = []
    for (const flow of keys.flows) outcomes.push(...(await replayFlow(driver, flow, keys, state)))
    await drop()

    expect(outcomes.filter(({ differs }) => differs !== undefined)).toEqual([])
    const steps: Recorded[] = keys.flows.flatMap(({ steps }: Recorded) => steps)
    expect(outcomes).toHaveLength(steps.length + steps.filter(({ after }) => after).length)
  })
})

it('differs in nothing else', () => {
  expect(differences.filter((one) => !used.has(one))).toEqual([])
})
