/** An app's own endpoints from outside: validation, order, routes, answers. */
import {
  APIError,
  apiError,
  baseCodes,
  challenge,
  type Exchange,
  type GateInput,
  pass,
  UniqueViolation,
} from '@keystile/core'
import {
  type ApiOptions,
  basic,
  basicAuth,
  type Controllers,
  controller,
  createApi,
  endpoint,
  group,
  NotAuthenticated,
  only,
  requestAuth,
  type Scheme,
  session,
} from '@keystile/core/api'
import { UnstorableValue } from '@keystile/core/store'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { ada, browser, setup } from '../support.ts'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'
import { asyncBodies, counted, libraries } from './validators.ts'

const quiet = { disabled: true }
const json = { 'content-type': 'application/json' }
const here = 'http://localhost'

/** An API of these controllers, and a caller of it. */
function serving(controllers: Controllers<never>, options: Omit<Partial<ApiOptions>, 'auth' | 'schemes'> = {}) {
  const api = createApi({ logger: quiet, production: false, controllers, ...options })
  const ask = (route: string, init: RequestInit = {}) => {
    const [method = 'GET', path = '/'] = route.split(' ')
    return api.handler(new Request(`${here}${path}`, { method, ...init }))
  }
  const send = (route: string, body: unknown, headers = {}) =>
    ask(route, { body: JSON.stringify(body), headers: { ...json, ...headers } })
  return { api, ask, send }
}

const nowhere = { message: 'Not found', code: 'NOT_FOUND' }

describe.each(Object.entries(libraries))('schemas of %s', (_library, schemas) => {
  const seen = vi.fn()
  const notes = controller('/notes', {
    endpoints: {
      put: endpoint({ method: 'PUT', path: '/:id', ...schemas }, ({ body, query, params, headers, cookies }) => {
        seen({ body, query, params, headers, cookies })
        return 'kept'
      }),
    },
  })

  it('read every part of a request, and the handler has what they made of it', async () => {
    const { send } = serving([notes])
    const headers = { 'x-trace': 'abc', cookie: 'theme=dark; theme=light; other=1' }
    const answer = await send('PUT /api/notes/7?page=3', { name: ' a ', items: [{ n: 1 }] }, headers)
    expect(answer.status).toBe(200)
    expect(seen).toHaveBeenLastCalledWith({
      body: { name: 'a', items: [{ n: 1 }] },
      query: { page: 3 },
      params: { id: 7 },
      headers: expect.objectContaining({ 'x-trace': 'abc' }),
      cookies: expect.objectContaining({ theme: 'dark' }),
    })
  })

  const wrong = (errors: ApiOptions['errors']) =>
    serving([notes], { errors }).send(
      'PUT /api/notes/seven?page=x',
      { name: 'a', items: [{ n: 1 }, { n: 'two' }] },
      { 'x-trace': 'a', cookie: 'theme=blue' },
    )
  const places = [
    ['body', 'items', 1, 'n'],
    ['query', 'page'],
    ['params', 'id'],
    ['headers', 'x-trace'],
    ['cookies', 'theme'],
  ]

  it('tell everything that is wrong, each with its place, in every format', async () => {
    seen.mockClear()
    const problem = await wrong('problem')
    expect(problem.status).toBe(400)
    const { errors } = (await jsonOf(problem)) as { errors: { in: string; path: string[]; message: string }[] }
    expect(errors.map((issue) => [issue.in, ...issue.path])).toEqual(places)
    for (const { message } of errors) expect(message).not.toBe('')

    const { detail } = (await jsonOf(await wrong('detail'))) as { detail: { loc: string[] }[] }
    expect(detail).toEqual(
      errors.map(({ in: part, path, message }) => ({
        msg: message,
        loc: [`parsed_${part}`, ...path],
        type: 'value_error',
      })),
    )

    const { message, code } = (await jsonOf(await wrong('protocol'))) as { message: string; code: string }
    expect(code).toBe('VALIDATION_ERROR')
    for (const place of places) expect(message).toContain(`[${place.join('.')}] `)
    expect(seen).not.toHaveBeenCalled()
  })
})

