/** The recorded documents, written again: their security, and what goes with it. */
import { createAuth } from '@keystile/core'
import {
  basic,
  controller,
  createApi,
  endpoint,
  jwt,
  jwtCookie,
  jwtLogin,
  jwtRefresh,
  jwtVerify,
  type OwnEndpoint,
  type Scheme,
  type SecurityScheme,
  sessionLogin,
} from '@keystile/core/api'
import { memoryAdapter } from '@keystile/core/memory'
import { django } from '@keystile/django'
import { djangoLogin, djangoSession } from '@keystile/django/api'
import { type OpenApiDocument, type OpenApiOptions, openapi } from '@keystile/openapi'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { recorded } from '../schemes/recorded.ts'

/** Why ours has another set of statuses, or none at all. */
const differences = {
  versions: { '3.0.3': 'its null types differ from those of JSON Schema' },
  missing: { 422: 'a reply that is not as declared is a fault of the server: 500, and no part of the contract' },
  added: {
    408: 'a body that does not arrive',
    413: 'a body over the limit',
    415: 'a body of another type',
  },
  addedToSessions: { 400: 'a session of Django that was ended while its request was under way' },
  addedToLogins: {
    403: 'a login from a page of another origin is refused, and so is a user whose gates are closed',
    429: 'guesses are counted for each account',
  },
} as const

interface Recording {
  readonly file: string
  readonly title: string
  readonly document: OpenApiDocument
}

const documents: Recording[] = [
  ...of('openapi', recorded<{ documents: Record<string, OpenApiDocument> }>('openapi').documents),
  ...['session', 'jwt', 'jwt_controllers'].flatMap((file) =>
    of(file, recorded<{ openapi: Record<string, OpenApiDocument> }>(file).openapi),
  ),
  ...of(
    'basic',
    Object.fromEntries(
      recorded<{ exchanges: { case: string; header: string; document: OpenApiDocument }[] }>('basic')
        .exchanges.filter((one) => one.case === 'openapi')
        .map(({ header, document }) => [header, document]),
    ),
  ),
]

function of(file: string, all: Readonly<Record<string, OpenApiDocument>>): Recording[] {
  return Object.entries(all).map(([title, document]) => ({ file, title, document }))
}

const auth = createAuth({
  database: memoryAdapter({}),
  secret: 'a secret for tests alone, 0123456789abcdef',
  baseURL: 'http://localhost',
  production: false,
  emailAndPassword: { enabled: true },
})

/** A scheme of ours that stands for a recorded requirement. */
function schemeFor(names: readonly string[], document: OpenApiDocument): Scheme {
  const { components } = document
  const [name = ''] = names
  const object = components.securitySchemes[name] as SecurityScheme
  if (name === 'http_basic') {
    const header = object.type === 'apiKey' ? String(object.name) : undefined
    return basic({ name, header, authenticate: () => null })
  }
  if (object.in === 'cookie' && name === 'jwt') return jwtCookie({ name })
  if (object.bearerFormat === 'JWT') return jwt({ name, scheme: String(object.scheme) })
  if (object.in === 'header') return jwt({ name, header: String(object.name), scheme: 'JWT' })
  return djangoSession({ name, django: djangoOf(document) }) as Scheme
}

/** A Django whose cookies are called as in a document; nobody asks it for anything. */
function djangoOf({ components: { securitySchemes } }: OpenApiDocument) {
  const nothing = async () => Promise.reject(new Error('no database'))
  const driver = { dialect: 'sqlite', all: nothing, run: nothing, transaction: nothing, close: async () => {} } as const
  const nameOf = (name: string) => ({ name: String(securitySchemes[name]?.name) })
  return django({
    driver,
    secretKey: 'a secret key of tests',
    cookies: { session: nameOf('django_session'), csrf: securitySchemes.csrf ? nameOf('csrf') : {} },
    csrf: { useSessions: securitySchemes.csrf === undefined },
  })
}

