/** Whatever is asked as the document says, or nearly so: no answer but those that it declares. */
import { basicAuth, described } from '@keystile/core/api'
import {
  type JsonSchema,
  type OpenApiDocument,
  type OperationObject,
  openapi,
  type SchemaObject,
} from '@keystile/openapi'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { info, makeApp, origin } from './app.ts'

const runs = 60

interface Shape {
  readonly path: string
  readonly method: string
  readonly operation: OperationObject
}

/** What is sent of a request, before it is one. */
interface Sent {
  readonly credentials: string
  readonly path: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, unknown>>
  readonly cookies: Readonly<Record<string, unknown>>
  readonly body: unknown
  readonly mistake: string
}

/** Ways to go wrong: most requests make none. */
const mistakes = ['accept', 'type', 'text', 'origin', 'none', 'null', 'charset', 'large'] as const
const mistake = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(...mistakes) },
)

/** Texts that mean something under a name: the document cannot tell them. */
const likely: Readonly<Record<string, readonly string[]>> = {
  email: ['ada@example.com', 'new@example.com', 'Newer@Example.com'],
  password: ['correct horse'],
  currentPassword: ['correct horse'],
  newPassword: ['another horse', 'short'],
  username: ['ada', 'somebody_else'],
  id: ['1', '2'],
  callbackURL: ['/', '/in', 'https://evil.example.com/'],
  displayUsername: ['Ada'],
  image: ['/me.png'],
  refresh_token: ['<refresh>'],
  access_token: ['<access>'],
}

/** Values of a schema; now and then others. */
function valueFor(schema: JsonSchema, document: OpenApiDocument, name = '', depth = 0): fc.Arbitrary<unknown> {
  const right = rightValue(schema, document, name, depth)
  return depth > 3
    ? right
    : fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
}

function rightValue(schema: JsonSchema, document: OpenApiDocument, name: string, depth: number): fc.Arbitrary<unknown> {
  if (typeof schema === 'boolean') return fc.jsonValue({ maxDepth: 1 })
  const {
    $ref,
    anyOf,
    enum: values,
    type,
    properties,
    required = [],
    items,
    minLength,
    maxLength,
    minItems,
    maxItems,
  } = schema as {
    readonly $ref?: string
    readonly anyOf?: readonly JsonSchema[]
    readonly enum?: readonly unknown[]
    readonly type?: string | readonly string[]
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly required?: readonly string[]
    readonly items?: JsonSchema
    readonly minLength?: number
    readonly maxLength?: number
    readonly minItems?: number
    readonly maxItems?: number
  } & SchemaObject
  const inner = (one: JsonSchema, of = name) => valueFor(one, document, of, depth + 1)
  if ($ref) return inner(document.components.schemas[$ref.replace('#/components/schemas/', '')] ?? {})
  if (anyOf) return fc.oneof(...anyOf.map((one) => inner(one)))
  if (values) return fc.constantFrom(...values)
  if (typeof type === 'object') {
    return fc.oneof(...type.map((one) => rightValue({ ...schema, type: one }, document, name, depth)))
  }
  switch (type) {
    case 'string': {
      if (schema.format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
      if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern as string))
      const lengths = { minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 200, 200) }
      const known = likely[name] ?? ['/', 'https://example.com/x', 'x'.repeat(maxLength ?? 200)]
      return fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...known) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', ...lengths }) },
        { weight: 1, arbitrary: fc.string(lengths) },
      )
    }
    case 'integer':
      return fc.integer({ min: (schema.minimum as number) ?? -10, max: (schema.maximum as number) ?? 1e9 })
    case 'number':
      return fc.double()
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(inner(items ?? {}), { minLength: minItems ?? 0, maxLength: Math.min(maxItems ?? 3, 5) })
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(properties ?? {}).map(([key, one]) => [key, inner(one, key)])),
        {
          requiredKeys: [...required],
        },
      )
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function sentTo({ operation }: Shape, document: OpenApiDocument): fc.Arbitrary<Sent> {
  const place = (where: string) =>
    fc.record(
      Object.fromEntries(
        (operation.parameters ?? [])
          .filter((parameter) => parameter.in === where)
          .map(({ name, schema, required }) => [
            name,
            required
              ? valueFor(schema, document, name)
              : fc.option(valueFor(schema, document, name), { nil: undefined }),
          ]),
      ),
    )
  const body = operation.requestBody?.content['application/json']
  return fc.record({
    // Mostly those that will do.
    credentials: fc.constantFrom(
      ...(operation.security ?? []).flatMap((requirement) => Array<string>(6).fill(Object.keys(requirement).join())),
      ...['session', 'basic', 'wrong', 'api_key', 'broken', 'none'],
    ),
    path: place('path'),
    query: place('query'),
    headers: place('header'),
    cookies: place('cookie'),
    body: body ? valueFor(body.schema, document) : fc.constant(undefined),
    mistake,
  })
}

