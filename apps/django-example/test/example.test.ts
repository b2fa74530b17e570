/** The three processes as a user starts them, driven over HTTP: whoever is signed in at one is signed in at all. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureDjango } from '../../../scripts/ensure-django.mjs'

const python = ensureDjango()
const root = fileURLToPath(new URL('../../../', import.meta.url))
const typescript = join(root, 'apps/trials/src/typescript.mjs')
const app = join(root, 'apps/django-example')
/** As `npm run django-example` starts it, and from its sources. */
const built = [join(app, 'dist/main.js')]
const sources = ['--conditions=@keystile/source', '--import', typescript, join(app, 'src/main.ts')]

interface Place {
  readonly location: string
  drop(): Promise<void>
}

async function sqlite(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-example-'))
  return { location: join(folder, 'site.sqlite3'), drop: async () => rmSync(folder, { recursive: true }) }
}

const server = 'postgresql://root@127.0.0.1:5432'

async function onServer(text: string) {
  const client = new pg.Client({ connectionString: `${server}/postgres`, connectionTimeoutMillis: 2000 })
  await client.connect()
  await client.query(text)
  await client.end()
}

async function postgresql(): Promise<Place> {
  const name = `keystile_example_${process.pid}_${Math.trunc(performance.now())}`
  await onServer(`create database ${name}`)
  return { location: `${server}/${name}`, drop: () => onServer(`drop database ${name} with (force)`) }
}

/** `undefined` where it can be used. */
async function missing(): Promise<string | undefined> {
  try {
    await onServer('select 1')
    return undefined
  } catch (cause) {
    if (process.env.KEYSTILE_REQUIRE_SERVICES === '1') throw new Error('PostgreSQL does not answer', { cause })
    return 'PostgreSQL does not answer on its standard port'
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: each route has a form of its own, and the test says which.
  readonly json: any
}

/** A browser: cookies know the host and no port. */
function browser() {
  const jar = new Map<string, string>()
  const send = async (url: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = new Headers(init.headers)
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const text = await answer.text()
    const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined
    return { status: answer.status, text, json }
  }
  return {
    jar,
    get: (url: string) => send(url),
    /** To a service, with its token. */
    async post(url: string, body: object = {}): Promise<Answer> {
      const { token } = (await send(new URL('/csrf', url).href)).json
      const headers = { 'content-type': 'application/json', 'x-csrftoken': token, origin: new URL(url).origin }
      return send(url, { method: 'POST', headers, body: JSON.stringify(body) })
    },
    /** A form of Django's own page. */
    async submit(url: string, fields: Record<string, string> = {}): Promise<Answer> {
      const page = await send(new URL('/', url).href)
      const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
      const headers = { origin: new URL(url).origin }
      return send(url, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ csrfmiddlewaretoken: token, ...fields }),
      })
    },
  }
}

const noPostgresql = await missing()