it.each(Object.entries(counted))('a wrong body is refused as recorded, by %s', async (_library, body) => {
  const [wrong] = recorded<{ order: Recorded[] }>('chain').order.filter((one) => one.case === 'auth, wrong body')
  const { api } = serving(
    [controller('/c/', { endpoints: { post: endpoint({ method: 'POST', body }, () => 'ok') } })],
    {
      errors: 'detail',
    },
  )
  const { request, response } = wrong as Recorded
  const answer = await api.handler(requestOf(request))
  expect(answer.status).toBe(response.status)
  const { detail } = (await jsonOf(answer)) as { detail: { msg: string }[] }
  const told = (response.body as { detail: object[] }).detail
  // The words are the library's.
  expect(detail).toEqual(told.map((one) => ({ ...one, msg: expect.any(String) })))
})

it.each(Object.entries(asyncBodies))('schemas of %s may be asynchronous', async (_library, body) => {
  const { send } = serving([
    controller('/names', { endpoints: { add: endpoint({ method: 'POST', body }, (came) => came.body) } }),
  ])
  const added = await send('POST /api/names', { name: 'free' })
  expect([added.status, await jsonOf(added)]).toEqual([201, { name: 'free' }])
  const refused = await send('POST /api/names', { name: 'taken' })
  expect([refused.status, await jsonOf(refused)]).toEqual([
    400,
    { message: '[body.name] is taken', code: 'VALIDATION_ERROR' },
  ])
})

it('without schemas, query and parameters come as they are, and nothing else', async () => {
  const { ask } = serving([
    controller('/:kind', {
      endpoints: { get: endpoint({ method: 'GET' }, ({ request: _, exchange: __, ...came }) => came) },
    }),
  ])
  const answer = await ask('GET /api/caf%C3%A9%2Fx?a=1&a=2&b=%20&__proto__=x')
  expect(await jsonOf(answer)).toEqual({ query: { a: ['1', '2'], b: ' ' }, params: { kind: 'café/x' } })
})

it('cookies are the first of each name; what is no pair, or has no name, is none', async () => {
  const cookies = v.unknown()
  const { ask } = serving([
    controller('/c', {
      endpoints: { get: endpoint({ method: 'GET', cookies }, (came) => Object.entries(came.cookies as object)) },
    }),
  ])
  const of = async (cookie: string) => jsonOf(await ask('GET /api/c', { headers: { cookie } }))
  expect(await of('a=1; b=2;a=3')).toEqual([
    ['a', '1'],
    ['b', '2'],
  ])
  expect(await of('bare; a=1')).toEqual([['a', '1']])
  expect(await of('__proto__=x; a=1')).toEqual([['a', '1']])
  expect(await of('a=1; =x')).toEqual([['a', '1']])
  // No browser sends a blank there.
  expect(await of('a =1')).toEqual([['a', '']])
  expect(await jsonOf(await ask('GET /api/c'))).toEqual([])
})

describe('what is asked first', () => {
  function counting(beforeAuth: boolean) {
    const ran: string[] = []
    const known: Scheme<string, 'known'> = {
      name: 'known',
      securitySchemes: {},
      requirement: {},
      responses: { 401: 'no', 403: 'never' },
      authenticate({ exchange }) {
        ran.push('auth')
        const sent = exchange.headers.get('authorization')
        if (sent === 'banned') throw new APIError(403, { message: 'Banned', code: 'BANNED' })
        return sent === null ? null : { identity: sent }
      },
    }
    const body = v.pipe(
      v.object({ n: v.number() }),
      v.check(() => ran.push('body') > 0),
    )
    const { ask } = serving([
      controller('/c', {
        auth: [known],
        endpoints: {
          post: endpoint({ method: 'POST', body, throttle: { window: 60, max: 2, beforeAuth } }, () => {
            ran.push('handler')
          }),
        },
      }),
    ])
    return async (headers: Record<string, string>, body = '{"n":1}') => {
      ran.length = 0
      const answer = await ask('POST /api/c', { headers: { ...json, ...headers }, body })
      return [answer.status, ...ran]
    }
  }
  const who = { authorization: 'ann' }

  it('Accept, the caller, the throttle, the body, the handler', async () => {
    const ask = counting(false)
    expect(await ask({ accept: 'text/xml' }, '{')).toEqual([406])
    expect(await ask({}, '{')).toEqual([401, 'auth'])
    expect(await ask({ authorization: 'banned' }, '{')).toEqual([403, 'auth'])
    expect(await ask(who, '{')).toEqual([400, 'auth'])
    expect(await ask(who)).toEqual([204, 'auth', 'body', 'handler'])
    // Only those who were let in have counted.
    expect(await ask(who, '{')).toEqual([429, 'auth'])
    expect(await ask({}, '{')).toEqual([401, 'auth'])
  })

  it('the throttle, where it is set before the caller', async () => {
    const ask = counting(true)
    expect(await ask({ accept: 'text/xml' })).toEqual([406])
    expect(await ask({})).toEqual([401, 'auth'])
    expect(await ask({ accept: 'text/xml' })).toEqual([429])
    expect(await ask(who)).toEqual([429])
    const known = counting(true)
    expect([await known(who), await known(who), await known(who)].map(([status]) => status)).toEqual([204, 204, 429])
  })

  it('a stranger’s body is not even read', async () => {
    const { api } = serving([
      controller('/c', {
        auth: [basic({ authenticate: () => null })],
        endpoints: { post: endpoint({ method: 'POST', body: v.object({}) }, () => {}) },
      }),
    ])
    const request = new Request(`${here}/api/c`, { method: 'POST', body: '{}', headers: json })
    expect((await api.handler(request)).status).toBe(401)
    expect(request.bodyUsed).toBe(false)
  })

  it('throttles count each route and each address alone, and tell when to come back', async () => {
    const throttle = { window: 60, max: 1 }
    const get = endpoint({ method: 'GET', throttle }, () => 'ok')
    const { api } = serving([controller('/a', { endpoints: { get } }), controller('/a/:id', { endpoints: { get } })], {
      clock: () => 0,
    })
    const from = (path: string, remoteAddress: string) => api.handler(new Request(here + path), { remoteAddress })
    expect((await from('/api/a', '10.0.0.1')).status).toBe(200)
    expect((await from('/api/a/1', '10.0.0.1')).status).toBe(200)
    expect((await from('/api/a', '10.0.0.2')).status).toBe(200)
    const late = await from('/api/a/2', '10.0.0.1')
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60'])
  })
})

