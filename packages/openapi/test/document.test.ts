import { codes, createAuth } from '@keystile/core'
import { controller, createApi, endpoint, group, type OwnEndpoint, only, session } from '@keystile/core/api'
import { memoryAdapter } from '@keystile/core/memory'
import { type OpenApiDocument, type OpenApiOptions, openapi } from '@keystile/openapi'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { info, makeApp, makeAuth, origin } from './app.ts'
import { faultsOf, operation, scripted } from './support.ts'

const whole = openapi(makeApp().api, { info })

/** A document of endpoints alone, and what the log was told. */
function documentOf(
  endpoints: Readonly<Record<string, OwnEndpoint>>,
  { errors, ...options }: Partial<OpenApiOptions> & { errors?: 'detail' | 'problem' | (() => { body: unknown }) } = {},
) {
  const warnings: string[] = []
  const api = createApi({
    controllers: [controller('/c', { endpoints })],
    errors,
    logger: { log: (level: string, message: string) => void (level === 'warn' && warnings.push(message)) },
  })
  return { document: openapi(api, { info, ...options }), warnings }
}

describe.each(['3.1.0', '3.2.0'] as const)('a document of version %s', (version) => {
  it.each(['protocol', 'detail', 'problem'] as const)('is valid, with errors as %s', async (errors) => {
    const document = openapi(makeApp(errors).api, { info, version })
    expect(document.openapi).toBe(version)
    expect(await faultsOf(document)).toBeUndefined()
  })

  it('is valid of an auth instance alone', async () => {
    const document = openapi(makeAuth(), { info, version })
    expect(Object.keys(document.paths)).toContain('/api/auth/sign-in/email')
    expect(await faultsOf(document)).toBeUndefined()
  })
})

it('the validator finds what is wrong', async () => {
  const broken = { ...whole, paths: { '/x': { get: { operationId: 'x', responses: { 200: {} } } } } }
  expect(await faultsOf(broken as never)).toBeDefined()
})

describe('endpoints', () => {
  it("are the app's own, the core's and each plugin's", () => {
    expect(Object.keys(whole.paths)).toEqual(
      expect.arrayContaining(['/api/notes', '/api/notes/{id}', '/api/auth/get-session', '/api/auth/sign-in/username']),
    )
    expect(operation(whole, 'signInEmail').tags).toEqual(['auth'])
    expect(operation(whole, 'signInUsername').tags).toEqual(['username'])
    expect(operation(whole, 'notesList').tags).toEqual(['notes'])
    expect(whole.tags).toEqual([{ name: 'notes' }, { name: 'logins' }, { name: 'auth' }, { name: 'username' }])
  })

  it('of the auth can be left out, with all that only they need', () => {
    const document = openapi(makeApp().api, { info, auth: false })
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/api/auth'))).toEqual([])
    expect(Object.keys(document.components.schemas)).not.toContain('Session')
  })

  it('that are disabled, or for the server alone, are not told', () => {
    const document = openapi(makeAuth({ disabledPaths: ['/ok'] }), { info })
    expect(Object.keys(document.paths)).not.toContain('/api/auth/ok')
    expect(Object.keys(document.paths).filter((path) => path.includes('undefined'))).toEqual([])
  })

  it('with several methods have an id for each', () => {
    expect(Object.values(whole.paths['/api/auth/get-session'] ?? {}).map((one) => one.operationId)).toEqual([
      'getSession',
      'getSessionPost',
    ])
  })

  it('on paths that differ in the names of parameters alone share one', () => {
    const one = whole.paths['/api/notes/{id}']
    expect(Object.keys(one ?? {})).toEqual(['get', 'delete'])
    expect(one?.delete?.parameters).toEqual([{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }])
  })

  it('say when they are deprecated, and what they are for', () => {
    expect(operation(whole, 'notesRemove').deprecated).toBe(true)
    expect(operation(whole, 'notesList').summary).toBe('List notes')
    expect(operation(whole, 'notesAdd').description).toBe('Adds a note')
  })
})

