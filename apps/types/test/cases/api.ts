/** An app's own endpoints: callers by scheme, what levels may bring, parts of requests, replies. */
import { endpoint as pluginEndpoint } from '@keystile/core'
import {
  apiKey,
  basic,
  bearer,
  type Controllers,
  controller,
  createApi,
  endpoint,
  group,
  type Identified,
  only,
  requestAuth,
  type Scheme,
  session,
} from '@keystile/core/api'
import { expectTypeOf } from 'expect-type'
import * as v from 'valibot'
import { bare } from './app.ts'

interface Staff {
  readonly badge: number
}
interface Machine {
  readonly key: string
}
const staff = basic({ name: 'staff', authenticate: (): Staff | null => null })
const machine = apiKey({ lookup: async (key): Promise<Machine | null> => ({ key }) })
const custom: Scheme<{ readonly device: string }, 'device'> = {
  name: 'device',
  securitySchemes: {},
  requirement: {},
  responses: {},
  authenticate: () => null,
}

type OfStaff = Identified<'staff', Staff>
type OfMachine = Identified<'api_key', Machine>

// The caller is one of those that the list finds, told apart by `scheme`.
const both = endpoint({ method: 'GET', auth: [staff, machine] }, ({ auth }) => {
  expectTypeOf(auth).toEqualTypeOf<OfStaff | OfMachine>()
  if (auth.scheme === 'staff') expectTypeOf(auth.identity).toEqualTypeOf<Staff>()
  else expectTypeOf(auth.identity).toEqualTypeOf<Machine>()
  // @ts-expect-error no scheme of this name
  if (auth.scheme === 'session') throw new Error()
  // @ts-expect-error not before it is told apart
  return auth.identity.badge
})
endpoint({ method: 'GET', auth: [session(), bearer()] }, ({ auth }) => {
  expectTypeOf(auth.scheme).toEqualTypeOf<'session' | 'bearer'>()
  return auth.identity.user.email
})
endpoint({ method: 'GET', auth: [custom] }, ({ auth }) => auth.identity.device)
export const apart: Scheme = {
  ...custom,
  // @ts-expect-error a method of the context, which does not work without it
  authenticate: ({ pass }) => pass('no'),
}

// A level that says nothing has whom others bring; null nobody; only exactly those it names.
const silent = endpoint({ method: 'GET' }, ({ auth }) => {
  expectTypeOf(auth).toEqualTypeOf<Identified | undefined>()
})
endpoint({ method: 'GET', auth: [] }, ({ auth }) => {
  expectTypeOf(auth).toEqualTypeOf<Identified | undefined>()
})
const open = endpoint({ method: 'GET', auth: null }, ({ auth }) => {
  expectTypeOf(auth).toEqualTypeOf<undefined>()
})
const alone = endpoint({ method: 'GET', auth: only([staff]) }, ({ auth }) => {
  expectTypeOf(auth).toEqualTypeOf<OfStaff>()
})

// @ts-expect-error a scheme, not the function that makes one
endpoint({ method: 'GET', auth: [session] }, () => {})
// @ts-expect-error a list
endpoint({ method: 'GET', auth: staff }, () => {})
// @ts-expect-error no method
endpoint({ method: 'FETCH' }, () => {})

// Outer levels bring nobody whom an inner handler does not know.
const ofStaff = endpoint({ method: 'GET', auth: [staff] }, ({ auth }) => auth.identity.badge)
controller('/a', { auth: [staff], endpoints: { ofStaff, both, silent, open, alone } })
controller('/a', { auth: [machine], endpoints: { both, silent, open, alone } })
controller('/a', { auth: only([machine]), endpoints: { both, silent, open, alone } })
controller('/a', { auth: null, endpoints: { silent, open, alone } })
// @ts-expect-error a machine may come, whom ofStaff does not know
controller('/a', { auth: [machine], endpoints: { ofStaff } })
// @ts-expect-error the same by only
controller('/a', { auth: only([machine]), endpoints: { ofStaff } })
// @ts-expect-error nobody may come
controller('/a', { auth: null, endpoints: { ofStaff } })
// @ts-expect-error in a group
group({ auth: [machine], endpoints: { both, ofStaff } })
// @ts-expect-error around a group
controller('/a', { auth: [machine], endpoints: { both, inner: group({ endpoints: { ofStaff } }) } })
controller('/a', { auth: [machine], endpoints: { inner: group({ auth: only([staff]), endpoints: { ofStaff } }) } })
controller('/a', { auth: [machine], endpoints: { inner: group({ auth: null, endpoints: { open } }) } })

