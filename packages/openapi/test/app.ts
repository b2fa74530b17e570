/** An app with an endpoint of everything, its schemas written in three libraries. */
import { apiError, codes, createAuth } from '@keystile/core'
import {
  apiKey,
  basic,
  bearer,
  controller,
  createApi,
  type ErrorFormat,
  endpoint,
  jwt,
  jwtCookie,
  jwtLogin,
  jwtRefresh,
  jwtRevoke,
  jwtVerify,
  memoryBlocklist,
  only,
  session,
  sessionLogin,
} from '@keystile/core/api'
import { memoryAdapter } from '@keystile/core/memory'
import { username } from '@keystile/plugins/username'
import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'

export const origin = 'http://localhost:3000'

export const makeAuth = (more: object = {}) =>
  createAuth({
    database: memoryAdapter({}),
    secret: 'a secret for tests alone, 0123456789abcdef',
    baseURL: origin,
    production: false,
    emailAndPassword: { enabled: true, password: plain },
    logger: { level: 'error' },
    user: {
      additionalFields: {
        plan: { type: ['free', 'paid'], defaultValue: 'free' },
        birthday: { type: 'date', required: false },
        internal: { type: 'string', required: false, returned: false, input: false },
      },
    },
    session: { deferSessionRefresh: true },
    plugins: [username()],
    ...more,
  })

/** Hashing is not what is tested here. */
const plain = {
  hash: async (password: string) => `plain:${password}`,
  verify: async ({ hash, password }: { hash: string; password: string }) => hash === `plain:${password}`,
}

const Note = v.pipe(
  v.object({ id: v.string(), text: v.string(), at: v.date(), of: v.optional(v.string()) }),
  v.title('Note'),
)
const noteCodes = codes({ NO_SUCH_NOTE: [404, 'There is no such note'], TOO_LONG: [400, 'The note is too long'] })

interface Folder {
  readonly name: string
  readonly inside: readonly Folder[]
}
const Folder: v.GenericSchema<Folder> = v.pipe(
  v.object({ name: v.string(), inside: v.array(v.lazy(() => Folder)) }),
  v.metadata({ component: 'Folder' }),
)
const Color = z
  .object({ name: z.string().min(1), rgb: z.array(z.int().min(0).max(255)).length(3) })
  .meta({ id: 'Color' })
const Place = type({ name: 'string > 0', 'floor?': 'number.integer' })

const admin = basic({ authenticate: (name, word) => (name === 'admin' && word === 'pass' ? { name } : null) })
const key = apiKey({ lookup: (sent) => (sent === 'the key' ? { owner: 'Ada' } : null) })

export function makeApp(errors: ErrorFormat = 'protocol', more: object = {}) {
  const auth = makeAuth(more)
  const notes = controller('/notes', {
    tags: ['notes'],
    endpoints: {
      list: endpoint(
        {
          method: 'GET',
          summary: 'List notes',
          query: v.object({
            limit: v.optional(v.pipe(v.string(), v.regex(/^\d+$/)), '20'),
            tag: v.optional(v.array(v.string())),
          }),
          headers: v.object({ 'x-trace': v.optional(v.string()), authorization: v.optional(v.string()) }),
          reply: v.array(Note),
        },
        () => [{ id: '1', text: 'first', at: new Date(0) }],
      ),
      add: endpoint(
        {
          method: 'POST',
          body: v.object({ text: v.pipe(v.string(), v.maxLength(100)), pinned: v.optional(v.boolean()) }),
          reply: Note,
          errors: [noteCodes.TOO_LONG],
          setsCookies: { last: 'The note that was written last' },
          examples: { body: { text: 'milk' }, reply: { id: '1', text: 'milk', at: '2030-01-01T00:00:00Z' } },
          description: 'Adds a note',
        },
        ({ body }) => {
          if (body.text.length > 90) throw apiError(noteCodes.TOO_LONG)
          return { id: '2', text: body.text, at: new Date(0) }
        },
      ),
      one: endpoint(
        {
          method: 'GET',
          path: '/:id',
          params: v.object({ id: v.pipe(v.string(), v.maxLength(3)) }),
          reply: Note,
          errors: [noteCodes.NO_SUCH_NOTE],
        },
        ({ params }) => {
          if (params.id !== '1') throw apiError(noteCodes.NO_SUCH_NOTE)
          return { id: '1', text: 'first', at: new Date(0) }
        },
      ),
      remove: endpoint({ method: 'DELETE', path: '/:noteId', deprecated: true }, () => undefined),
    },
  })
  const colors = controller('/colors', {
    auth: null,
    endpoints: {
      mix: endpoint(
        { method: 'POST', auth: null, status: 200, body: z.object({ a: Color, b: Color.optional() }), reply: Color },
        ({ body }) => body.a,
      ),
      places: endpoint(
        {
          method: 'PUT',
          path: '/places',
          media: ['application/x-www-form-urlencoded'],
          body: Place,
          reply: Place,
          throttle: { window: 60, max: 100_000, beforeAuth: true },
        },
        ({ body }) => body,
      ),
      folder: endpoint({ method: 'GET', path: '/folder', reply: Folder }, () => ({
        name: 'a',
        inside: [{ name: 'b', inside: [] }],
      })),
      cookies: endpoint(
        {
          method: 'GET',
          path: '/cookies',
          cookies: v.object({ taste: v.optional(v.string()) }),
          reply: v.object({ taste: v.nullable(v.string()) }),
        },
        ({ cookies }) => ({ taste: cookies.taste ?? null }),
      ),
    },
  })
  const people = controller('/people', {
    endpoints: {
      me: endpoint(
        { method: 'GET', path: '/me', auth: only([session(), bearer()]), reply: v.object({ name: v.string() }) },
        ({ auth: who }) => ({ name: who.identity.user.name }),
      ),
      rename: endpoint(
        { method: 'PATCH', path: '/me', auth: only([session()]), body: v.object({ name: v.string() }), status: 204 },
        () => undefined,
      ),
    },
  })
  const tokens = { blocklist: memoryBlocklist(), usernameField: 'username' }
  const cookies = { path: '/api/cookies' }
  const logins = controller('/logins', {
    tags: ['logins'],
    endpoints: {
      session: { ...sessionLogin({ usernameField: 'username' }), path: '/session' },
      token: { ...jwtLogin(tokens), path: '/token' },
      refresh: { ...jwtRefresh(tokens), path: '/refresh' },
      verify: { ...jwtVerify(tokens), path: '/verify' },
      revoke: { ...jwtRevoke(tokens), path: '/revoke' },
      cookie: { ...jwtLogin({ ...tokens, cookies }), path: '/cookie' },
      refreshCookie: { ...jwtRefresh({ ...tokens, cookies }), path: '/cookie/refresh' },
      revokeCookie: { ...jwtRevoke({ ...tokens, cookies }), path: '/cookie/revoke' },
    },
  })
  const byToken = [jwt(tokens), jwtCookie({ ...tokens, name: 'jwt_cookie' })]
  const machines = controller('/machines', {
    endpoints: {
      read: endpoint({ method: 'GET', auth: only(byToken), reply: v.string() }, ({ auth }) => auth.identity.token.sub),
      write: endpoint({ method: 'POST', auth: only(byToken), body: v.object({ n: v.number() }) }, () => undefined),
    },
  })
  const controllers = [notes, colors, people, logins, machines]
  const api = createApi({ auth, schemes: [admin, key], controllers, errors })
  return { auth, api }
}

export const info = { title: 'Notes', version: '1.0.0' }