describe('names of operations', () => {
  const get = endpoint({ method: 'GET' }, () => 1)

  it('that are made and coincide are told apart by method and path', () => {
    const api = createApi({
      controllers: [
        controller('/notes', { endpoints: { get } }),
        controller('/notes/:id', { endpoints: { get } }),
        controller('/other', { endpoints: { get, in: group({ path: '/in', endpoints: { get } }) } }),
      ],
    })
    const ids = Object.values(openapi(api, { info }).paths).map(({ get: one }) => one?.operationId)
    expect(ids).toEqual(['getApiNotes', 'getApiNotesById', 'otherGet', 'otherInGet'])
  })

  it('that are given and coincide stop the start', () => {
    const named = (path: string) => endpoint({ method: 'GET', path, operationId: 'mine' }, () => 1)
    expect(() => documentOf({ a: named('/a'), b: named('/b') })).toThrow(
      /both the operation "mine".*OPERATION_ID_TAKEN/s,
    )
  })
})

describe('security', () => {
  it('is one requirement for each scheme of the chain, in its order', () => {
    expect(operation(whole, 'notesList').security).toEqual([{ basic: [] }, { api_key: [] }])
    expect(operation(whole, 'peopleMe').security).toEqual([{ session: [] }, { bearer: [] }])
  })

  it('is not there where all may come in', () => {
    const open = operation(whole, 'colorsMix')
    expect(open).not.toHaveProperty('security')
    expect(Object.keys(open.responses)).not.toContain('401')
    expect(operation(whole, 'signInEmail')).not.toHaveProperty('security')
    expect(whole).not.toHaveProperty('security')
  })

  it("is the session's cookie for the auth's own endpoints, by their access rules", () => {
    expect(operation(whole, 'updateUser').security).toEqual([{ session: [] }])
    expect(operation(whole, 'listSessions').responses[403]?.description).toContain('too old')
    expect(whole.components.securitySchemes.session).toMatchObject({
      type: 'apiKey',
      in: 'cookie',
      name: 'better-auth.session_token',
    })
  })

  it('names a cookie as the app does', () => {
    const auth = makeAuth({ advanced: { cookiePrefix: 'mine', useSecureCookies: true } })
    expect(openapi(auth, { info }).components.securitySchemes.session?.name).toBe('__Secure-mine.session_token')
  })

  it('stops the start where two schemes of one name differ', () => {
    const auth = makeAuth()
    const api = createApi({
      auth,
      controllers: [
        controller('/c', { endpoints: { get: endpoint({ method: 'GET', auth: [scripted('session')] }, () => 1) } }),
      ],
    })
    expect(() => openapi(api, { info })).toThrow(/call themselves "session".*SECURITY_SCHEME_TAKEN/s)
    expect(() => openapi(api, { info, auth: false })).not.toThrow()
  })

  it('asks for the header that repeats a CSRF token, on unsafe methods', () => {
    const csrf = scripted('django_session', { csrfHeader: 'X-CSRFToken' })
    const make = (method: 'GET' | 'POST', schemes = [csrf]) => endpoint({ method, auth: schemes }, () => 1)
    const endpoints = { get: make('GET'), post: make('POST') }
    const { document } = documentOf(endpoints)
    expect(operation(document, 'cGet')).not.toHaveProperty('parameters')
    expect(operation(document, 'cPost').parameters).toMatchObject([
      { name: 'X-CSRFToken', in: 'header', required: true },
    ])
    const beside = documentOf({ post: make('POST', [csrf, scripted('token')]) }).document
    expect(operation(beside, 'cPost').parameters?.[0]).not.toHaveProperty('required')
    const without = documentOf(endpoints, { describeCsrfHeader: false }).document
    expect(operation(without, 'cPost')).not.toHaveProperty('parameters')
  })

  it('tells of challenges where a scheme has one, unless they are off', () => {
    expect(operation(whole, 'notesList').responses[401]?.headers).toHaveProperty('WWW-Authenticate')
    expect(operation(whole, 'peopleRename').responses[401]).not.toHaveProperty('headers')
    const guarded = endpoint({ method: 'GET', auth: [scripted('a', { challenge: () => 'A' })] }, () => 1)
    const api = createApi({ challenge: false, controllers: [controller('/c', { endpoints: { guarded } })] })
    expect(operation(openapi(api, { info }), 'cGuarded').responses[401]).not.toHaveProperty('headers')
  })

  it('leaves a refusal that the endpoint declares to the endpoint, first', () => {
    const { NO_ENTRY } = codes({ NO_ENTRY: [401, 'Not here'] })
    const { document } = documentOf({
      a: endpoint({ method: 'GET', auth: [scripted('a')], errors: [NO_ENTRY] }, () => 1),
    })
    expect(operation(document, 'cA').responses[401]?.description).toMatch(/^Not here/)
  })
})

