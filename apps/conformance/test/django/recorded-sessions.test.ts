/** What django-modern-rest answered over Django's sessions, replayed against ours over Django's tables. */
import { controller, createApi, endpoint, jwt, requestAuth } from '@keystile/core/api'
import { django } from '@keystile/django'
import { type DjangoIdentity, djangoLogin, djangoSession } from '@keystile/django/api'
import { afterEach, describe, expect, it } from 'vitest'
import { migratedSqlite, type Scratch } from '../../../../packages/django/test/scratch.ts'
import { jsonOf, type Recorded, recorded, requestOf } from '../schemes/recorded.ts'

interface SessionExchange extends Recorded {
  readonly case: string
  readonly kind: 'sync' | 'async'
}
const { secret_key: secretKey, exchanges } = recorded<{ secret_key: string; exchanges: SessionExchange[] }>('session')

/** A list where an object is due: our validator names each field that it lacks, the original the body. */
const placedOtherwise = 'login: JSON list'

/**
 * The one cookie that ours does not send: a chain that another scheme answered has no use for the session, and the
 * request brought no session cookie that could be taken away.
 */
const withoutCookie = 'both: no session, token'

/** Quick to make. */
const quick = [{ algorithm: 'pbkdf2_sha256', iterations: 1000 }] as const
const csrf = { allowedHosts: ['testserver'] }

let scratch: Scratch
afterEach(() => scratch.drop())

async function site() {
  scratch = await migratedSqlite()
  const own = django({ driver: scratch.driver, secretKey, passwordHashers: quick, csrf })
  const people = [
    { username: 'alice', password: 'alice-pw' },
    { username: 'gone', password: 'gone-pw', is_active: false },
    { username: 'root', password: 'root-pw', is_staff: true, is_superuser: true },
  ]
  for (const person of people) await own.users.register(person)

  const whoever = endpoint({ method: 'GET' }, async ({ request }) => {
    const { identity } = requestAuth(request, { strict: true })
    return { user: (identity as DjangoIdentity).user.get('username') }
  })
  const either = endpoint({ method: 'GET' }, async ({ request }) => {
    const { scheme, identity } = requestAuth(request, { strict: true })
    if (scheme === 'jwt')
      return { by: 'HeaderJWTSyncAuth', user: (identity as { user: { username: string } }).user.username }
    return { by: 'DjangoSessionSyncAuth', user: (identity as DjangoIdentity).user.get('username') }
  })
  const token = jwt({
    secret: secretKey,
    getUser: async ({ sub }) => (await own.users.byId(sub ?? ''))?.fields ?? null,
  })
  const api = createApi({
    errors: 'detail',
    production: false,
    controllers: [
      controller('/login/', {
        endpoints: { login: djangoLogin({ django: own, throttle: { window: 60, max: 1000 } }) },
      }),
      controller('/me/', {
        auth: [djangoSession({ django: own })],
        endpoints: { me: whoever, changes: { ...whoever, method: 'POST' } as const },
      }),
      controller('/staff/', {
        auth: [djangoSession({ django: own, check: ({ user }) => user.get('is_staff') === true })],
        endpoints: { staff: endpoint({ method: 'GET' }, () => 'staff') },
      }),
      controller('/both/', {
        auth: [djangoSession({ django: own }), token],
        endpoints: { me: either, changes: { ...either, method: 'POST' } as const },
      }),
    ],
  })
  return { own, api }
}

const placesOf = (body: unknown) =>
  (body as { detail: { loc?: unknown; type?: unknown }[] }).detail.map(({ loc, type }) => ({ loc, type }))

/** A cookie's line without what is random or a matter of the time. */
const bare = (line: string) => line.replace(/^([^=]+)=[a-zA-Z0-9]+;/, '$1=…;').replace(/expires=[^;]+/, 'expires=…')

describe.each(['sync', 'async'] as const)('Django sessions, as recorded (%s)', (kind) => {
  it('go step by step', async () => {
    const { own, api } = await site()
    /** Our values of cookies, by the recorded ones that they stand for. */
    const values = new Map<string, string>()
    for (const { case: title, request, response } of exchanges.filter((one) => one.kind === kind)) {
      if (title === 'user made inactive') {
        const root = await own.users.byUsername('root')
        const user = root && own.users.fromRow(root)
        user?.set('is_active', false)
        await user?.save()
      }
      const ours = (text: string) => values.get(text) ?? text
      const sent = requestOf({
        ...request,
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, ours(value)])),
        cookies: Object.fromEntries(Object.entries(request.cookies).map(([name, value]) => [name, ours(value)])),
      })
      const url = new URL(sent.url)
      url.host = 'testserver'
      const answer = await api.handler(new Request(url, sent))
      const body = await jsonOf(answer)
      expect({ title, status: answer.status, body: answer.status }).toEqual({
        title,
        status: response.status,
        body: response.status,
      })
      if (title === placedOtherwise) expect(placesOf(body)).toHaveLength(2)
      else if (response.status === 400) expect(placesOf(body)).toEqual(placesOf(response.body))
      else expect({ title, body }).toEqual({ title, body: response.body })

      const lines = answer.headers.getSetCookie()
      const theirs = title === withoutCookie ? [] : response.set_cookie
      expect({ title, lines: lines.map(bare).sort() }).toEqual({ title, lines: theirs.map(bare).sort() })
      for (const line of theirs) {
        const [name = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? []
        const mine = lines.find((one) => one.startsWith(`${name}=`))
        if (mine && value !== '""') values.set(value, mine.slice(name.length + 1, mine.indexOf(';')))
      }
      if (response.headers.vary) expect(answer.headers.get('vary')?.toLowerCase()).toContain('cookie')
    }
  })
})