describe('routes', () => {
  const told = (name: string, path?: string) =>
    endpoint({ method: 'GET', path }, ({ params }) => ({ [name]: { ...params } }))

  it.each([['as declared'], ['the other way round']])(
    'what is written out comes before a parameter, %s',
    async (way) => {
      const all = {
        one: told('one', '/:id'),
        me: told('me', '/me'),
        part: told('part', '/:zone/parts'),
        any: told('any', '/:area/:thing'),
        first: told('first', '/me/:thing'),
      }
      const entries = Object.entries(all)
      const endpoints = Object.fromEntries(way === 'as declared' ? entries : entries.reverse())
      const { ask } = serving([controller('/n', { endpoints })])
      const found = async (path: string) => jsonOf(await ask(`GET /api/n${path}`))
      expect(await found('/me')).toEqual({ me: {} })
      expect(await found('/m')).toEqual({ one: { id: 'm' } })
      expect(await found('/7/parts')).toEqual({ part: { zone: '7' } })
      expect(await found('/7/x')).toEqual({ any: { area: '7', thing: 'x' } })
      expect(await found('/me/parts')).toEqual({ first: { thing: 'parts' } })
    },
  )

  it.each([
    ['/:area/parts', '/:zone/:thing'],
    ['/:zone/parts', '/:area/:thing'],
  ])('%s comes before %s, whatever parameters are called', async (part, any) => {
    const { ask } = serving([controller('/n', { endpoints: { any: told('any', any), part: told('part', part) } })])
    expect(await jsonOf(await ask('GET /api/n/7/parts'))).toHaveProperty('part')
  })

  it('paths are those declared: no slash more, no look-alike', async () => {
    const { ask } = serving([
      controller('/notes', {
        endpoints: { list: told('list'), one: told('one', '/:id'), dotted: told('dot', '/a.b') },
      }),
      controller('/slash/', { endpoints: { get: told('slash') } }),
    ])
    expect(await jsonOf(await ask('GET /api/notes'))).toEqual({ list: {} })
    expect(await jsonOf(await ask('GET /api/slash/'))).toEqual({ slash: {} })
    expect(await jsonOf(await ask('GET /api/notes/a.b'))).toEqual({ dot: {} })
    expect(await jsonOf(await ask('GET /api/notes/axb'))).toEqual({ one: { id: 'axb' } })
    const others = ['/notes', '/api/notes/', '/api/notes//', '/api//notes', '/api/Notes', '/api/notes/1/2', '/api/note']
    const more = ['/api/slash', '/apinotes', '/api/%6eotes', '/api/notes%2F1', '/api', '/', '/api/notes;v=1']
    for (const path of [...others, ...more]) {
      const answer = await ask(`GET ${path}`)
      expect([path, answer.status, await jsonOf(answer)]).toEqual([path, 404, nowhere])
    }
  })

  it('parameters are decoded once; what does not decode stays as it came', async () => {
    const { ask } = serving([controller('/n', { endpoints: { one: told('one', '/:id') } })])
    const id = async (raw: string) => ((await jsonOf(await ask(`GET /api/n/${raw}`))) as { one: { id: string } }).one.id
    expect(await id('a%20b')).toBe('a b')
    expect(await id('a%252Fb')).toBe('a%2Fb')
    expect(await id('%zz')).toBe('%zz')
    expect(await id('%ff')).toBe('%ff')
    expect(await id('__proto__')).toBe('__proto__')
  })

  it('a method that a path does not have is 405, and says which it has', async () => {
    const { ask } = serving([
      controller('/n', {
        endpoints: {
          add: endpoint({ method: 'POST' }, () => 1),
          list: endpoint({ method: 'GET' }, () => []),
          one: endpoint({ method: 'DELETE', path: '/:id' }, () => {}),
        },
      }),
    ])
    const refused = async (route: string) => {
      const answer = await ask(route)
      return [answer.status, answer.headers.get('allow'), ((await jsonOf(answer)) as { code: string }).code]
    }
    expect(await refused('PUT /api/n')).toEqual([405, 'GET, POST', 'METHOD_NOT_ALLOWED'])
    expect(await refused('OPTIONS /api/n')).toEqual([405, 'GET, POST', 'METHOD_NOT_ALLOWED'])
    expect(await refused('constructor /api/n')).toEqual([405, 'GET, POST', 'METHOD_NOT_ALLOWED'])
    expect(await refused('GET /api/n/1')).toEqual([405, 'DELETE', 'METHOD_NOT_ALLOWED'])
    expect((await ask('HEAD /api/n/1')).status).toBe(405)
    const { message } = (await jsonOf(await ask('PUT /api/n'))) as { message: string }
    expect(message).toBe("Method 'PUT' is not allowed, allowed: ['GET', 'POST']")
  })

  it('HEAD is GET without its body', async () => {
    const { ask } = serving([
      controller('/n', {
        endpoints: {
          get: endpoint({ method: 'GET', noStore: true }, ({ exchange }) => {
            exchange.setHeader('x-count', '2')
            return [1, 2]
          }),
          text: endpoint({ method: 'GET', path: '/text' }, () => new Response('text', { headers: { etag: '"1"' } })),
          refused: endpoint({ method: 'GET', path: '/refused' }, () => new APIError(404, { message: 'Gone' })),
        },
      }),
    ])
    for (const path of ['', '/text', '/refused']) {
      const [get, head] = [await ask(`GET /api/n${path}`), await ask(`HEAD /api/n${path}`)]
      expect([head.status, [...head.headers]]).toEqual([get.status, [...get.headers]])
      expect(await get.text()).not.toBe('')
      expect(await head.text()).toBe('')
    }
  })

  it.each(['', '/'])('may lie at the root, base path "%s"', async (basePath) => {
    const { ask, api } = serving(
      [controller('/', { endpoints: { home: told('home') } }), controller('/n', { endpoints: { get: told('n') } })],
      { basePath },
    )
    expect(await jsonOf(await ask('GET /'))).toEqual({ home: {} })
    expect(await jsonOf(await ask('GET /n'))).toEqual({ n: {} })
    expect([api.owns?.('/n'), api.owns?.('/m')]).toEqual([true, false])
    expect(api.basePath).toBe('')
  })

  it('a group has a path below its controller’s, and names and tags on the way', () => {
    const { api } = serving([
      controller('/notes', {
        tags: ['notes'],
        endpoints: {
          admin: group({
            path: 'admin/',
            tags: ['admin'],
            endpoints: { clear: endpoint({ method: 'DELETE', path: '/all' }, () => {}) },
          }),
        },
      }),
    ])
    expect(api.operations).toMatchObject([
      { name: 'notes.admin.clear', path: '/api/notes/admin/all', tags: ['notes', 'admin'] },
    ])
  })
})