describe('schemas', () => {
  const Plain = {
    a: { type: 'string', minLength: 1 },
    n: { type: 'integer' },
    at: { type: 'string', format: 'date-time' },
  }
  const same = [
    [
      'valibot',
      v.object({ a: v.pipe(v.string(), v.minLength(1)), n: v.optional(v.pipe(v.number(), v.integer())), at: v.date() }),
    ],
    ['zod', z.object({ a: z.string().min(1), n: z.number().int().optional(), at: z.date() })],
    ['arktype', type({ a: 'string > 0', 'n?': 'number.integer', at: 'Date' })],
  ] as const

  it.each(same)('of %s are told by its own converter', (_library, reply) => {
    const { document, warnings } = documentOf({ get: endpoint({ method: 'GET', reply }, () => null as never) })
    const schema = operation(document, 'cGet').responses[200]?.content?.['application/json']?.schema
    expect(schema).toMatchObject({ type: 'object', properties: Plain })
    expect((schema as { required: string[] }).required.toSorted()).toEqual(['a', 'at'])
    expect(warnings).toEqual([])
  })

  it.each([
    ['valibot', v.object({ m: v.map(v.string(), v.string()), s: v.string() }), 'v.map()'],
    ['zod', z.object({ m: z.map(z.string(), z.string()), s: z.string() }), 'z.map()'],
    ['arktype', type({ m: 'Map', s: 'string' }), 'type("Map")'],
  ] as const)('of %s that cannot be told are left open, and the log says which', (_library, reply, what) => {
    const { document, warnings } = documentOf({ get: endpoint({ method: 'GET', reply }, () => null as never) })
    const schema = operation(document, 'cGet').responses[200]?.content?.['application/json']?.schema
    expect(schema).toMatchObject({ properties: { m: {}, s: { type: 'string' } } })
    expect(schema).toHaveProperty('properties.m', {})
    expect(warnings).toEqual([`CGetReply: ${what} cannot be said in JSON Schema, so the document leaves it open`])
  })

  const strange = {
    '~standard': { version: 1 as const, vendor: 'strange', validate: (value: unknown) => ({ value }) },
  }
  const get = endpoint({ method: 'GET', reply: strange }, () => 1)

  it('of an unknown library are left open, and the log says so', () => {
    const { document, warnings } = documentOf({ get })
    expect(operation(document, 'cGet').responses[200]?.content?.['application/json']?.schema).toEqual({})
    expect(warnings).toEqual([
      'CGetReply: a schema of strange cannot be said in JSON Schema, so the document leaves it open',
    ])
  })

  it('can be told by the app', () => {
    const jsonSchema = (schema: object) => (schema === strange ? { type: 'integer' } : undefined)
    const { document, warnings } = documentOf({ get }, { jsonSchema })
    expect(operation(document, 'cGet').responses[200]?.content?.['application/json']?.schema).toEqual({
      type: 'integer',
    })
    expect(warnings).toEqual([])
  })

  it('of a converter that fails are left open', () => {
    const { warnings } = documentOf(
      { get },
      {
        jsonSchema: () => {
          throw new Error('not today')
        },
      },
    )
    expect(warnings).toEqual([expect.stringContaining('a schema of strange (not today)')])
  })

  it('with a name are said once', () => {
    const { Note, Color, Folder } = whole.components.schemas
    expect(Note).toMatchObject({ title: 'Note', required: ['id', 'text', 'at'] })
    expect(Color).toMatchObject({ properties: { name: { minLength: 1 } } })
    expect(Folder).toMatchObject({ properties: { inside: { items: { $ref: '#/components/schemas/Folder' } } } })
    const list = operation(whole, 'notesList').responses[200]?.content?.['application/json']?.schema
    expect(list).toEqual({ type: 'array', items: { $ref: '#/components/schemas/Note' } })
    expect(operation(whole, 'colorsMix').requestBody?.content['application/json']?.schema).toMatchObject({
      properties: { a: { $ref: '#/components/schemas/Color' }, b: { $ref: '#/components/schemas/Color' } },
    })
    expect(JSON.stringify(whole)).not.toMatch(/"(component|hole|\$schema|\$defs)":/)
  })

  it('that refer to themselves without a name get one of their place, the same in every process', () => {
    interface Tree {
      readonly of: readonly Tree[]
    }
    const Valibot: v.GenericSchema<Tree> = v.object({ of: v.array(v.lazy(() => Valibot)) })
    const Zod = z.object({
      get of() {
        return z.array(Zod)
      },
    })
    const Arktype = type.module({ tree: { of: 'tree[]' } }).tree
    const reply = (schema: never) =>
      endpoint({ method: 'GET', path: `/${Math.random()}`, reply: schema }, () => null as never)
    const { document, warnings } = documentOf({
      valibot: reply(Valibot as never),
      zod: reply(Zod as never),
      arktype: reply(Arktype as never),
    })
    expect(Object.keys(document.components.schemas).filter((name) => name.startsWith('C'))).toEqual([
      'CValibotReplyNode',
      'CZodReply',
      'CArktypeReplyNode',
      'CArktypeReplyNode2',
    ])
    expect(warnings).toEqual([])
  })

  it('of one name that differ stop the start', () => {
    const named = (text: string) => v.pipe(v.object({ [text]: v.string() }), v.metadata({ component: 'Thing' }))
    const endpoints = {
      a: endpoint({ method: 'GET', path: '/a', reply: named('a') }, () => null as never),
      b: endpoint({ method: 'GET', path: '/b', reply: named('b') }, () => null as never),
    }
    expect(() => documentOf(endpoints)).toThrow(/calls itself "Thing".*COMPONENT_TAKEN/s)
    const ours = endpoint(
      { method: 'GET', reply: v.pipe(v.object({}), v.metadata({ component: 'Error' })) },
      () => ({}),
    )
    expect(() => documentOf({ ours })).toThrow(/calls itself "Error"/)
  })

  it('of one title that differ stay where they are, but for the first', () => {
    const titled = (text: string) => v.pipe(v.object({ [text]: v.string() }), v.title('Thing'))
    const { document } = documentOf({
      a: endpoint({ method: 'GET', path: '/a', reply: titled('a') }, () => null as never),
      b: endpoint({ method: 'GET', path: '/b', reply: titled('b') }, () => null as never),
    })
    const schemaOf = (id: string) => operation(document, id).responses[200]?.content?.['application/json']?.schema
    expect(schemaOf('cA')).toEqual({ $ref: '#/components/schemas/Thing' })
    expect(schemaOf('cB')).toMatchObject({ title: 'Thing', properties: { b: { type: 'string' } } })
  })

  it('with a default beside their name keep it there', () => {
    const Limits = v.pipe(v.object({ max: v.number() }), v.title('Limits'))
    const body = v.object({ a: Limits, b: v.optional(Limits, { max: 1 }) })
    const { document } = documentOf({ post: endpoint({ method: 'POST', body }, () => 1) })
    expect(operation(document, 'cPost').requestBody?.content['application/json']?.schema).toMatchObject({
      properties: {
        a: { $ref: '#/components/schemas/Limits' },
        b: { $ref: '#/components/schemas/Limits', default: { max: 1 } },
      },
    })
  })
})

