/** An auth instance for the adapters' tests: answers with what it was given, and counts what is asked of it. */
import type { Mountable } from '@keystile/core/adapter'

export interface EchoModel {
  user: { id: string; plan: 'free' | 'pro' }
  session: { id: string; userId: string; device: string }
  userInput: object
}

export interface Echo {
  method: string
  url: string
  headers: Record<string, string>
  body: string
  remoteAddress: string | null
}

export interface EchoAuth extends Mountable<EchoModel> {
  /** Calls of `readSession`, with the address each was given. */
  readonly reads: (string | undefined)[]
  /** Chunks taken from `/stream` so far. */
  pulled: number
  /** Settles when the client of `/stream` has left. */
  readonly cancelled: Promise<void>
  /** Settles with what reading a request's body threw. */
  readonly cut: Promise<unknown>
  /** Settles when `/late` was asked for. `release` lets it answer as `/stream` does, and `/breaks-later` break. */
  readonly asked: Promise<void>
  readonly release: () => void
}

export const ada = {
  user: { id: 'u1', plan: 'pro' as const },
  session: { id: 's1', userId: 'u1', device: 'phone' },
}

export const twelveCookies = Array.from({ length: 12 }, (_, i) =>
  i % 2
    ? `c${i}=a%2Cb; Path=/; HttpOnly; Expires=Wed, 21 Oct 2099 07:28:00 GMT`
    : `c${i}=1; Path=/; HttpOnly; Secure; SameSite=None; Partitioned`,
)

export const chunk = new Uint8Array(65_536).fill(7)
export const chunksOffered = 512

/** With `paths`: one that has these alone, as an API does. */
export function echoAuth(basePath = '/api/auth', paths?: readonly string[]): EchoAuth {
  const cancelled = deferred<void>()
  const cut = deferred<unknown>()
  const asked = deferred<void>()
  const released = deferred<void>()

  const echo = async (request: Request, remoteAddress: string | undefined) => {
    const body = Buffer.from(await request.arrayBuffer()).toString('base64')
    const { method, url, headers } = request
    const seen: Echo = { method, url, headers: Object.fromEntries(headers), body, remoteAddress: remoteAddress ?? null }
    return Response.json(seen, { headers: { 'x-seen': method } })
  }

  const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
    cookies: () => {
      const headers = new Headers()
      for (const line of twelveCookies) headers.append('set-cookie', line)
      return new Response('ok', { headers })
    },
    204: () => new Response(null, { status: 204, headers: { 'x-empty': 'yes' } }),
    304: () => new Response(null, { status: 304, headers: { etag: '"1"' } }),
    418: () => new Response('short and stout', { status: 418, statusText: 'Teapot', headers: { vary: 'Cookie' } }),
    302: () => new Response(null, { status: 302, headers: { location: '/next?a=%20', 'set-cookie': 'state=1' } }),
    empty: () => new Response(null),
    binary: () => new Response(Uint8Array.from({ length: 256 }, (_, i) => i)),
    stream: () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            if (auth.pulled === chunksOffered) return controller.close()
            auth.pulled += 1
            controller.enqueue(chunk)
          },
          cancel: () => cancelled.resolve(),
        }),
      ),
    late: async (request) => {
      asked.resolve()
      await released.promise
      return routes.stream?.(request) ?? new Response()
    },
    'broken-stream': () => {
      let pulls = 0
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (pulls++ === 0) controller.enqueue(chunk)
            else controller.error(new Error('stream broke'))
          },
        }),
      )
    },
    'breaks-later': () => {
      let pulls = 0
      const pull = async (controller: ReadableStreamDefaultController) => {
        if (pulls++ === 0) return controller.enqueue(chunk)
        await released.promise
        controller.error(new Error('stream broke'))
      }
      return new Response(new ReadableStream({ pull }))
    },
    throw: () => {
      throw new Error('handler broke')
    },
    unread: () => Response.json({ read: false }),
    'too-large': async (request) => {
      const reader = request.body?.getReader()
      await reader?.read()
      await reader?.cancel()
      return Response.json({ code: 'TOO_LARGE' }, { status: 413 })
    },
    cut: async (request) => {
      await request.text().catch((error) => {
        cut.resolve(error)
        throw error
      })
      return new Response('whole')
    },
  }

  const auth: EchoAuth = {
    '~model': undefined as never,
    basePath,
    paths,
    owns: paths && ((path) => paths.some((pattern) => patternOf(pattern).test(path))),
    reads: [],
    pulled: 0,
    cancelled: cancelled.promise,
    cut: cut.promise,
    asked: asked.promise,
    release: () => released.resolve(),
    handler: async (request, info) => {
      const name = new URL(request.url).pathname.split('/').at(-1) ?? ''
      const route = Object.hasOwn(routes, name) ? routes[name] : undefined
      return route ? route(request) : echo(request, info?.remoteAddress)
    },
    readSession: async (headers, info) => {
      auth.reads.push(info?.remoteAddress)
      const cookie = headers.get('Cookie') ?? ''
      if (cookie.includes('sid=ada')) return { pair: ada, setCookies: [] }
      if (cookie.includes('sid=stale')) return { pair: ada, setCookies: ['sid=ada; Path=/', 'cache=x; Path=/'] }
      if (cookie.includes('sid=expired')) return { pair: null, setCookies: ['sid=; Max-Age=0; Path=/'] }
      if (cookie.includes('sid=broken')) throw new Error('store is down')
      return { pair: null, setCookies: [] }
    },
  }
  return auth
}

const patternOf = (path: string) => new RegExp(`^${path.replace(/\/:\w+/g, '/[^/]+').replace(/\/\*$/, '(?:/.*)?')}$`)

function deferred<T>() {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: (value: T) => settle(value) }
}