describe('bodies', () => {
  const body = v.object({ name: v.string() })
  const { ask } = serving([
    controller('/n', {
      endpoints: {
        json: endpoint({ method: 'POST', body }, (came) => came.body),
        form: endpoint({ method: 'PUT', body, media: ['application/x-www-form-urlencoded'] }, (came) => came.body),
        none: endpoint({ method: 'DELETE' }, (came) => ({ body: came.body ?? null })),
      },
    }),
  ])
  const of = async (route: string, body: BodyInit | null, type = 'application/json') => {
    const init = { body, headers: type === '' ? {} : { 'content-type': type }, duplex: 'half' }
    const answer = await ask(`${route} /api/n`, init)
    return [answer.status, await jsonOf(answer)]
  }
  const form = 'application/x-www-form-urlencoded'
  const invalid = { message: 'Invalid JSON in request body', code: 'BAD_REQUEST' }

  it('are JSON, and forms where the endpoint takes them', async () => {
    expect(await of('POST', '{"name":"a"}', 'application/json; charset=utf-8')).toEqual([201, { name: 'a' }])
    expect(await of('POST', 'name=a', form)).toMatchObject([415, { code: 'UNSUPPORTED_MEDIA_TYPE' }])
    expect(await of('POST', '{"name":"a"}', 'text/plain')).toMatchObject([415, {}])
    expect(await of('PUT', 'name=a+b&__proto__=x', form)).toEqual([200, { name: 'a b' }])
    expect(await of('PUT', '{"name":"a"}')).toEqual([200, { name: 'a' }])
  })

  it('come whole or in pieces, up to a limit', async () => {
    const pieces = (...texts: (string | Uint8Array)[]) =>
      new ReadableStream({
        start(control) {
          for (const text of texts) control.enqueue(typeof text === 'string' ? new TextEncoder().encode(text) : text)
          control.close()
        },
      })
    const [before, after] = [new Uint8Array([0xc3]), new Uint8Array([0xa9])]
    expect(await of('POST', pieces('{"name":"', before, after, '"}'))).toEqual([201, { name: 'é' }])
    expect(await of('POST', pieces('{"name":"', before, '"}'))).toEqual([400, invalid])
    const large = 'x'.repeat(1 << 20)
    expect(await of('POST', JSON.stringify({ name: large }))).toMatchObject([413, { code: 'PAYLOAD_TOO_LARGE' }])
    expect(await of('POST', pieces('{"name":"', large, '"}'))).toMatchObject([413, { code: 'PAYLOAD_TOO_LARGE' }])
  })

  it('that are malformed are 400, whatever is wrong with them', async () => {
    for (const text of ['{', '{"name":"a"', "{name:'a'}", '[['.repeat(100)]) {
      expect([text, ...(await of('POST', text))]).toEqual([text, 400, invalid])
    }
    for (const text of ['null', '[]', '"a"', '{}'])
      expect(await of('POST', text)).toMatchObject([400, { code: 'VALIDATION_ERROR' }])
    expect(await of('POST', null, '')).toMatchObject([400, { code: 'VALIDATION_ERROR' }])
  })

  it('are left alone by an endpoint that declares none', async () => {
    expect(await of('DELETE', '{', 'text/plain')).toEqual([200, { body: null }])
  })
})