describe('rows', () => {
  it('are told with the fields of the app and its plugins, without what is never returned', () => {
    const { User, Session } = whole.components.schemas as Record<
      string,
      { properties: Record<string, unknown>; required: string[] }
    >
    expect(User?.properties).toMatchObject({
      id: { type: 'string' },
      plan: { enum: ['free', 'paid'] },
      birthday: { type: ['string', 'null'], format: 'date-time' },
      username: { type: ['string', 'null'] },
    })
    expect(User?.properties).not.toHaveProperty('internal')
    expect(User?.required).toEqual(Object.keys(User?.properties ?? {}))
    expect(Object.keys(Session?.properties ?? {})).not.toContain('aal')
  })

  it('fill the places that replies have for them', () => {
    const reply = operation(whole, 'getSession').responses[200]?.content?.['application/json']?.schema
    expect(JSON.stringify(reply)).toContain('"user":{"$ref":"#/components/schemas/User"}')
    expect(JSON.stringify(reply)).toContain('"session":{"$ref":"#/components/schemas/Session"}')
  })

  it('take what clients may write', () => {
    const bodyOf = (id: string) =>
      operation(whole, id).requestBody?.content['application/json']?.schema as {
        properties: Record<string, unknown>
        required: string[]
      }
    const signUp = bodyOf('signUpEmail')
    expect(Object.keys(signUp.properties)).toEqual(expect.arrayContaining(['plan', 'birthday', 'username', 'email']))
    expect(signUp.properties).not.toHaveProperty('internal')
    expect(signUp.required).toEqual(['name', 'email', 'password'])
    expect(bodyOf('updateUser').required ?? []).toEqual([])
  })

  it('are told by the validator of a field, each way', () => {
    const told: string[] = []
    const Street = z.object({ name: z.string() }).meta({ id: 'Street' })
    const auth = createAuth({
      database: memoryAdapter({}),
      secret: 'a secret for tests alone, 0123456789abcdef',
      baseURL: origin,
      logger: { log: (_level: string, message: string) => void told.push(message) },
      user: {
        additionalFields: {
          level: { type: 'number', validator: { input: z.string().transform(Number).pipe(z.int()) } },
          shown: { type: 'string', transform: { output: (value: unknown) => [value] } },
          big: { type: 'number', bigint: true, required: false },
          home: {
            type: 'json',
            required: false,
            validator: { input: z.object({ at: Street, since: z.map(z.string(), z.string()) }) },
          },
        },
      },
    })
    const document = openapi(auth, { info })
    expect(document.components.schemas.User).toMatchObject({
      properties: { level: { type: 'integer' }, shown: {}, big: { type: ['integer', 'null'] } },
    })
    expect(told.filter((message) => message.includes('z.map()'))).toEqual([
      expect.stringContaining('UserHome: '),
      expect.stringContaining('UserInputHome: '),
    ])
    expect(document.components.schemas.User).toHaveProperty('properties.home', {
      type: ['object', 'null'],
      properties: { at: { $ref: '#/components/schemas/Street' }, since: {} },
      required: ['at', 'since'],
    })
    const { schema } = operation(document, 'signUpEmail').requestBody?.content['application/json'] ?? {}
    expect(schema).toMatchObject({ properties: { level: { type: 'string' } } })
    expect((schema as { required: string[] }).required).toEqual(['name', 'email', 'password', 'level', 'shown'])
  })
})