/** Headers of answers that a document tells, where an answer has them. */
const told = ['www-authenticate', 'retry-after', 'location']

const lower = (headers: object = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, header]) => [name.toLowerCase(), header]))

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** What a caller has, made anew for each request: one may use it up. */
interface Credentials {
  readonly session: string
  readonly token: string
  readonly access: string
  readonly refresh: string
}

const nobody: Credentials = { session: '', token: '', access: '', refresh: '' }

const asksForSomebody = ({ credentials, body }: Sent) =>
  !['none', 'basic', 'wrong', 'api_key'].includes(credentials) || JSON.stringify(body ?? '').includes('<')

/** Undefined for what cannot be sent at all: a header with a line break. */
function requestOf({ path, method, operation }: Shape, sent: Sent, own: Credentials): Request | undefined {
  const { mistake } = sent
  const url = new URL(
    origin +
      path.replaceAll(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(text(sent.path[name]).toWellFormed()) || '-'),
  )
  for (const [name, value] of Object.entries(sent.query)) {
    for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, text(one))
  }
  const cookies = Object.entries(sent.cookies).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(text(value).toWellFormed())}`],
  )
  if (sent.credentials === 'session') cookies.push(own.session)
  if (sent.credentials === 'jwt_cookie') cookies.push(`access_token=${own.access}`)
  try {
    const headers = new Headers({ origin: mistake === 'origin' ? 'https://evil.example.com' : origin })
    for (const [name, value] of Object.entries(sent.headers)) if (value !== undefined) headers.set(name, text(value))
    if (sent.credentials === 'basic') headers.set('authorization', basicAuth('admin', 'pass'))
    if (sent.credentials === 'bearer') headers.set('authorization', `Bearer ${own.token}`)
    if (sent.credentials === 'jwt') headers.set('authorization', `Bearer ${own.access}`)
    if (sent.credentials === 'broken') headers.set('authorization', `Bearer ${own.refresh}`)
    if (sent.credentials === 'wrong') headers.set('authorization', basicAuth('admin', 'no'))
    if (sent.credentials === 'api_key') headers.set('x-api-key', 'the key')
    if (cookies.length > 0) headers.set('cookie', cookies.join('; '))
    if (mistake === 'accept') headers.set('accept', 'image/png')
    const { type, body } = bodyOf(sent, operation)
    if (type) headers.set('content-type', type)
    const filled = body?.replaceAll('<refresh>', own.refresh).replaceAll('<access>', own.access) ?? null
    return new Request(url, { method: method.toUpperCase(), headers, body: filled })
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function bodyOf({ mistake, body }: Sent, { requestBody }: OperationObject): { type?: string; body: string | null } {
  const json = 'application/json'
  if (!requestBody || body === undefined || mistake === 'none') return { body: null }
  if (mistake === 'type') return { type: 'text/plain', body: JSON.stringify(body) }
  if (mistake === 'charset') return { type: `${json}; charset=latin1`, body: JSON.stringify(body) }
  if (mistake === 'text') return { type: json, body: '{"' }
  if (mistake === 'null') return { type: json, body: 'null' }
  if (mistake === 'large') return { type: json, body: `{"a":"${'x'.repeat(1 << 20)}"}` }
  return { type: json, body: JSON.stringify(body) }
}

/** An app where Ada is, and others sign up: what is asked may end a session that was opened before. */
async function inhabited(errors: 'protocol' | 'detail' | 'problem') {
  const { api } = makeApp(errors)
  let people = 0
  const post = (path: string, body: object) =>
    api.handler(
      new Request(`${origin}/api${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ password: 'correct horse', ...body }),
      }),
    )
  async function signUp(username: string): Promise<Credentials> {
    const answer = await post('/auth/sign-up/email', { name: 'A', email: `${username}@example.com`, username })
    const session = answer.headers.getSetCookie().map((line) => line.split(';')[0])
    const pair = await (await post('/logins/token', { username })).json()
    const { token } = await answer.json()
    return { session: session.join('; '), token, access: pair.access_token, refresh: pair.refresh_token }
  }
  await signUp('ada')
  return { api, somebody: () => signUp(`p${++people}`) }
}