const logins: Readonly<Record<string, (document: OpenApiDocument) => OwnEndpoint<never>>> = {
  '/api/login/': (document) =>
    document.components.securitySchemes.django_session ? djangoLogin({ django: djangoOf(document) }) : sessionLogin(),
  '/api/obtain/': () => jwtLogin(),
  '/api/complex/': () => jwtLogin(),
  '/api/refresh/': () => jwtRefresh(),
  '/api/verify/': () => jwtVerify(),
}

function rewritten(document: OpenApiDocument): OpenApiDocument {
  const controllers = Object.entries(document.paths).map(([path, methods]) =>
    controller(path.slice('/api'.length), {
      endpoints: Object.fromEntries(
        Object.entries(methods).map(([method, { security = [], responses }]) => {
          const schemes = security.map((requirement) => schemeFor(Object.keys(requirement), document))
          const declaration = {
            method: method.toUpperCase() as 'GET',
            status: Number(Object.keys(responses).find((status) => status.startsWith('2'))),
            reply: v.string(),
            auth: schemes,
          }
          return [method, logins[path]?.(document) ?? endpoint(declaration, () => 'authed')]
        }),
      ),
    }),
  )
  const api = createApi({ auth, controllers: controllers as never, errors: 'detail' })
  const version = document.openapi as NonNullable<OpenApiOptions['version']>
  return openapi(api, { info: document.info, version, auth: false })
}

/** Texts are each one's own. */
function withoutTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTexts)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, inner]) => !(texts.has(key) && typeof inner === 'string'))
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutTexts(inner)]))
}
const texts = new Set(['description', 'title', 'summary'])

const taken = documents.filter(({ document }) => !Object.hasOwn(differences.versions, document.openapi))

it('every recorded document is written again, but one', () => {
  expect(documents).toHaveLength(8 + 4 + 6 + 1 + 2)
  expect(documents.length - taken.length).toBe(1)
})

describe.each(taken)('$file: $title', ({ document }) => {
  const ours = rewritten(document)

  it('has the same version, paths and methods', () => {
    expect(ours.openapi).toBe(document.openapi)
    expect(methodsOf(ours)).toEqual(methodsOf(document))
  })

  it('has the same security schemes', () => {
    expect(withoutTexts(ours.components.securitySchemes)).toEqual(withoutTexts(document.components.securitySchemes))
  })

  it('has the same errors', () => {
    const { ErrorModel, ErrorDetail } = ours.components.schemas
    expect(withoutTexts({ ErrorModel, ErrorDetail })).toEqual(
      withoutTexts({
        ErrorModel: document.components.schemas.ErrorModel,
        ErrorDetail: document.components.schemas.ErrorDetail,
      }),
    )
  })

  it.each(
    Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((m) => [m, path] as const)),
  )('%s %s has the same security and answers', (method, path) => {
    const theirs = document.paths[path]?.[method]
    const one = ours.paths[path]?.[method]
    expect(one?.security).toEqual(theirs?.security)

    const ofDjango = theirs?.security?.some((requirement) => 'django_session' in requirement)
    const added = {
      ...differences.added,
      ...(logins[path] && differences.addedToLogins),
      ...(ofDjango && theirs?.responses[400] === undefined && differences.addedToSessions),
    }
    const statuses = Object.keys(one?.responses ?? {}).filter((status) => !Object.hasOwn(added, status))
    const expected = Object.keys(theirs?.responses ?? {}).filter(
      (status) => !Object.hasOwn(differences.missing, status),
    )
    expect(statuses.toSorted()).toEqual(expected.toSorted())
    for (const status of expected.filter((status) => status >= '400')) {
      expect(one?.responses[status]?.content?.['application/json']?.schema).toEqual({
        $ref: '#/components/schemas/ErrorModel',
      })
    }
  })
})

const methodsOf = ({ paths }: OpenApiDocument) =>
  Object.fromEntries(Object.entries(paths).map(([path, methods]) => [path, Object.keys(methods).toSorted()]))
