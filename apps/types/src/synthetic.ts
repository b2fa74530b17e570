/**
 * Plugins of realistic size, made up: the same endpoints and fields for either library. Half of the plugins add fields,
 * by turns to the user, to the session and to both.
 */

export type Library = 'keystile' | 'better-auth'

const nameOf = (plugin: number) => `plugin${plugin + 1}`
export const callOf = (plugin: number, endpoint: number) => `${nameOf(plugin)}Call${endpoint + 1}`

/** Bodies by turns, in valibot's words, which both libraries take. */
const bodies = [
  `v.object({ id: v.string(), name: v.optional(v.string()), kind: v.picklist(['team', 'guest', 'owner']) })`,
  `v.object({ userId: v.string(), reason: v.optional(v.string()), expiresIn: v.optional(v.number()) })`,
  undefined,
  `v.object({ items: v.array(v.object({ key: v.string(), value: v.nullable(v.string()) })), dryRun: v.optional(v.boolean()) })`,
]
const query = `v.optional(v.object({ limit: v.optional(v.number()), offset: v.optional(v.number()), search: v.optional(v.string()) }))`

/** Replies by turns: in Keystile's schemas, and as the type that better-auth's handler returns. */
const replies = [
  { schema: `v.object({ user: userOut, changed: v.boolean() })`, type: `{ user: User; changed: boolean }` },
  { schema: `v.object({ status: v.boolean() })`, type: `{ status: boolean }` },
  {
    schema: `v.object({ total: v.number(), items: v.array(v.object({ id: v.string(), name: v.string(), createdAt: v.date() })) })`,
    type: `{ total: number; items: { id: string; name: string; createdAt: Date }[] }`,
  },
  { schema: `v.object({ session: sessionOut, user: userOut })`, type: `{ session: Session; user: User }` },
  {
    schema: `v.object({ id: v.string(), slug: v.string(), logo: v.nullable(v.string()), metadata: v.record(v.string(), v.string()) })`,
    type: `{ id: string; slug: string; logo: string | null; metadata: Record<string, string> }`,
  },
]

interface Shape {
  readonly name: string
  readonly path: string
  readonly body: string | undefined
  readonly reply: (typeof replies)[number]
}

function shapesOf(plugin: number, count: number): Shape[] {
  return Array.from({ length: count }, (_, endpoint) => ({
    name: callOf(plugin, endpoint),
    path: `/${nameOf(plugin)}/things-${endpoint + 1}`,
    body: bodies[endpoint % bodies.length],
    reply: replies[endpoint % replies.length] as Shape['reply'],
  }))
}

const fieldsOf = (name: string) => `{
  ${name}Role: { type: 'string', required: false, input: false },
  ${name}Level: { type: ['low', 'high'], defaultValue: 'low' },
  ${name}Until: { type: 'date', required: false },
}`

/** Which tables a plugin adds fields to. */
const adds = (plugin: number) => ({
  user: plugin % 6 === 0 || plugin % 6 === 4,
  session: plugin % 6 === 2 || plugin % 6 === 4,
})

function keystilePlugin(plugin: number, count: number): string {
  const name = nameOf(plugin)
  const { user, session } = adds(plugin)
  const endpoints = shapesOf(plugin, count).map(
    ({ name, path, body, reply }) => `  ${name}: endpoint(
    {
      method: '${body ? 'POST' : 'GET'}', path: '${path}', access: 'session', summary: '',
      ${body ? `body: ${body},` : `query: ${query},`}
      reply: ${reply.schema},
    },
    (): never => { throw new Error() },
  ),`,
  )
  const Name = `P${name.slice(1)}`
  return `import { endpoint, type Plugin, sessionOut, userOut } from '@keystile/core'
import * as v from 'valibot'
export { sessionOut, userOut }
const endpoints = {
${endpoints.join('\n')}
}
const user = ${user ? fieldsOf(name) : '{}'} as const
const session = ${session ? fieldsOf(`${name}Session`) : '{}'} as const
export interface ${Name}Endpoints extends Readonly<typeof endpoints> {}
export interface ${Name} extends Plugin<'${name}', ${Name}Endpoints, typeof user, typeof session> {}
export const ${name} = (): ${Name} => ({ id: '${name}', endpoints, fields: { user, session } })
`
}

function betterAuthPlugin(plugin: number, count: number): string {
  const name = nameOf(plugin)
  const { user, session } = adds(plugin)
  const endpoints = shapesOf(plugin, count).map(
    ({ name, path, body, reply }) => `    ${name}: createAuthEndpoint(
      '${path}',
      { method: '${body ? 'POST' : 'GET'}', ${body ? `body: ${body},` : `query: ${query},`} },
      async (): Promise<${reply.type}> => { throw new Error() },
    ),`,
  )
  return `import type { BetterAuthPlugin, Session, User } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import * as v from 'valibot'
export type { Session, User }
export const ${name} = () => ({
  id: '${name}',
  endpoints: {
${endpoints.join('\n')}
  },
  schema: {
    ${user ? `user: { fields: ${fieldsOf(name)} },` : ''}
    ${session ? `session: { fields: ${fieldsOf(`${name}Session`)} },` : ''}
  },
}) satisfies BetterAuthPlugin
`
}

