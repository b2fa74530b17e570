import Koa, { type Middleware } from 'koa'
import { describe, expect, it } from 'vitest'
import { listening } from '../../node/test/http.ts'
import { django } from './django.ts'

/** A system whose requests set a cookie that is named after the visitor. */
const system = {
  open: ({ headers }: { headers: { get(name: string): string | null } }) => ({
    session: async () => ({}),
    user: async () => null,
    finish: async () =>
      [
        ['Set-Cookie', `a=${headers.get('x-visitor')}`],
        ['Set-Cookie', 'b=1'],
        ['Vary', 'Cookie'],
      ] as const,
  }),
}

/** Asks for the session at `/ask`, and then answers. */
function site(answer: Middleware, around: Middleware = (_ctx, next) => next()) {
  const app = new Koa()
  app.on('error', () => {})
  app.use(around)
  app.use(django(system))
  app.use(async (ctx, next) => {
    if (ctx.path === '/ask') await ctx.state.auth.session()
    return answer(ctx, next)
  })
  const host = listening(app.listen(0, '127.0.0.1'))
  return async (path: string, visitor: string) => {
    const { port } = await host
    const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'x-visitor': visitor } })
    return { status, cookies: headers.getSetCookie(), vary: headers.get('vary'), own: headers.get('x-own') }
  }
}

describe('an error that Koa answers', () => {
  it('carries the cookies of its request, and no other, though it be one object for all', async () => {
    const gone = Object.assign(new Error('gone'), { status: 410, headers: { 'x-own': '1' } })
    const ask = site(() => {
      throw gone
    })
    for (const visitor of ['ada', 'bob']) {
      expect(await ask('/ask', visitor)).toEqual({
        status: 410,
        cookies: [`a=${visitor}`, 'b=1'],
        vary: 'Cookie',
        own: '1',
      })
    }
    expect(await ask('/', 'eve')).toEqual({ status: 410, cookies: [], vary: null, own: '1' })
  })

  it('carries them too where the app answers it', async () => {
    const ask = site(
      () => {
        throw new Error('no')
      },
      async (ctx, next) => {
        await next().catch(() => {
          ctx.status = 409
          ctx.body = 'answered'
          ctx.set('Vary', 'Accept')
        })
      },
    )
    expect(await ask('/ask', 'ada')).toEqual({
      status: 409,
      cookies: ['a=ada', 'b=1'],
      vary: 'Accept, Cookie',
      own: null,
    })
  })
})
