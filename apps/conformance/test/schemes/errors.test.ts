/** Every refusal in every format: one table. */
import { APIError, StoreUnavailable } from '@keystile/core'
import {
  apiKey,
  basic,
  basicAuth,
  controller,
  createApi,
  type ErrorFormat,
  endpoint,
  type FormatError,
} from '@keystile/core/api'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { jsonOf } from './recorded.ts'

const log = vi.fn()

function serving(errors: ErrorFormat | undefined) {
  const { bind: _, ...known } = basic({
    authenticate(name) {
      if (name === 'banned') throw new APIError(403, { message: 'Banned for a day', code: 'BANNED', until: 'Friday' })
      return name
    },
  })
  const body = v.object({ n: v.number() })
  const api = createApi({
    errors,
    logger: { log },
    production: true,
    controllers: [
      controller('/c', {
        auth: [{ ...known, responses: { ...known.responses, 403: 'Banned' } }],
        endpoints: {
          post: endpoint({ method: 'POST', body }, ({ query }) => {
            if ('busy' in query) throw new StoreUnavailable('database is locked, user=root')
            if ('broken' in query) throw new Error('secret of the app')
            if ('own' in query) throw new APIError(418)
          }),
          rare: endpoint({ method: 'POST', path: '/rare', throttle: { window: 60, max: 0 } }, () => {}),
        },
      }),
    ],
  })
  return (row: Row) =>
    api.handler(
      new Request(`http://localhost${row.path ?? '/api/c'}`, {
        method: row.method ?? 'POST',
        headers: { 'content-type': 'application/json', authorization: basicAuth('ann', ''), ...row.headers },
        body: row.method === 'GET' ? null : (row.body ?? '{"n":1}'),
      }),
    )
}