describe('answers', () => {
  const answering = (declared: object, reply: () => unknown, options = {}) => {
    const { ask } = serving(
      [controller('/c', { endpoints: { it: endpoint({ method: 'GET', ...declared }, reply) } })],
      options,
    )
    return ask(`${(declared as { method?: string }).method ?? 'GET'} /api/c`)
  }

  it.each([
    [{ method: 'GET' }, { a: 1 }, 200, '{"a":1}'],
    [{ method: 'POST' }, { a: 1 }, 201, '{"a":1}'],
    [{ method: 'PUT' }, 'text', 200, '"text"'],
    [{ method: 'PATCH' }, null, 200, 'null'],
    [{ method: 'DELETE' }, undefined, 204, ''],
    [{ method: 'POST' }, undefined, 204, ''],
    [{ method: 'POST', status: 200 }, { a: 1 }, 200, '{"a":1}'],
    [{ method: 'POST', status: 202 }, undefined, 202, ''],
    [{ method: 'GET' }, { at: new Date(0) }, 200, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ])('%j giving %j is %i', async (declared, reply, status, text) => {
    const answer = await answering(declared, () => reply)
    expect([answer.status, await answer.text()]).toEqual([status, text])
    expect(answer.headers.get('content-type')).toBe(text === '' ? null : 'application/json')
  })

  it('carry what the exchange was told: status, headers, cookies', async () => {
    const { ask } = serving([
      controller('/c', {
        endpoints: {
          get: endpoint({ method: 'GET', noStore: true }, ({ exchange, query }) => {
            exchange.status = 203
            exchange.setHeader('x-a', '1')
            exchange.setCookie({ name: 'seen', attributes: { httpOnly: true } }, 'yes')
            if ('refuse' in query) throw new APIError(409, { message: 'Taken', code: 'TAKEN' })
            return 'response' in query ? new Response('a', { status: 206 }) : 1
          }),
        },
      }),
    ])
    for (const [query, status] of [
      ['', 203],
      ['?response', 206],
      ['?refuse', 409],
    ] as const) {
      const answer = await ask(`GET /api/c${query}`)
      expect(answer.status).toBe(status)
      expect(answer.headers.get('x-a')).toBe('1')
      expect(answer.headers.getSetCookie()).toEqual(['seen=yes; HttpOnly'])
      if (status !== 409) expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  it.each([
    ['a value', () => 1, 200, { 'content-type': 'application/json' }],
    ['nothing', () => undefined, 204, {}],
    ['a Response', () => new Response(null, { headers: { etag: '"1"' } }), 200, { etag: '"1"' }],
    ['a refusal', () => new APIError(409), 409, { 'content-type': 'application/json' }],
  ])('that are %s have no header that nobody asked for', async (_title, reply, status, headers) => {
    const answer = await answering({}, reply)
    expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([status, headers])
  })

  it('wait for what is to be done before them: where that fails, its refusal is the answer', async () => {
    const { ask } = serving([
      controller('/c', {
        endpoints: {
          get: endpoint({ method: 'GET' }, ({ exchange }) => {
            exchange.beforeAnswer(async (status) => {
              throw new APIError(409, { message: `Not ${status}`, code: 'CONFLICT' })
            })
            return 1
          }),
        },
      }),
    ])
    const answer = await ask('GET /api/c')
    expect([answer.status, await jsonOf(answer)]).toEqual([409, { message: 'Not 200', code: 'CONFLICT' }])
  })

  it('may be a Response of another type, which Accept then has to let', async () => {
    const { ask } = serving([
      controller('/c', {
        endpoints: {
          csv: endpoint(
            { method: 'GET', replyMedia: 'text/csv' },
            () => new Response('a,b', { headers: { 'content-type': 'text/csv' } }),
          ),
        },
      }),
    ])
    const answer = await ask('GET /api/c', { headers: { accept: 'text/csv' } })
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'text/csv', 'a,b'])
    expect((await ask('GET /api/c', { headers: { accept: 'application/json' } })).status).toBe(406)
  })

  it.each([
    ['', 200],
    ['*/*', 200],
    ['application/*', 200],
    ['text/html, application/xhtml+xml, */*;q=0.8', 200],
    ['APPLICATION/JSON', 200],
    ['application/json;q=0', 406],
    ['application/json;q=0.0, */*', 406],
    ['application/json;q=0.000', 406],
    ['application/json;eq=0', 200],
    ['application/json, application/json;q=0', 200],
    ['*/*;q=0', 406],
    ['text/html', 406],
    ['application/problem+json', 406],
  ])('to Accept "%s" are %i', async (accept, status) => {
    const { ask } = serving([controller('/c', { endpoints: { get: endpoint({ method: 'GET' }, () => 1) } })])
    expect((await ask('GET /api/c', { headers: { accept } })).status).toBe(status)
  })

  it.each([
    ['while developing are checked', { production: false }, 500],
    ['in production are not', { production: true }, 200],
    ['in production are where that is wanted', { production: true, checkReplies: true }, 500],
    ['while developing are not where that is not wanted', { production: false, checkReplies: false }, 200],
  ])('%s', async (_title, options, status) => {
    const log = vi.fn()
    const reply = v.object({ items: v.array(v.object({ n: v.number() })) })
    const answer = await answering({ reply }, () => ({ items: [{ n: 'one' }] }), { ...options, logger: { log } })
    expect(answer.status).toBe(status)
    const logged = log.mock.calls.flat().join(' ')
    if (status === 500) expect(logged).toMatch(/reply of GET .*items\.0\.n: /)
    else expect(log).not.toHaveBeenCalled()
  })

  it('to what a handler throws: its own refusal, or nothing that it said', async () => {
    const thrown = async (error: unknown) => {
      const answer = await answering({}, () => {
        throw error
      })
      return [answer.status, await jsonOf(answer)]
    }
    expect(await thrown(apiError(baseCodes.USER_NOT_FOUND))).toEqual([
      400,
      { message: 'User not found', code: 'USER_NOT_FOUND' },
    ])
    expect(await thrown(new APIError('FORBIDDEN', { message: 'Not yours', owner: 'ann' }))).toEqual([
      403,
      { message: 'Not yours', code: 'FORBIDDEN', owner: 'ann' },
    ])
    for (const error of [new Error('password=hunter2'), 'hunter2', undefined, { status: 200 }]) {
      const [status, body] = await thrown(error)
      expect([status, JSON.stringify(body)]).toEqual([500, expect.not.stringContaining('hunter2')])
    }
    expect(await thrown(new UniqueViolation('note', ['owner', 'title']))).toEqual([
      400,
      { message: 'owner, title is already taken', code: 'VALIDATION_ERROR' },
    ])
    expect(await thrown(new UnstorableValue('note', 'title'))).toEqual([
      400,
      { message: 'title cannot hold this value', code: 'VALIDATION_ERROR' },
    ])
    const away = await answering({}, () => new APIError(302, undefined, { location: '/elsewhere' }))
    expect([away.status, away.headers.get('location'), away.headers.get('content-type'), await away.text()]).toEqual([
      302,
      '/elsewhere',
      null,
      '',
    ])
  })
})

describe('beside an auth instance', () => {
  it('both answer below one base path; what a gate wants is the answer; the store’s own refusals are told', async () => {
    const gate = {
      name: 'second',
      check: ({ method }: GateInput) => (method === 'otp' ? challenge({ secondStep: true }) : pass),
    }
    const { auth } = setup({ plugins: [{ id: 'second', gates: [gate] }] })
    const opened = async (method: string, exchange: Exchange) => {
      const { sessions, store, tables } = await auth.$context
      const user = await store.find(tables.user, { email: ada.email })
      return { opened: user !== null && (await sessions.open(user, { method, exchange })) !== null }
    }
    const enter = {
      byCode: endpoint(
        { method: 'POST', path: '/code', auth: null, reply: v.object({ opened: v.boolean() }) },
        ({ exchange }) => opened('otp', exchange),
      ),
      byLink: endpoint({ method: 'POST', path: '/link', auth: null }, ({ exchange }) => {
        exchange.status = 202
        return opened('otp', exchange)
      }),
      twice: endpoint({ method: 'POST', path: '/twice', auth: null }, async () => {
        const { store, tables } = await auth.$context
        const user = await store.find(tables.user, { email: ada.email })
        await store.insert(tables.user, { ...user, id: 'another' })
      }),
      me: endpoint({ method: 'GET', auth: [session()] }, ({ auth, request }) => {
        expect(requestAuth(request)).toBe(auth)
        return { email: auth.identity.user.email }
      }),
    }
    const api = createApi({ auth, controllers: [controller('/enter', { endpoints: enter })] })
    const ann = browser(api.handler, { base: 'http://localhost:3000/api' })
    expect((await ann.get('/enter')).status).toBe(401)
    expect((await ann.post('/auth/sign-up/email', ada)).status).toBe(200)
    expect((await ann.get('/enter')).json).toEqual({ email: ada.email })
    const challenged = await ann.post('/enter/code')
    expect([challenged.status, challenged.json, challenged.setCookies]).toEqual([200, { secondStep: true }, []])
    expect((await ann.post('/enter/link')).status).toBe(202)
    const taken = await ann.post('/enter/twice')
    expect([taken.status, taken.json]).toEqual([400, { message: 'email is already taken', code: 'VALIDATION_ERROR' }])
    expect((await ann.get('/auth/get-session')).json.user?.email).toBe(ada.email)
    expect((await ann.get('/auth/nowhere')).status).toBe(404)
  })

  it.each([
    ['each address alone', '203.0.113.9', '203.0.113.9'],
    ['all of no address together', undefined, 'no-trusted-ip'],
  ])('throttles count in the auth’s table, %s', async (_title, remoteAddress, counted) => {
    const { auth, rows } = setup({ rateLimit: { storage: 'database' } })
    const get = endpoint({ method: 'GET', throttle: { window: 60, max: 1 } }, () => 1)
    const api = createApi({ auth, controllers: [controller('/c', { endpoints: { get } })] })
    const ask = () => api.handler(new Request('http://localhost:3000/api/c'), { remoteAddress })
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429])
    expect(rows.rateLimit.map(({ key }) => key)).toEqual([`api|GET /api/c|${counted}`])
  })
})