// The settings likewise.
const knowsStaff = controller('/a', { endpoints: { ofStaff, silent } })
const knowsBoth = controller('/b', { endpoints: { both, open, inner: group({ endpoints: { alone } }) } })
createApi({ controllers: [knowsStaff, knowsBoth] })
createApi({ schemes: [staff], controllers: [knowsStaff, knowsBoth] })
createApi({ auth: bare, schemes: [staff, machine], controllers: [knowsBoth] })
// @ts-expect-error a machine may come, whom ofStaff does not know
createApi({ schemes: [staff, machine], controllers: [knowsStaff, knowsBoth] })
// @ts-expect-error never open for all
createApi({ schemes: null, controllers: [] })
expectTypeOf([knowsStaff]).toExtend<Controllers<OfStaff>>()

// Schemes of the settings, named again, are asked once, and typed: the one-line way.
const schemes = [staff, machine]
const named = endpoint({ method: 'GET', auth: schemes }, ({ auth }) => {
  expectTypeOf(auth).toEqualTypeOf<OfStaff | OfMachine>()
})
const more = endpoint({ method: 'GET', auth: [session(), ...schemes] }, ({ auth }) => {
  expectTypeOf(auth.scheme).toEqualTypeOf<'staff' | 'api_key' | 'session'>()
})
createApi({ auth: bare, schemes, controllers: [controller('/a', { endpoints: { named, more, silent } })] })

// Parts of a request are what their schemas make of them.
const parts = {
  body: v.object({ at: v.pipe(v.string(), v.toDate()) }),
  query: v.object({ page: v.optional(v.pipe(v.string(), v.toNumber())) }),
  params: v.object({ id: v.string() }),
  headers: v.object({ 'x-trace': v.string() }),
  cookies: v.object({ theme: v.string() }),
}
endpoint({ method: 'POST', path: '/:id', ...parts }, (came) => {
  expectTypeOf(came.body).toEqualTypeOf<{ at: Date }>()
  expectTypeOf(came.query).toEqualTypeOf<{ page?: number | undefined }>()
  expectTypeOf(came.params).toEqualTypeOf<{ id: string }>()
  expectTypeOf(came.headers).toEqualTypeOf<{ 'x-trace': string }>()
  expectTypeOf(came.cookies).toEqualTypeOf<{ theme: string }>()
  expectTypeOf(came.request).toEqualTypeOf<Request>()
})
endpoint({ method: 'POST' }, ({ body, query, params, headers, cookies }) => {
  expectTypeOf(body).toEqualTypeOf<undefined>()
  expectTypeOf(query).toEqualTypeOf<Readonly<Record<string, string | string[]>>>()
  expectTypeOf(params).toEqualTypeOf<Readonly<Record<string, string>>>()
  expectTypeOf(headers).toEqualTypeOf<undefined>()
  expectTypeOf(cookies).toEqualTypeOf<undefined>()
})
endpoint({ method: 'POST', body: v.objectAsync({ name: v.string() }) }, ({ body }) => body.name)

// A reply is what the schema takes, or a Response.
const reply = v.object({ total: v.number(), note: v.optional(v.string()) })
endpoint({ method: 'GET', reply }, () => ({ total: 1 }))
endpoint({ method: 'GET', reply }, async () => new Response('made by hand'))
// @ts-expect-error no number
endpoint({ method: 'GET', reply }, () => ({ total: '1' }))
// @ts-expect-error nothing
endpoint({ method: 'GET', reply }, () => {})

// An endpoint of a plugin has a rule that nobody would ask here.
const ofPlugin = pluginEndpoint({ method: 'GET', path: '/x', access: 'session', summary: '', reply }, () => ({
  total: 1,
}))
// @ts-expect-error no endpoint of the app's own
controller('/a', { endpoints: { ofPlugin } })

const request = new Request('http://localhost')
expectTypeOf(requestAuth(request)).toEqualTypeOf<Identified | undefined>()
expectTypeOf(requestAuth(request, { strict: true })).toEqualTypeOf<Identified>()