describe.each(['protocol', 'detail', 'problem'] as const)('an app with errors as %s', (errors) => {
  const document = openapi(makeApp(errors).api, { info })
  const ajv = formats.default(new Ajv2020({ strict: false }))
  ajv.addSchema({ $id: 'document', ...document } as object)
  const shapes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      // The auth's own endpoints are the same whatever the app's errors are.
      .filter(() => errors === 'protocol' || !path.startsWith('/api/auth'))
      .map(([method, operation]) => ({ path, method, operation })),
  )

  /** What the document does not declare of an answer. */
  async function undeclared(shape: Shape, answer: Response): Promise<string | undefined> {
    const declared = shape.operation.responses[String(answer.status)]
    const body = await answer.text()
    if (!declared) return `${answer.status} ${body}`
    const [media] = (answer.headers.get('content-type') ?? '').split(';')
    if (!declared.content) return body === '' ? undefined : `${answer.status} with a body: ${body}`
    const schema = declared.content[media ?? '']?.schema
    if (schema === undefined) return `${answer.status} of type ${media}`
    const untold = told.find((name) => answer.headers.has(name) && !Object.hasOwn(lower(declared.headers), name))
    if (untold) return `${answer.status} with ${untold}`
    if (media === 'text/html') return undefined
    if (answer.headers.getSetCookie().length > 0 && answer.status < 300 && !declared.headers?.['Set-Cookie']) {
      if (!shape.operation.security) return `${answer.status} with cookies`
    }
    const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')))
    return check(JSON.parse(body)) ? undefined : `${answer.status} ${body}: ${ajv.errorsText(check.errors)}`
  }

  it.each(shapes.map((shape) => [shape.operation.operationId, shape] as const))('%s', async (_id, shape) => {
    const { api, somebody } = await inhabited(errors)
    const seen = new Set<number>()
    await fc.assert(
      fc.asyncProperty(sentTo(shape, document), async (sent) => {
        const request = requestOf(shape, sent, asksForSomebody(sent) ? await somebody() : nobody)
        if (!request) return
        const answer = await api.handler(request)
        seen.add(answer.status)
        expect(await undeclared(shape, answer)).toBeUndefined()
      }),
      { numRuns: runs, seed: 20260101 },
    )
    // Requests that are all refused would show nothing.
    const best = Math.min(...seen)
    expect(best).toBeLessThan(400)
  })

  it('no operation of the API, the core and its plugins is left out', () => {
    const { operations, auth } = described(makeApp(errors).api)
    const paths = auth?.endpoints.map(({ endpoint }) => auth.basePath + endpoint.path) ?? []
    const all = new Set([...operations.map(({ path }) => path), ...(errors === 'protocol' ? paths : [])])
    const shape = (path: string) => path.replaceAll(/:\w+|\{\w+\}/g, '{}')
    expect(new Set(shapes.map(({ path }) => shape(path)))).toEqual(new Set([...all].map(shape)))
    expect(auth?.endpoints.length).toBeGreaterThanOrEqual(15)
  })
})