/** The sources of `plugins` plugins with `endpoints` endpoints in all, one file each: its name and its text. */
export function syntheticPlugins(library: Library, plugins: number, endpoints: number): [file: string, text: string][] {
  const write = library === 'keystile' ? keystilePlugin : betterAuthPlugin
  return Array.from({ length: plugins }, (_, plugin) => {
    const count = Math.floor(endpoints / plugins) + (plugin < endpoints % plugins ? 1 : 0)
    return [`${nameOf(plugin)}.ts`, write(plugin, count)]
  })
}

/** An app with these plugins that reads a session and makes two calls. */
export function syntheticApp(library: Library, plugins: number): string {
  const names = Array.from({ length: plugins }, (_, plugin) => nameOf(plugin))
  const create = library === 'keystile' ? 'createAuth' : 'betterAuth'
  const from = library === 'keystile' ? '@keystile/core' : 'better-auth'
  return `import { ${create} } from '${from}'
${names.map((name) => `import { ${name} } from './plugins/${name}.js'`).join('\n')}
export const auth = ${create}({
  ${library === 'keystile' ? `database: ':memory:',` : ''}
  emailAndPassword: { enabled: true },
  plugins: [${names.map((name) => `${name}()`).join(', ')}],
})
export const mail = async (headers: Headers) => (await auth.api.getSession({ headers }))?.user.email
export const joined = () => auth.api.signUpEmail({ body: { name: '', email: '', password: '' } })
${plugins > 0 ? `export const called = (headers: Headers) => auth.api.${callOf(0, 0)}({ headers, body: { id: '', kind: 'team' } })` : ''}
`
}

/** What each endpoint of the app's own declares, by turns, and what it answers. */
const ownShapes = [
  {
    name: 'list',
    declared: `method: 'GET', auth: schemes, query: page, reply: notes`,
    reply: '{ total: 1, items: [] }',
  },
  { name: 'add', declared: `method: 'POST', auth: schemes, body: note, reply: kept`, reply: `{ id: '1', ...body }` },
  {
    name: 'one',
    declared: `method: 'GET', path: '/:id', auth: schemes, params: id, reply: kept`,
    reply: `{ id: params.id, title: '', tags: [] }`,
  },
  {
    name: 'change',
    declared: `method: 'PATCH', path: '/:id', auth: only([session()]), params: id, body: note, reply: kept`,
    reply: `{ ...params, ...body }`,
  },
  {
    name: 'remove',
    declared: `method: 'DELETE', path: '/:id', auth: [staff, ...schemes], params: id`,
    reply: `auth.scheme === 'staff' ? auth.identity.badge : auth.scheme`,
  },
]

/**
 * An API of `endpoints` guarded endpoints, five to a controller, to stand behind an app. Each controller has schemas of
 * its own, which are types alone: what a library's own cost is the library's.
 */
export function syntheticApi(endpoints: number): string {
  const controllers = Array.from({ length: Math.ceil(endpoints / ownShapes.length) }, (_, n) => {
    const shapes = ownShapes.slice(0, endpoints - n * ownShapes.length)
    const members = shapes.map(
      ({ name, declared, reply }) =>
        `      ${name}: endpoint({ ${declared} }, ({ body, params, auth }) => (${reply})),`,
    )
    return `{
  const note: Schema<{ title: string; tags: string[]; extra${n}?: number }> = anything
  const kept: Schema<{ id: string; title: string; tags: string[]; extra${n}?: number }> = anything
  const notes: Schema<{ total: number; items: { id: string; title: string; extra${n}?: number }[] }> = anything
  const page: Schema<{ page?: number; extra${n}?: string }> = anything
  const id: Schema<{ id: string }> = anything
  controllers.push(controller('/things-${n}', {
    endpoints: {
${members.join('\n')}
    },
  }))
}`
  })
  return `import { apiKey, basic, type Controllers, controller, createApi, endpoint, type FoundBy, only, session } from '@keystile/core/api'
interface Schema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => { readonly value: T; readonly issues?: undefined }
    readonly types?: { readonly input: T; readonly output: T }
  }
}
declare const anything: never
const schemes = [session(), apiKey({ lookup: (key) => ({ key }) })]
const staff = basic({ name: 'staff', authenticate: () => ({ badge: 1 }) })
const controllers: Controllers<FoundBy<typeof schemes>>[number][] = []
${controllers.join('\n')}
export const api = createApi({ auth, schemes, controllers })
`
}