it('a scheme of one’s own takes ten lines', async () => {
  const devices = new Map([
    ['d-1', { room: 'hall', lost: false }],
    ['d-2', { room: 'yard', lost: true }],
  ])
  const device: Scheme<{ readonly room: string }, 'device'> = {
    name: 'device',
    securitySchemes: { device: { type: 'apiKey', in: 'header', name: 'x-device' } },
    requirement: { device: [] },
    responses: { 401: 'No device of ours' },
    authenticate(context) {
      const found = devices.get(context.exchange.headers.get('x-device') ?? '')
      if (found?.lost) throw new NotAuthenticated('This device is lost')
      return found ? { identity: found } : context.pass('no device of ours')
    },
  }
  const { ask } = serving([
    controller('/c', {
      endpoints: { get: endpoint({ method: 'GET', auth: [device] }, ({ auth }) => auth.identity.room) },
    }),
  ])
  const by = async (id: string) => jsonOf(await ask('GET /api/c', { headers: { 'x-device': id } }))
  expect(await by('d-1')).toBe('hall')
  expect(await by('d-2')).toEqual({ message: 'This device is lost', code: 'UNAUTHORIZED' })
  expect(await by('d-3')).toEqual({ message: 'Not authenticated', code: 'UNAUTHORIZED' })
})

