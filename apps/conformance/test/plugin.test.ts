import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnyPlugin,
  APIError,
  type CurrentSession,
  challenge,
  endpoint,
  fields,
  type Gate,
  type Plugin,
  pass,
  refuse,
  sessionOut,
  table,
} from '@keystile/core'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ada, type Browser, bob, setup, start } from './support.ts'
import { invalid, refusal, told } from './wire/codes.ts'

/** A plugin as an app would write it: notes of users, and a gate. */
const noteTable = table('note', {
  text: fields.text(),
  pinned: fields.flag(false),
  userId: fields.ref('user'),
  createdAt: fields.instant(),
})

const addNote = endpoint(
  {
    method: 'POST',
    path: '/notes/add',
    access: 'session',
    summary: 'Keep a note',
    body: v.object({ text: v.pipe(v.string(), v.minLength(1)) }),
    reply: v.object({ id: v.string(), text: v.string(), count: v.number() }),
  },
  async ({ body, session, domain }) => {
    const mine = { userId: session.user.id }
    const note = await domain.store.insert(noteTable, { ...mine, text: body.text, createdAt: new Date(domain.clock()) })
    return { id: note.id, text: note.text, count: await domain.store.count(noteTable, mine) }
  },
)

const whose = endpoint(
  {
    method: 'GET',
    path: '/notes/:id/owner',
    access: 'public',
    summary: 'Tell whose note it is',
    reply: v.nullable(v.string()),
  },
  async ({ params, domain }) => (await domain.store.find(noteTable, { id: params.id ?? '' }))?.userId ?? null,
)

const purge = endpoint(
  { method: 'POST', access: 'server', summary: 'Delete every note', reply: v.number() },
  async ({ domain }) => domain.store.remove(noteTable, {}),
)

/** Mallory never comes in; Carol only once she has done more. */
const bouncer: Gate = {
  name: 'bouncer',
  check({ user, method }) {
    if (user.name === 'Mallory') return refuse(new APIError('FORBIDDEN', { message: 'You are banned', code: 'BANNED' }))
    return user.name === 'Carol' ? challenge({ secondStep: true, method }) : pass
  },
}

const endpoints = { addNote, whose, purge }
const notes: Plugin<'notes', typeof endpoints, { motto: { type: 'string'; required: false } }> = {
  id: 'notes',
  endpoints,
  tables: [noteTable],
  fields: { user: { motto: { type: 'string', required: false } } },
  gates: [bouncer],
}

