import {
  apiKey,
  basic,
  basicAuth,
  bearer,
  controller,
  createApi,
  endpoint,
  NotAuthenticated,
  type Scheme,
  type SchemeList,
  session,
} from '@keystile/core/api'
import { keystile } from '@keystile/hono'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { ada, origin, setup } from '../support.ts'

const custom = (name: string, authenticate: Scheme['authenticate']): Scheme => ({
  name,
  securitySchemes: {},
  requirement: {},
  responses: { 401: 'no' },
  authenticate,
})

const checked = basic({ authenticate: () => null })
const keyed = apiKey({ lookup: () => null })

/** An API whose refusals are followed to their pages. */
function site(schemes: SchemeList, production = false) {
  const { auth, browser } = setup({ production, rateLimit: { enabled: false } })
  const api = createApi({
    auth,
    controllers: [
      controller('/notes', {
        auth: schemes,
        endpoints: {
          get: endpoint({ method: 'GET' }, () => 'in'),
          one: endpoint({ method: 'GET', path: '/:id' }, () => 'in'),
          add: endpoint({ method: 'POST' }, () => 'in'),
        },
      }),
    ],
  })
  const ask = (path: string, init: RequestInit = {}) => api.handler(new Request(origin + path, init))
  const page = async (refused: Response) => ask(linked(refused))
  return { auth, api, browser, ask, page }
}

function linked(answer: Response): string {
  const [, path = '', rel] = /^<([^>]+)>; (rel="help")$/.exec(answer.headers.get('link') ?? '') ?? []
  expect(rel).toBe('rel="help"')
  return path
}

/** The rows of the page's first table, as text. */
const stepsOf = (html: string) =>
  [...(html.split('</table>')[0] ?? '').matchAll(/<tr>((?:<td>[^<]*<\/td>)+)<\/tr>/g)].map(([, cells = '']) =>
    cells.split(/<\/?td>/).filter(Boolean),
  )