describe('requests', () => {
  it('have parameters of each place', () => {
    expect(operation(whole, 'notesList').parameters).toEqual([
      { name: 'limit', in: 'query', schema: { type: 'string', pattern: '^\\d+$', default: '20' } },
      { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
      { name: 'x-trace', in: 'header', schema: { type: 'string' } },
    ])
    expect(operation(whole, 'notesOne').parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 3 } },
    ])
    expect(operation(whole, 'colorsCookies').parameters).toEqual([
      { name: 'taste', in: 'cookie', schema: { type: 'string' } },
    ])
  })

  it('have a body of each type that is taken, which may be left out where nothing will do', () => {
    const { content, required } = operation(whole, 'signInEmail').requestBody ?? {}
    expect(Object.keys(content ?? {})).toEqual(['application/json', 'application/x-www-form-urlencoded'])
    expect(required).toBe(true)
    expect(operation(whole, 'signOut').requestBody?.required).toBe(false)
  })

  it('have parameters of schemas that refer', () => {
    const Query = type.module({ query: { 'next?': 'query', limit: 'string' } }).query
    const { document } = documentOf({ get: endpoint({ method: 'GET', query: Query as never }, () => 1) })
    expect(operation(document, 'cGet').parameters).toMatchObject([
      { name: 'limit', required: true },
      { name: 'next', schema: { $ref: expect.stringContaining('#/components/schemas/') } },
    ])
  })
})