describe.each([
  { name: 'SQLite', entry: built, open: sqlite, reason: undefined },
  { name: 'PostgreSQL', entry: sources, open: postgresql, reason: noPostgresql },
])('Django and two services on $name', ({ entry, open, reason }) => {
  let place: Place
  let child: ChildProcess
  let at: Readonly<Record<'django' | 'express' | 'hono', string>>

  const lacking = python ? reason : 'there is no Django'
  beforeEach(({ skip }) => skip(lacking !== undefined, lacking))

  beforeAll(async () => {
    if (lacking !== undefined) return
    place = await open()
    child = spawn(process.execPath, [...entry, '--port', '0', '--database', place.location], {
      env: { ...process.env, KEYSTILE_DJANGO_PYTHON: python },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    for await (const chunk of child.stdout ?? []) {
      told += chunk
      const [, django, express, hono] = /Django on (\S+), Express on (\S+), Hono on (\S+)\. /.exec(told) ?? []
      if (django && express && hono) {
        at = { django, express, hono }
        break
      }
    }
    expect(told).toContain('Stop with Ctrl+C')
  })

  afterAll(async () => {
    if (!child) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill()
    await ended
    await place.drop()
  })

  const title = async ({ get }: ReturnType<typeof browser>) =>
    /<h1>(.*)<\/h1>/.exec((await get(`${at.django}/`)).text)?.[1]

  it('registers at Express, and is known at Hono and at Django', async () => {
    const visitor = browser()
    expect((await visitor.post(`${at.express}/register`, { username: 'ada', password: 'first secret' })).status).toBe(
      201,
    )
    expect((await visitor.get(`${at.hono}/me`)).json).toMatchObject({ username: 'ada', permissions: [] })
    expect(await title(visitor)).toBe('Signed in as ada')
    const again = await browser().post(`${at.hono}/register`, { username: 'ada', password: 'another one' })
    expect(again.status).toBe(409)
  })

  it('signs in at a service whom Django has created', async () => {
    const args = ['manage.py', 'createsuperuser', '--noinput', '--username', 'grace', '--email', 'grace@example.com']
    const made = spawnSync(python ?? '', args, {
      cwd: join(app, 'project'),
      env: {
        ...process.env,
        DATABASE: place.location,
        SECRET_KEY: 'of no use here',
        DJANGO_SUPERUSER_PASSWORD: 'made in Django',
      },
      encoding: 'utf8',
    })
    expect(made.status, made.stderr).toBe(0)
    const visitor = browser()
    expect((await visitor.post(`${at.hono}/login`, { username: 'grace', password: 'made in Django' })).status).toBe(200)
    expect((await visitor.get(`${at.express}/me`)).json.permissions).toContain('auth.change_user')
    expect(await title(visitor)).toBe('Signed in as grace')
  })

  it('signs in at Django, and is known at both services', async () => {
    const visitor = browser()
    expect((await visitor.submit(`${at.django}/login/`, { username: 'ada', password: 'wrong' })).status).toBe(401)
    expect((await visitor.submit(`${at.django}/login/`, { username: 'ada', password: 'first secret' })).status).toBe(
      302,
    )
    for (const service of [at.express, at.hono]) {
      expect((await visitor.get(`${service}/me`)).json).toMatchObject({ username: 'ada' })
    }
  })

  it('changes the password at a service: Django takes the new one alone, other sessions end, this one goes on', async () => {
    const [visitor, other] = [browser(), browser()]
    const first = { username: 'ada', password: 'first secret' }
    expect((await visitor.post(`${at.hono}/login`, first)).status).toBe(200)
    expect((await other.submit(`${at.django}/login/`, first)).status).toBe(302)
    const change = { current: 'first secret', password: 'second secret' }
    expect((await visitor.post(`${at.hono}/password`, { ...change, current: 'no' })).status).toBe(403)
    expect((await visitor.post(`${at.hono}/password`, change)).status).toBe(200)
    expect(await title(visitor)).toBe('Signed in as ada')
    expect(await title(other)).toBe('Nobody is signed in')
    expect((await other.get(`${at.express}/me`)).status).toBe(401)
    expect((await browser().submit(`${at.django}/login/`, first)).status).toBe(401)
    expect((await browser().submit(`${at.django}/login/`, { ...first, password: 'second secret' })).status).toBe(302)
  })

  it('signs out there, and is out here; and the other way round', async () => {
    const visitor = browser()
    const second = { username: 'ada', password: 'second secret' }
    expect((await visitor.post(`${at.express}/login`, second)).status).toBe(200)
    const { sessionid = '' } = Object.fromEntries(visitor.jar)
    expect((await visitor.submit(`${at.django}/logout/`)).status).toBe(302)
    const copied = browser()
    copied.jar.set('sessionid', sessionid)
    expect((await copied.get(`${at.express}/me`)).status).toBe(401)

    expect((await visitor.submit(`${at.django}/login/`, second)).status).toBe(302)
    copied.jar.set('sessionid', visitor.jar.get('sessionid') ?? '')
    expect((await visitor.post(`${at.hono}/logout`)).status).toBe(200)
    expect(await title(copied)).toBe('Nobody is signed in')
  })

  it('keeps what either side puts into a session', async () => {
    const visitor = browser()
    await visitor.post(`${at.express}/login`, { username: 'ada', password: 'second secret' })
    await visitor.submit(`${at.django}/note/`, { note: 'grüße from Django 🐍' })
    expect((await visitor.get(`${at.hono}/me`)).json.note).toBe('grüße from Django 🐍')
    await visitor.post(`${at.hono}/note`, { note: 'ünd from Hono 🔥' })
    expect((await visitor.get(`${at.django}/`)).text).toContain('ünd from Hono 🔥')
    expect((await visitor.get(`${at.express}/me`)).json.note).toBe('ünd from Hono 🔥')
  })

  it('refuses what was not sent on purpose', async () => {
    const visitor = browser()
    await visitor.post(`${at.express}/login`, { username: 'ada', password: 'second secret' })
    for (const service of [at.express, at.hono]) {
      const answer = await fetch(`${service}/logout`, {
        method: 'POST',
        headers: { cookie: [...visitor.jar].map((pair) => pair.join('=')).join('; '), origin: 'https://evil.example' },
      })
      expect(answer.status).toBe(403)
    }
    expect((await visitor.get(`${at.express}/me`)).status).toBe(200)
  })
})

describe('the command', () => {
  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(process.execPath, [...sources, ...args], {
      env: { ...process.env, ...(python && { KEYSTILE_DJANGO_PYTHON: python }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const told = { text: '' }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (told.text += chunk))
    return { child, told, ended: once(child, 'close') }
  }

  it('says what Python has no Django', async () => {
    const { told, ended } = start(['--port', '0'], { KEYSTILE_DJANGO_PYTHON: '/nowhere/python' })
    expect(await ended).toEqual([1, null])
    expect(told.text).toMatch(/^\/nowhere\/python has no Django: apt install python3-django/)
  })

  it.skipIf(!python)('says which port is in use, and starts nothing', async () => {
    const other = createServer().listen(0, 'localhost')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { told, ended } = start(['--port', String(port - 1)])
    expect(await ended).toEqual([1, null])
    expect(told.text).toMatch(new RegExp(`^Port ${port} is in use: .*\n$`))
    other.close()
  })

  it.skipIf(!python).each(['SIGINT', 'SIGTERM'] as const)('ends all three at %s', async (signal) => {
    const place = await sqlite()
    const { child, told, ended } = start(['--port', '0', '--database', place.location])
    while (!told.text.includes('Ctrl+C')) await once(child.stdout, 'data')
    child.kill(signal)
    expect(await ended).toEqual([0, null])
    for (const [origin] of told.text.matchAll(/http:\S+(?=[,.])/g)) await expect(fetch(origin)).rejects.toThrow()
    await place.drop()
  })
})
