/** Paths and queries: an endpoint is reached by its own path alone, and a disabled one by none. */
import { isDeepStrictEqual } from 'node:util'
import { latin1, type Target } from '../target.ts'
import { base, checkAnswer, inhabited, makeWorld, requestOf } from '../world.ts'

export async function makeTarget(): Promise<Target> {
  const { rows } = await inhabited()
  const calls: { path: string; query: unknown }[] = []
  const before = ({ path, query }: { path: string; query: unknown }) => {
    calls.push({ path, query })
  }
  const world = makeWorld(rows, { disabledPaths: ['/ok'], hooks: { before } })
  return {
    words: [
      '/ok',
      '/error',
      '/get-session',
      '/list-sessions',
      '/',
      '//',
      '/.',
      '/..',
      '%2e',
      '%2f',
      '%00',
      ';',
      '\\',
      '?',
      '#',
      '&',
      '=',
      '__proto__=',
      'error=',
      'error_description=<b>',
      'a[b]=c',
      '%ff',
    ],
    async run(input) {
      calls.length = 0
      const request = requestOf(base + latin1(input), { method: 'GET' })
      if (!request) return
      const answer = await world.handler(request)
      checkAnswer(answer, world)
      const [seen] = calls
      if (seen === undefined) return
      const { pathname, search, href } = new URL(request.url)
      if (seen.path === '/ok' || pathname !== `/api/auth${seen.path}`) {
        throw new Error(`${pathname} led to ${seen.path}`)
      }
      if (!isDeepStrictEqual(seen.query, /^[^#]*\?/.test(href) ? queryOf(search) : undefined))
        throw new Error(`read as ${JSON.stringify(seen.query)}`)
    },
  }
}

/** Values by name, a list where a name comes more than once. */
function queryOf(search: string): Record<string, unknown> {
  const pairs = new URLSearchParams(search)
  const names = [...new Set(pairs.keys())].filter((name) => name !== '__proto__')
  return Object.fromEntries(
    names.map((name) => {
      const all = pairs.getAll(name)
      return [name, all.length > 1 ? all : all[0]]
    }),
  )
}