describe('answers', () => {
  it('are of the status that the endpoint gives', () => {
    expect(Object.keys(operation(whole, 'notesAdd').responses)).toContain('201')
    expect(operation(whole, 'colorsMix').responses[200]).toBeDefined()
    expect(operation(whole, 'peopleRename').responses[204]).toEqual({ description: 'No content' })
    expect(Object.keys(operation(whole, 'notesRemove').responses)).toEqual(expect.arrayContaining(['200', '204']))
  })

  it('set cookies in a header', () => {
    expect(operation(whole, 'notesAdd').responses[201]?.headers).toEqual({
      'Set-Cookie': { description: '`last`: The note that was written last', schema: { type: 'string' } },
    })
    expect(operation(whole, 'signInEmail').responses[200]?.headers?.['Set-Cookie']?.description).toContain(
      '`better-auth.session_token`',
    )
  })

  it('have other headers that the endpoint tells of', () => {
    const { document } = documentOf({
      get: endpoint({ method: 'GET', setsHeaders: { 'X-Total': 'How many there are' } }, () => 1),
    })
    expect(operation(document, 'cGet').responses[200]?.headers).toEqual({
      'X-Total': { description: 'How many there are', schema: { type: 'string' } },
    })
    expect(operation(whole, 'signInEmail').responses[200]?.headers).toHaveProperty('Location')
  })

  it('have the examples of the endpoint', () => {
    const { requestBody, responses } = operation(whole, 'notesAdd')
    expect(requestBody?.content['application/json']?.example).toEqual({ text: 'milk' })
    expect(responses[201]?.content?.['application/json']?.example).toMatchObject({ id: '1' })
  })

  it('are pages and redirections where they are', () => {
    const { responses } = operation(whole, 'error')
    expect(Object.keys(responses[200]?.content ?? {})).toEqual(['text/html'])
    expect(responses[302]).toMatchObject({ headers: { Location: {} } })
    expect(responses[302]).not.toHaveProperty('content')
  })

  it('may be too many, where there is a limit', () => {
    expect(operation(whole, 'colorsPlaces').responses[429]?.headers).toHaveProperty('Retry-After')
    expect(Object.keys(operation(whole, 'ok').responses)).toEqual(['200'])
    const limited = openapi(makeAuth({ rateLimit: { enabled: true } }), { info })
    expect(Object.keys(operation(limited, 'ok').responses)).toEqual(['200', '429'])
  })

  it('may be of another host, where hosts are listed', () => {
    const auth = makeAuth({ baseURL: { allowedHosts: ['a.example.com'] } })
    expect(operation(openapi(auth, { info }), 'ok').responses[400]?.description).toContain('host')
  })

  const { TOO_LONG } = codes({ TOO_LONG: [400, 'The note is too long'] })
  const post = endpoint({ method: 'POST', body: v.object({}), errors: [TOO_LONG] }, () => 1)
  const refusal = (document: OpenApiDocument) => operation(document, 'cPost').responses[400]?.content

  it('that refuse are written as the API writes them, with what each code makes of it', () => {
    expect(refusal(documentOf({ post }).document)).toEqual({
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        examples: { TOO_LONG: { value: { message: 'The note is too long', code: 'TOO_LONG' } } },
      },
    })
    expect(refusal(documentOf({ post }, { errors: 'detail' }).document)).toEqual({
      'application/json': {
        schema: { $ref: '#/components/schemas/ErrorModel' },
        examples: { TOO_LONG: { value: { detail: [{ msg: 'The note is too long' }] } } },
      },
    })
    expect(refusal(documentOf({ post }, { errors: 'problem' }).document)).toMatchObject({
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: { TOO_LONG: { value: { status: 400, code: 'TOO_LONG' } } },
      },
    })
  })

  it('that refuse in a form of the app are as the app says', () => {
    const errors = () => ({ body: { oops: 1 }, contentType: 'application/x-oops' })
    const schema = { type: 'object', properties: { oops: { type: 'integer' } } }
    const { document } = documentOf({ post }, { errors, errorFormat: { schema } })
    expect(refusal(document)).toMatchObject({ 'application/x-oops': { schema } })
  })

  it("that refuse are the protocol's, of the auth's endpoints, whatever the app's own are", () => {
    const document = openapi(makeApp('problem').api, { info })
    const content = operation(document, 'signInEmail').responses[401]?.content
    expect(content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Error' })
    expect(content?.['application/json']?.examples).toHaveProperty('INVALID_EMAIL_OR_PASSWORD')
  })
})

it('chains that `only` and `null` make are those that are asked', () => {
  const settings = scripted('settings')
  const api = createApi({
    auth: makeAuth(),
    schemes: [settings],
    controllers: [
      controller('/c', {
        endpoints: {
          more: endpoint({ method: 'GET', path: '/more', auth: [session()] as never }, () => 1),
          alone: endpoint({ method: 'GET', path: '/alone', auth: only([session()]) }, () => 1),
          open: endpoint({ method: 'GET', path: '/open', auth: null }, () => 1),
        },
      }),
    ],
  })
  const document = openapi(api, { info })
  expect(operation(document, 'cMore').security).toEqual([{ session: [] }, { settings: [] }])
  expect(operation(document, 'cAlone').security).toEqual([{ session: [] }])
  expect(operation(document, 'cOpen').security).toBeUndefined()
})

it('servers and the head are as given', () => {
  const servers = [{ url: 'https://api.example.com' }]
  expect(documentOf({}, { servers }).document).toMatchObject({ info, servers, paths: {} })
  expect(documentOf({}).document).not.toHaveProperty('servers')
})