describe('levels', () => {
  const named = <const N extends string>(name: N, header = name): Scheme<string, N> => ({
    name,
    securitySchemes: {},
    requirement: { [name]: [] },
    responses: { 401: 'no' },
    authenticate({ exchange }) {
      const sent = exchange.headers.get(header)
      return sent === null ? null : { identity: sent }
    },
  })
  const [a, b, c, d] = [named('a'), named('b'), named('c'), named('d')]
  const chainOf = (levels: { endpoint?: object; group?: object; controller?: object; settings?: readonly Scheme[] }) =>
    createApi({
      schemes: levels.settings,
      logger: quiet,
      controllers: [
        controller('/c', {
          ...levels.controller,
          endpoints: {
            g: group({ ...levels.group, endpoints: { get: endpoint({ method: 'GET', ...levels.endpoint }, () => 1) } }),
          },
        }),
      ],
    }).operations[0]?.endpoint.auth.map(({ name }) => name)

  it('add up, innermost first, and a scheme that several name is asked once', () => {
    const all = { endpoint: { auth: [a] }, group: { auth: [b] }, controller: { auth: [c] }, settings: [d] }
    expect(chainOf(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(chainOf({ ...all, endpoint: { auth: [d, a] } })).toEqual(['d', 'a', 'b', 'c'])
    expect(chainOf({ ...all, group: { auth: [] } })).toEqual(['a', 'c', 'd'])
  })

  it('stop at only, wherever it stands, and under a null', () => {
    const all = { endpoint: { auth: [a] }, group: { auth: [b] }, controller: { auth: [c] }, settings: [d] }
    expect(chainOf({ ...all, endpoint: { auth: only([a]) } })).toEqual(['a'])
    expect(chainOf({ ...all, group: { auth: only([b]) } })).toEqual(['a', 'b'])
    expect(chainOf({ ...all, controller: { auth: only([c]) } })).toEqual(['a', 'b', 'c'])
    expect(chainOf({ endpoint: { auth: only([a]) }, controller: { auth: null }, settings: [d] })).toEqual(['a'])
    expect(chainOf({ endpoint: { auth: null }, controller: { auth: only([c]) } })).toEqual([])
  })

  it('an error that a scheme shares between requests gathers nothing', async () => {
    const shared = new APIError(401, { message: 'No' })
    const { bind: _, ...unbound } = basic()
    const refusing: Scheme = {
      ...unbound,
      authenticate() {
        throw shared
      },
    }
    const { ask } = serving([
      controller('/c', { auth: [refusing], endpoints: { get: endpoint({ method: 'GET' }, () => 1) } }),
    ])
    for (let i = 0; i < 2; i++) {
      const answer = await ask('GET /api/c')
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="api", charset="UTF-8"')
    }
  })

  it('one scheme serves a thousand requests at once, and mixes up none', async () => {
    const who = basic({
      authenticate: async (name) => {
        await Promise.resolve()
        return name
      },
    })
    const { ask } = serving([
      controller('/c', {
        endpoints: {
          get: endpoint({ method: 'GET', auth: [a, who] }, async ({ auth, request }) => {
            await Promise.resolve()
            return [auth.identity, requestAuth(request, { strict: true }).identity]
          }),
        },
      }),
    ])
    const names = Array.from({ length: 1000 }, (_, i) => `user-${i}`)
    const answers = await Promise.all(
      names.map(async (name) => jsonOf(await ask('GET /api/c', { headers: { authorization: basicAuth(name, 'x') } }))),
    )
    expect(answers).toEqual(names.map((name) => [name, name]))
  })
})