describe('the page of a refusal', () => {
  it('shows who was asked, in order, what came of it and why', async () => {
    const { ask, page } = site([session(), checked, keyed])
    const refused = await ask('/api/notes', { headers: { authorization: basicAuth('ann', 'no') } })
    const html = await (await page(refused)).text()
    expect(stepsOf(html)).toEqual([
      ['session', 'passed on to the next', 'no live session'],
      ['basic', 'passed on to the next', 'nobody has these credentials'],
      ['api_key', 'passed on to the next', 'no key in x-api-key'],
    ])
    expect(html).toContain('<strong>401</strong>')
    expect(html).toContain('GET /api/notes')
    expect(html).toMatch(/<td>authorization<\/td><td>•••• \d+ characters<\/td>/)
  })

  it('shows who stopped the chain, and nobody behind', async () => {
    const { ask, page } = site([bearer(), keyed])
    const refused = await ask('/api/notes', { headers: { authorization: 'Bearer wrong' } })
    expect(stepsOf(await (await page(refused)).text())).toEqual([
      ['bearer', 'refused the caller: nobody else was asked', 'The token opens no session'],
    ])
  })

  it('shows a 403 for the origin of a request', async () => {
    const { ask, page, browser } = site([session(), checked])
    const own = browser()
    await own.post('/sign-up/email', ada)
    const cookie = [...own.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const refused = await ask('/api/notes', { method: 'POST', headers: { cookie, origin: 'https://evil.example' } })
    const html = await (await page(refused)).text()
    expect(html).toContain('<strong>403</strong>')
    expect(stepsOf(html)).toEqual([['session', 'refused the caller: nobody else was asked', 'Invalid origin']])
  })

  it('is for refusals of callers alone', async () => {
    const { ask } = site([custom('all', () => ({ identity: 1 }))])
    for (const [path, init] of [
      ['/api/notes', {}],
      ['/api/none', {}],
      ['/api/notes', { method: 'PUT' }],
      ['/api/notes', { headers: { accept: 'text/html' } }],
    ] as const) {
      expect((await ask(path, init)).headers.get('link'), path).toBeNull()
    }
  })

  it('holds no credential, wherever it was sent and whatever schemes say', async () => {
    const canaries = ['canary-basic', 'canary-cookie', 'canary-key', 'canary-query', 'canary-header', 'canary-body']
    const [password, inCookie, key, inQuery, inHeader, inBody] = canaries as [string, ...string[]]
    const chatty = custom('chatty', (context) => {
      const { headers } = context.exchange
      return context.pass(`${headers.get('cookie')} / ${headers.get('x-api-key')} / ${headers.get('authorization')}`)
    })
    const loud = custom('loud', ({ exchange }) => {
      throw new NotAuthenticated(`not this key: ${exchange.headers.get('x-api-key')}`)
    })
    const telling = basic({
      name: 'telling',
      realm: 'b',
      authenticate: (_name, word, context) => context.pass(`not ${word}`),
    })
    const querying = custom('querying', (context) => {
      const { request, cookies } = context.exchange
      return context.pass(
        `${new URL(request?.url ?? '').searchParams.get('key')}, ${cookies.call(context.exchange, 'a')}`,
      )
    })
    const { ask, page } = site([session(), chatty, checked, telling, querying, keyed, loud])
    const sent = basicAuth('ann', password)
    const refused = await ask(`/api/notes/${key}?key=${inQuery}`, {
      method: 'GET',
      headers: {
        authorization: sent,
        cookie: `a=${inCookie?.replaceAll('-', '%2D')}`,
        'x-api-key': key as string,
        'x-other': inHeader as string,
      },
    })
    const posted = await ask('/api/notes', { method: 'POST', body: inBody as string, headers: { cookie: 'b=1' } })
    for (const answer of [refused, posted]) {
      const html = await (await page(answer)).text()
      for (const canary of [...canaries, sent.split(' ')[1]]) expect(html).not.toContain(canary)
    }
    const html = await (await page(refused)).text()
    const asked = ['session', 'chatty', 'basic', 'telling', 'querying', 'api_key', 'loud']
    expect(stepsOf(html).map(([scheme]) => scheme)).toEqual(asked)
    expect(html).toContain('not ••••')
    expect(html).toContain('<td>x-other</td>')
    expect(html).toContain('not this key: ••••')
  })

  it('writes nothing as markup', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'&'
    const { ask, page } = site([custom(hostile, (context) => context.pass(hostile))])
    const html = await (await page(await ask(`/api/notes/${hostile}`))).text()
    expect(html).not.toContain('<img')
    expect(stepsOf(html)).toEqual([[escaped, 'passed on to the next', escaped]])
  })

  it('lets nothing in but its own style, and is kept nowhere', async () => {
    const { ask, page } = site([checked])
    const refused = await ask('/api/notes')
    const [one, two] = [await page(refused), await page(refused)]
    const policy = one.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'nonce-\w{32}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    )
    expect(two.headers.get('content-security-policy')).not.toBe(policy)
    expect(await one.text()).toContain(`<style nonce="${/nonce-(\w+)/.exec(policy)?.[1]}">`)
    expect(one.headers.get('cache-control')).toBe('no-store')
    expect(one.headers.get('x-content-type-options')).toBe('nosniff')
    expect(one.headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('is read, not written, and there for those that are kept', async () => {
    const { ask } = site([checked])
    const path = linked(await ask('/api/notes'))
    const head = await ask(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await ask(path, { method: 'POST' })).status).toBe(404)
    const gone = await ask('/api/-/trace/none')
    expect([gone.status, await gone.text()]).toEqual([404, expect.stringContaining('Not kept')])
    // A hundred later ones take its place.
    for (let i = 0; i < 99; i++) await ask('/api/notes')
    expect((await ask(path)).status).toBe(200)
    await ask('/api/notes')
    expect((await ask(path)).status).toBe(404)
  })
})

const escaped = '&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;'

describe('where there is a trace', () => {
  it('is nothing of it in production', async () => {
    const { ask, api } = site([checked], true)
    const refused = await ask('/api/notes')
    expect([refused.status, refused.headers.get('link')]).toEqual([401, null])
    expect((await ask('/api/-/trace/none')).headers.get('content-type')).toBe('application/json')
    expect([api.owns?.('/api/-/trace/x'), api.paths?.some((path) => path.includes('trace'))]).toEqual([false, false])
  })

  it('is none where an API without an auth does not say that it is no production', async () => {
    for (const production of [undefined, true, false]) {
      const endpoints = { get: endpoint({ method: 'GET' }, () => 'in') }
      const api = createApi({ production, controllers: [controller('/', { auth: [checked], endpoints })] })
      const answer = await api.handler(new Request(`${origin}/api/`))
      expect([answer.status, answer.headers.has('link')]).toEqual([401, production === false])
    }
  })

  it.each([false, true])('is one of an auth alone, for guards; in production: %s', async (production) => {
    const { auth } = setup({ production, rateLimit: { enabled: false } })
    const app = new Hono()
    const gate = keystile(auth)
    app.use(gate)
    app.get('/guarded', gate.requireAuth([session(), checked]), (c) => c.text('in'))
    const refused = await app.request(`${origin}/guarded`)
    if (production) {
      expect([refused.status, refused.headers.get('link')]).toEqual([401, null])
      expect((await app.request(`${origin}/api/auth/-/trace/x`)).headers.get('content-type')).toBeNull()
      return
    }
    const path = linked(refused)
    expect(path).toMatch(/^\/api\/auth\/-\/trace\//)
    const html = await (await app.request(origin + path)).text()
    expect(stepsOf(html).map(([scheme]) => scheme)).toEqual(['session', 'basic'])
  })
})
