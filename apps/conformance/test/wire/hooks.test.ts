import { type AfterContext, type AnyPlugin, APIError, type Hook } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, origin, setup, tokenCookie } from '../support.ts'
import { invalid, told } from './codes.ts'

const creds = { email: ada.email, password: ada.password }

describe('4.1.8 before hooks', () => {
  it('may patch the body, over what was sent', async () => {
    const { browser, rows } = setup({
      hooks: {
        before: ({ path }) => (path === '/sign-up/email' ? { context: { body: { name: 'Patched' } } } : undefined),
      },
    })
    await browser().signUp()
    expect(rows.user[0]).toMatchObject({ name: 'Patched', email: ada.email })
  })

  it('may patch the query', async () => {
    const { browser } = setup({ hooks: { before: () => ({ context: { query: { error: 'patched' } } }) } })
    expect((await browser().get('/error?error=sent')).text).toContain('patched')
  })

  it('may answer: no handler, no after hook', async () => {
    const after: string[] = []
    const { browser, rows } = setup({
      hooks: { before: () => ({ instead: true }), after: ({ path }) => void after.push(path) },
    })
    expect(told(await browser().signUp())).toEqual({ status: 200, json: { instead: true } })
    expect([rows.user, after]).toEqual([[], []])
  })

  it('may refuse', async () => {
    const before = () => {
      throw new APIError('BAD_REQUEST', { message: 'Not you', code: 'NOT_YOU' })
    }
    expect(told(await setup({ hooks: { before } }).browser().signUp())).toEqual({
      status: 400,
      json: { message: 'Not you', code: 'NOT_YOU' },
    })
  })

  it('trap 28: see the body as sent, and none', async () => {
    const bodies: unknown[] = []
    const { browser } = setup({ hooks: { before: ({ body }) => void bodies.push(body) } })
    expect(told(await browser().post('/sign-in/email', { email: 5, extra: 1 }))).toMatchObject({ status: 400 })
    await browser().post('/sign-in/email')
    expect(bodies).toEqual([{ email: 5, extra: 1 }, undefined])
  })

  it('stand after the Origin check', async () => {
    const seen: string[] = []
    const { browser } = setup({ hooks: { before: ({ path }) => void seen.push(path) } })
    await browser().post('/sign-out', {}, { origin: 'https://evil.example', cookie: 'a=b' })
    expect(seen).toEqual([])
  })
})

describe('4.1.12 after hooks', () => {
  it('may replace the reply and add headers', async () => {
    const { browser } = setup({
      hooks: {
        after: ({ exchange, path }) => {
          exchange.setHeader('x-hooked', path)
          return { hooked: true }
        },
      },
    })
    const answer = await browser().signUp()
    expect(told(answer)).toEqual({ status: 200, json: { hooked: true } })
    expect(answer.headers.get('x-hooked')).toBe('/sign-up/email')
    expect(answer.setCookies[0]).toContain(tokenCookie)
  })

  it('trap 28: see a refusal as what was returned, and may replace it', async () => {
    const seen: unknown[] = []
    const after = ({ returned }: AfterContext) => {
      seen.push(returned)
      return returned instanceof APIError && returned.body?.code === 'INVALID_EMAIL' ? { forgiven: true } : undefined
    }
    const { browser } = setup({ hooks: { after } })
    expect((await browser().post('/sign-in/email', { ...creds, email: 'x' })).json).toEqual({ forgiven: true })
    expect((await browser().post('/sign-in/email', creds)).status).toBe(401)
    expect(seen).toEqual([expect.any(APIError), expect.any(APIError)])
  })

  it('see validation refusals too, not what failed unexpectedly', async () => {
    const seen: unknown[] = []
    const { browser } = setup({
      hooks: { after: ({ returned }) => void seen.push(returned) },
      databaseHooks: {
        session: {
          create: {
            before: () => {
              throw new Error('broken')
            },
          },
        },
      },
    })
    expect(told(await browser().post('/sign-in/email'))).toEqual(
      invalid('[body] Invalid input: expected object, received undefined'),
    )
    expect(seen).toHaveLength(1)
    expect((await browser().signUp()).status).toBe(500)
    expect(seen).toHaveLength(1)
  })

  it('run after a raw Response', async () => {
    const seen: unknown[] = []
    const { browser } = setup({ hooks: { after: ({ returned }) => void seen.push(returned) } })
    await browser().get('/error?error=x')
    expect(seen).toEqual([expect.any(Response)])
  })

  it('know of a session that was opened', async () => {
    const opened: unknown[] = []
    const { browser } = setup({ hooks: { after: ({ exchange }) => void opened.push(exchange.opened?.user.email) } })
    await browser().signUp()
    await browser().get('/ok')
    expect(opened).toEqual([ada.email, undefined])
  })
})

describe('12 their order and place', () => {
  it('user before, plugins before, handler, user after, plugins after; onRequest first', async () => {
    const seen: string[] = []
    const note = (name: string): Pick<Hook, 'before' | 'after'> => ({
      before: () => void seen.push(`before ${name}`),
      after: () => void seen.push(`after ${name}`),
    })
    const plugin = (id: string): AnyPlugin => ({
      id,
      hooks: [note(id)],
      onRequest: () => {
        seen.push(`request ${id}`)
        return undefined
      },
    })
    const { browser } = setup({
      plugins: [plugin('one'), plugin('two')],
      hooks: note('user'),
      databaseHooks: { user: { create: { before: () => void seen.push('handler') } } },
    })
    await browser().signUp()
    expect(seen).toEqual([
      'request one',
      'request two',
      'before user',
      'before one',
      'before two',
      'handler',
      'after user',
      'after one',
      'after two',
    ])
  })

  it.each([
    ['/sign-in/email', true],
    ['/sign-in/*', true],
    [['/ok', '/sign-in/email'], true],
    ['/sign-up/*', false],
    ['/sign-*', false],
  ] as const)('at %j: %s', async (at, runs) => {
    const seen: string[] = []
    const plugin: AnyPlugin = { id: 'one', hooks: [{ at, before: ({ path }) => void seen.push(path) }] }
    const { browser } = setup({ plugins: [plugin] })
    await browser().post('/sign-in/email', creds)
    expect(seen).toEqual(runs ? ['/sign-in/email'] : [])
  })

  it('4.1.4 onRequest may answer, for unknown paths too', async () => {
    const onRequest = (request: Request) => (request.url.endsWith('/hello') ? new Response('hi') : undefined)
    const { browser } = setup({ plugins: [{ id: 'one', onRequest }] })
    expect((await browser().get(`${origin}/api/auth/hello`)).text).toBe('hi')
    expect((await browser().get('/ok')).text).toBe('{"ok":true}')
  })

  it('hooks run for server calls too', async () => {
    const { auth } = setup({ hooks: { before: () => ({ instead: true }) } })
    expect(await auth.api.ok()).toEqual({ instead: true })
  })
})
