/** The site that flows were recorded of: its routes, as far as they go through a request of ours. */
import { expect } from 'vitest'
import type { Django } from '../src/django.ts'
import { DjangoError } from '../src/errors.ts'
import type { DjangoRequest } from '../src/request.ts'
import type { SqlDriver } from '../src/sql/driver.ts'
import type { Recorded } from '../src/testing/recorded.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly set_cookie: readonly string[]
  readonly vary: string | null
}

/** The routes of the site that was recorded. */
const routes: Readonly<Record<string, (site: Site) => Promise<readonly [status: number, body: unknown]>>> = {
  '/who': who,
  async '/set'({ request }) {
    ;(await request.session()).set('cart', [1, 2, 'ünï'])
    return [200, {}]
  },
  async '/login'({ site, request, body }) {
    const user = await site.authenticate(String(body.username), String(body.password))
    if (!user) return [401, { ok: false }]
    await request.login(user)
    return [200, { ok: true, id: Number(user.id) }]
  },
  async '/logout'({ request }) {
    await request.logout()
    return ok
  },
  async '/change'({ request, body }) {
    const user = (await request.user()) ?? expect.fail('nobody is signed in')
    await user.setPassword(String(body.password))
    await user.save(['password'])
    if (body.keep) await request.updateSessionAuthHash(user)
    return ok
  },
  async '/expiry'({ request, body }) {
    ;(await request.session()).setExpiry(body.value)
    return ok
  },
  async '/flush'({ request }) {
    await (await request.session()).flush()
    return ok
  },
  async '/cycle'({ request }) {
    ;(await request.session()).cycleKey()
    return ok
  },
  async '/csrf'(site) {
    await site.request.csrfToken()
    return who(site)
  },
  async '/protected'({ request }) {
    await request.checkCsrf()
    return ok
  },
  async '/boom'({ request }) {
    ;(await request.session()).set('lost', 1)
    return [500, { boom: true }]
  },
  async '/teapot'({ request }) {
    ;(await request.session()).set('kept', 1)
    return [418, { teapot: true }]
  },
  async '/vanish'({ request, driver }) {
    const session = await request.session()
    await driver.run('delete from django_session where session_key = ?', [session.key ?? ''])
    session.set('x', 1)
    return ok
  },
}

const ok = [200, { ok: true }] as const

export interface Site {
  readonly site: Django
  readonly request: DjangoRequest
  readonly driver: SqlDriver
  readonly body: Recorded
}

async function who({ request }: Site): Promise<readonly [number, unknown]> {
  const user = await request.user()
  const { data } = await request.session()
  const own = Object.entries(data).filter(([name]) => !name.startsWith('_'))
  return [200, { user: user?.get('username') ?? null, data: Object.fromEntries(own) }]
}

/** What the site answers at a path. */
export async function answer(given: Site, path: string): Promise<Answer> {
  const { request } = given
  let headers: Awaited<ReturnType<DjangoRequest['finish']>>
  let status: number
  let body: unknown
  try {
    const route = routes[path] ?? expect.fail(`no route ${path}`)
    ;[status, body] = await route(given)
    headers = await request.finish(status)
  } catch (error) {
    if (!(error instanceof DjangoError) || error.status === undefined) throw error
    ;[status, body] = [error.status, null]
    headers = await request.finish(status)
  }
  const all = (wanted: string) => headers.filter(([name]) => name === wanted).map(([, value]) => value)
  return { status, body, set_cookie: all('Set-Cookie'), vary: all('Vary').join(', ') || null }
}