const person = (name: string) => ({ ...bob, name, email: `${name.toLowerCase()}@example.com` })
const cookies = ({ jar }: Browser) => ({ cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') })

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'keystile-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

describe('an endpoint of a plugin', () => {
  it('is called over HTTP, with validation, access and parameters', async () => {
    const { browser, rows } = setup({ plugins: [notes] })
    const caller = browser()
    expect(told(await caller.post('/notes/add', { text: '' }))).toEqual(
      invalid('[body.text] Too small: expected string to have >=1 characters'),
    )
    expect(told(await caller.post('/notes/add', { text: 'a' }))).toEqual(refusal(401, 'UNAUTHORIZED'))
    const { json } = await caller.signUp()
    const added = await caller.post('/notes/add', { text: 'a' })
    expect(told(added)).toEqual({ status: 200, json: { id: rows.note?.[0]?.id, text: 'a', count: 1 } })
    expect((await caller.get(`/notes/${added.json.id}/owner`)).text).toBe(json.user?.id)
    expect((await caller.get('/notes/unknown/owner')).text).toBe('null')
    expect((await caller.get('/notes/add')).status).toBe(404)
    expect((await caller.post('/purge')).status).toBe(404)
  })

  it('is called as auth.api, those for the server too', async () => {
    const { auth, browser } = setup({ plugins: [notes] })
    const caller = browser()
    await caller.signUp()
    expect(await auth.api.addNote({ body: { text: 'b' }, headers: cookies(caller) })).toMatchObject({
      text: 'b',
      count: 1,
    })
    await expect(auth.api.addNote({ body: { text: 'b' } })).rejects.toMatchObject({ statusCode: 401 })
    expect(await auth.api.purge()).toBe(1)
  })

  it('stands under the Origin check and the rate limit', async () => {
    const limited: AnyPlugin = { ...notes, rateLimits: [{ window: 10, max: 2, path: (path) => path === '/notes/add' }] }
    const { browser } = setup({ plugins: [limited], rateLimit: { enabled: true } })
    const caller = browser({ remoteAddress: '192.0.2.1' })
    await caller.signUp()
    expect((await caller.post('/notes/add', { text: 'a' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await caller.post('/notes/add', { text: 'a' })).status).toBe(200)
    expect((await caller.post('/notes/add', { text: 'a' })).status).toBe(429)
  })

  it('may take the place of one of the core, but not of /ok', async () => {
    const mine = (path: string) =>
      endpoint({ method: 'GET', path, access: 'public', summary: 'Mine', reply: v.string() }, () => 'mine')
    const { browser } = setup({
      plugins: [{ id: 'mine', replaces: { listSessions: mine('/list-sessions'), ok: mine('/ok') } }],
    })
    expect((await browser().get('/list-sessions')).text).toBe('mine')
    expect((await browser().get('/ok')).text).toBe('{"ok":true}')
  })

  const bringing = (id: string, name: string, path: string): AnyPlugin => ({
    id,
    endpoints: {
      [name]: endpoint({ method: 'GET', path, access: 'public', summary: 'Made', reply: v.string() }, () => id),
    },
  })
  it.each([
    ['another plugin’s, by other names', [bringing('a', 'one', '/n/:id'), bringing('b', 'two', '/n/:note')]],
    ['the core’s', [bringing('a', 'mine', '/list-sessions')]],
  ])('of the same route as %s does not start', (_title, plugins) => {
    expect(() => setup({ plugins })).toThrow(expect.objectContaining({ code: 'ROUTE_TAKEN' }))
  })

  it.each(['/n/*', '/n/:id{[0-9]+}', 'n'])('of a path that no request can be told by does not start: %s', (path) => {
    expect(() => setup({ plugins: [bringing('a', 'one', path)] })).toThrow(
      expect.objectContaining({ code: 'PATH_INVALID', message: expect.stringContaining('one of plugin a') }),
    )
  })

  it('may stand beside one whose path has a name in its place: what is written out answers first', async () => {
    const plugins = [bringing('a', 'one', '/n/:id'), bringing('b', 'recent', '/n/recent')]
    const caller = setup({ plugins }).browser()
    expect([(await caller.get('/n/recent')).text, (await caller.get('/n/old')).text]).toEqual(['b', 'a'])
  })

  it('of the same route as another plugin’s does not start', () => {
    expect(() => setup({ plugins: [notes, { ...notes, id: 'other', tables: [] }] })).toThrow(
      'plugin notes and plugin other both bring POST /notes/add',
    )
  })
})

describe('a table of a plugin', () => {
  it('is made in embedded SQLite, and an older database gets it, with the fields', async () => {
    const file = join(await folder(), 'auth.db')
    const before = setup({ database: file })
    const first = before.browser()
    await first.signUp()
    await before.auth.close()

    const { auth, browser } = setup({ database: file, plugins: [notes] })
    onTestFinished(() => auth.close())
    const caller = browser()
    for (const [name, value] of first.jar) caller.jar.set(name, value)
    expect((await caller.post('/update-user', { motto: 'Think' })).status).toBe(200)
    expect((await caller.get('/get-session')).json.user).toMatchObject({ name: 'Ada', motto: 'Think' })
    expect((await caller.post('/notes/add', { text: 'kept' })).json).toMatchObject({ count: 1 })
    const { store } = await auth.$context
    expect(await store.list(noteTable, {})).toEqual([
      { id: expect.any(String), text: 'kept', pinned: false, userId: expect.any(String), createdAt: new Date(start) },
    ])
    expect(store.findings).toEqual([])
  })

  it('follows its users out', async () => {
    const { auth, browser } = setup({ database: ':memory:', plugins: [notes] })
    onTestFinished(() => auth.close())
    const caller = browser()
    await caller.signUp()
    await caller.post('/notes/add', { text: 'a' })
    const { store, tables } = await auth.$context
    await store.remove(tables.user, {})
    expect(await store.count(noteTable, {})).toBe(0)
  })

  it('that is there already does not start', () => {
    expect(() => setup({ plugins: [{ id: 'a', tables: [table('session', {})] }] })).toThrow('table session')
  })
})

describe('a gate of a plugin', () => {
  async function known(name: string) {
    const open = setup()
    await open.browser().signUp(person(name))
    open.rows.session.splice(0)
    return setup({ plugins: [notes] }, open.rows)
  }

  it('refuses one user: no session, no cookie', async () => {
    const { browser, rows } = await known('Mallory')
    const answer = await browser().signIn(person('Mallory'))
    expect(told(answer)).toEqual({ status: 403, json: { message: 'You are banned', code: 'BANNED' } })
    expect([answer.setCookies, rows.session]).toEqual([[], []])
  })

  it('challenges another: the challenge is the reply, no session row exists', async () => {
    const { browser, rows } = await known('Carol')
    const answer = await browser().signIn(person('Carol'))
    expect(told(answer)).toEqual({ status: 200, json: { secondStep: true, method: 'pwd' } })
    expect([answer.setCookies, rows.session]).toEqual([[], []])
  })

  it('passes the rest', async () => {
    const { browser, rows } = await known('Ada')
    expect((await browser().signIn(person('Ada'))).status).toBe(200)
    expect(rows.session).toHaveLength(1)
  })

  it('is asked only of whoever gave the right password', async () => {
    const { browser } = await known('Mallory')
    expect((await browser().signIn({ ...person('Mallory'), password: 'password000' })).status).toBe(401)
  })

  it('stands before sign-up’s session too', async () => {
    const { browser, rows } = setup({ plugins: [notes] })
    expect((await browser().signUp(person('Carol'))).json).toEqual({ secondStep: true, method: 'pwd' })
    expect([rows.user.length, rows.session.length]).toEqual([1, 0])
  })

  it('the session of a caller whom it stops goes on', async () => {
    const { browser, rows } = setup({ plugins: [notes] })
    const caller = browser()
    await caller.signUp(ada)
    Object.assign(rows.user[0] ?? {}, { name: 'Carol' })
    await caller.signIn()
    expect(rows.session).toHaveLength(1)
    expect((await caller.get('/get-session')).text).not.toBe('null')
  })
})

describe('the rest of a plugin', () => {
  it('init is given the domain, and what it throws is told under its name', async () => {
    const seen: unknown[] = []
    const curious: AnyPlugin = { id: 'one', init: (domain) => void seen.push(domain.settings.basePath) }
    setup({ plugins: [curious] })
    expect(seen).toEqual(['/api/auth'])
    const broken = () => {
      throw new Error('no key')
    }
    expect(() => setup({ plugins: [{ id: 'two', init: broken }] })).toThrow('plugin two failed to start: no key')
  })

  it('an endpoint may read the caller’s session itself', async () => {
    const mine = endpoint(
      { method: 'GET', path: '/mine', access: 'public', summary: 'The session', reply: v.nullable(sessionOut) },
      async ({ domain, exchange }) => {
        const current: CurrentSession | null = await domain.sessions.read(exchange)
        return current && (domain.output.session(current.session) as never)
      },
    )
    const { browser } = setup({ plugins: [{ id: 'mine', endpoints: { mine } }] })
    const caller = browser()
    expect((await caller.get('/mine')).text).toBe('null')
    const { json } = await caller.signUp()
    expect((await caller.get('/mine')).json.token).toBe(json.token)
  })
})