interface Row {
  readonly status: number
  readonly title: string
  readonly code: string
  readonly message: string
  /** In the format `detail`. */
  readonly type?: string
  readonly more?: object
  readonly issues?: readonly object[]
  readonly answer?: Readonly<Record<string, string>>
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const anIssue = 'Invalid type: Expected number but received "one"'
const rows: readonly Row[] = [
  {
    status: 400,
    title: 'Bad Request',
    code: 'VALIDATION_ERROR',
    message: `[body.n] ${anIssue}`,
    type: 'value_error',
    issues: [{ in: 'body', path: ['n'], message: anIssue }],
    body: '{"n":"one"}',
  },
  {
    status: 400,
    title: 'Bad Request',
    code: 'BAD_REQUEST',
    message: 'Invalid JSON in request body',
    type: 'value_error',
    body: '{',
  },
  {
    status: 401,
    title: 'Unauthorized',
    code: 'UNAUTHORIZED',
    message: 'Not authenticated',
    type: 'security',
    answer: { 'www-authenticate': 'Basic realm="api", charset="UTF-8"', 'cache-control': 'no-store' },
    headers: { authorization: 'Bearer x' },
  },
  {
    status: 403,
    title: 'Forbidden',
    code: 'BANNED',
    message: 'Banned for a day',
    more: { until: 'Friday' },
    answer: { 'cache-control': 'no-store' },
    headers: { authorization: basicAuth('banned', '') },
  },
  { status: 404, title: 'Not Found', code: 'NOT_FOUND', message: 'Not found', path: '/api/d' },
  {
    status: 405,
    title: 'Method Not Allowed',
    code: 'METHOD_NOT_ALLOWED',
    message: "Method 'GET' is not allowed, allowed: ['POST']",
    type: 'not_allowed',
    answer: { allow: 'POST' },
    method: 'GET',
  },
  {
    status: 406,
    title: 'Not Acceptable',
    code: 'NOT_ACCEPTABLE',
    message: 'Only application/json can be answered, which Accept does not let',
    type: 'value_error',
    headers: { accept: 'text/html' },
  },
  {
    status: 413,
    title: 'Payload Too Large',
    code: 'PAYLOAD_TOO_LARGE',
    message: 'Request body is larger than the limit',
    body: ' '.repeat((1 << 20) + 1),
  },
  {
    status: 415,
    title: 'Unsupported Media Type',
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'Content-Type "text/plain" is not allowed. Allowed types: application/json',
    headers: { 'content-type': 'text/plain' },
  },
  { status: 418, title: "I'm A Teapot", code: "I'M_A_TEAPOT", message: "I'M_A_TEAPOT", path: '/api/c?own' },
  {
    status: 429,
    title: 'Too Many Requests',
    code: 'TOO_MANY_REQUESTS',
    message: 'Too many requests. Please try again later.',
    answer: { 'retry-after': '60' },
    path: '/api/c/rare',
  },
  {
    status: 500,
    title: 'Internal Server Error',
    code: 'INTERNAL_SERVER_ERROR',
    message: 'INTERNAL_SERVER_ERROR',
    path: '/api/c?broken',
  },
  {
    status: 503,
    title: 'Service Unavailable',
    code: 'SERVICE_UNAVAILABLE',
    message: 'The database is not available, try again',
    path: '/api/c?busy',
  },
]

const own: FormatError = ({ statusCode, code }) => ({
  body: { failed: [statusCode, code ?? null] },
  contentType: 'application/vnd.app+json',
})

interface Format {
  readonly errors: ErrorFormat | undefined
  readonly type: string
  readonly body: (row: Row) => object
}

const protocol = { type: 'application/json', body: ({ message, code, more }: Row) => ({ message, code, ...more }) }
const formats: Readonly<Record<string, Format>> = {
  'none said': { ...protocol, errors: undefined },
  protocol: { ...protocol, errors: 'protocol' },
  detail: {
    errors: 'detail',
    type: 'application/json',
    body: ({ message, type, issues }) => ({
      detail: [
        issues
          ? { msg: anIssue, loc: ['parsed_body', 'n'], type }
          : { msg: message, ...(type === undefined ? {} : { type }) },
      ],
    }),
  },
  problem: {
    errors: 'problem',
    type: 'application/problem+json',
    body: ({ status, title, message, code, more, issues }) => ({
      type: 'about:blank',
      title,
      status,
      detail: message,
      code,
      ...more,
      ...(issues ? { errors: issues } : {}),
    }),
  },
  'a function': {
    errors: own,
    type: 'application/vnd.app+json',
    body: ({ status, code }) => ({
      failed: [status, status === 500 || status === 418 ? null : code],
    }),
  },
}

describe.each(Object.entries(formats))('in the format: %s', (_title, format) => {
  it.each(rows.map((row) => [row.status, row.code, row] as const))('%i %s', async (status, _code, row) => {
    log.mockClear()
    const answer = await serving(format.errors)(row)
    expect([answer.status, await jsonOf(answer)]).toEqual([status, format.body(row)])
    expect(answer.headers.get('content-type')).toBe(format.type)
    for (const [name, value] of Object.entries(row.answer ?? {})) expect(answer.headers.get(name)).toBe(value)
    // What went wrong is for the log alone; the answer says where.
    const id = answer.headers.get('x-request-id')
    expect(log.mock.calls.map(([level, message]) => [level, message])).toEqual(
      status >= 500 ? [['error', `a request failed unexpectedly (${id})`]] : [],
    )
    expect(id === null).toBe(status < 500)
  })
})

it.each([
  ['GONE', 410, 'Gone'],
  ['PAYMENT_REQUIRED', 402, 'Payment Required'],
  [451, 451, 'Unavailable For Legal Reasons'],
  [599, 599, '599'],
] as const)('a refusal by %s is %i, %s', async (status, code, title) => {
  const api = createApi({
    errors: 'problem',
    controllers: [controller('/c', { endpoints: { get: endpoint({ method: 'GET' }, () => new APIError(status)) } })],
  })
  const answer = await api.handler(new Request('http://localhost/api/c'))
  expect([answer.status, await jsonOf(answer)]).toMatchObject([code, { title, status: code }])
})

it('problem details keep a type of the app’s own', async () => {
  const error = new APIError(409, { message: 'Taken', type: 'https://example.com/taken', status: 'no', title: 'no' })
  const api = createApi({
    errors: 'problem',
    controllers: [controller('/c', { endpoints: { get: endpoint({ method: 'GET' }, () => error) } })],
  })
  expect(await jsonOf(await api.handler(new Request('http://localhost/api/c')))).toEqual({
    type: 'https://example.com/taken',
    title: 'Conflict',
    status: 409,
    detail: 'Taken',
    code: 'CONFLICT',
  })
})

it('a format that fails changes no refusal into something else', async () => {
  log.mockClear()
  const ask = serving(() => {
    throw new Error('no format')
  })
  const [refused] = rows.filter(({ status }) => status === 401)
  const answer = await ask(refused as Row)
  expect([answer.status, await jsonOf(answer)]).toEqual([401, { message: 'Not authenticated', code: 'UNAUTHORIZED' }])
  expect(log.mock.calls).toEqual([['error', 'the error format failed', new Error('no format')]])
})

it('a key sent twice is the scheme’s own 400, in the app’s format', async () => {
  const api = createApi({
    errors: 'detail',
    production: false,
    controllers: [
      controller('/c', {
        auth: [apiKey({ lookup: () => 'x' })],
        endpoints: { get: endpoint({ method: 'GET' }, () => 1) },
      }),
    ],
  })
  const request = new Request('http://localhost/api/c', {
    headers: [
      ['x-api-key', 'a'],
      ['x-api-key', 'b'],
    ],
  })
  const answer = await api.handler(request)
  expect([answer.status, await jsonOf(answer)]).toEqual([
    400,
    { detail: [{ msg: 'Two keys in x-api-key', type: 'value_error' }] },
  ])
})
