/** Where a host can mount the auth, and which paths reach it there. Each row runs on each adapter that has the way. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type EchoAuth, echoAuth } from './echo-auth.ts'
import { eachCase, type Harness, type Setup, serving } from './harness.ts'
import { realAuth } from './real-auth.ts'

interface MountCase extends Setup {
  readonly name: string
  /** Default: `/api/auth`. */
  readonly basePath?: string
  /** Default: all below the base path. */
  readonly paths?: readonly string[]
  /** Paths that the auth answers, with the URL as it was sent. */
  readonly reached?: readonly string[]
  /** Paths that are the host's. */
  readonly left?: readonly string[]
  /** Requests come to the gate, but none for the auth's `/ok`. */
  readonly missesOk?: boolean
  /** The mistake, told at start or by the first request that reaches the gate. */
  readonly code?: string
}

const reached = ['/api/auth', '/api/auth/', '/api/auth/ok', '/api/auth/a/b?q=1&q=%20']
const alike = ['/api/authx', '/api/authx/ok', '/api/auth-x/ok', '/API/auth/ok', '/x/api/auth/ok', '/api', '/']

/** What an API has, parameters of several names in one place among it. */
const some = {
  basePath: '/api',
  paths: [
    '/api/notes',
    '/api/notes/:id',
    '/api/notes/:note',
    '/api/notes/:note/:key',
    '/api/caf%C3%A9',
    '/api/auth',
    '/api/auth/*',
  ],
}

const rows: readonly MountCase[] = [
  { name: 'at the root', reached, left: alike },
  { name: 'trailing slashes', reached: ['/api/auth/ok/', '/api/auth/ok//'] },
  { name: 'double slashes', reached: ['/api/auth//ok'], left: ['//api/auth/ok', '/api//auth/ok'] },
  {
    name: 'encoded paths',
    reached: ['/api/auth/a%2Fb', '/api/auth/%C3%A9'],
    left: ['/api/%61uth/ok', '/api%2Fauth/ok'],
  },
  { name: 'a query that holds the path', left: ['/?/api/auth/ok', '/x?next=/api/auth'] },
  { name: 'long paths', reached: [`/api/auth/${'a'.repeat(500)}`] },

  { name: 'under a prefix', under: ['/api'], reached, left: ['/api/authx', '/api/x', '/x'] },
  { name: 'under the whole base path', under: ['/api/auth'], reached, left: ['/api/authx', '/x'] },
  {
    name: 'below the base path',
    under: ['/api/auth/deeper'],
    reached: ['/api/auth/deeper/ok'],
    left: ['/api/auth/x'],
    missesOk: true,
  },
  { name: 'in a router', under: ['/api'], routers: true, reached, left: ['/api/authx', '/api/x', '/x'] },
  { name: 'in a router of the whole base path', under: ['/api/auth'], routers: true, reached, left: ['/api/authx'] },
  { name: 'in a router in a router', under: ['/api', '/auth'], routers: true, reached, left: ['/api/authx'] },
  {
    name: 'under a global prefix',
    basePath: '/v1/api/auth',
    under: ['/v1'],
    routers: true,
    reached: ['/v1/api/auth/ok'],
    left: ['/api/auth/ok', '/v1/ok'],
  },
  { name: 'with the base path /', basePath: '', reached: ['/', '/anything', '/a/b?c', '//a'] },
  { name: 'with another base path', basePath: '/identity', reached: ['/identity/ok'], left: ['/api/auth/ok'] },

  {
    name: 'with some paths alone',
    ...some,
    reached: [
      '/api/notes',
      '/api/notes?q',
      '/api/notes/7',
      '/api/notes/%2F',
      '/api/notes/7/8',
      '/api/caf%C3%A9',
      ...reached,
    ],
    left: ['/api', '/api/', '/api/notes/', '/api/notes/7/8/9', '/api/notesx', '/api/caf', '/api/authx', '/'],
  },
  {
    name: 'with some paths alone, under a prefix',
    ...some,
    under: ['/api'],
    reached: ['/api/notes', '/api/notes/7', '/api/auth/ok'],
    left: ['/api', '/api/other', '/notes'],
  },
  {
    name: 'with some paths alone, in a router',
    ...some,
    under: ['/api', '/notes'],
    routers: true,
    reached: ['/api/notes', '/api/notes/7', '/api/notes/7/8'],
    left: ['/api/notes/7/8/9', '/api/other'],
  },
  {
    name: 'with some paths alone, below all of them',
    ...some,
    under: ['/api/auth/deeper'],
    reached: ['/api/auth/deeper/ok'],
    left: ['/api/notes', '/api/auth/ok'],
  },
  {
    name: 'with some paths alone, at the root',
    basePath: '',
    paths: ['/', '/notes/:id'],
    reached: ['/', '/?q', '/notes/7'],
    left: ['/notes', '/other'],
  },

  { name: 'twice', twice: true, code: 'KEYSTILE_NAME_TAKEN' },
  { name: 'under the wrong prefix', under: ['/app'], code: 'KEYSTILE_WRONG_MOUNT' },
  { name: 'in the wrong router', under: ['/app'], routers: true, code: 'KEYSTILE_WRONG_MOUNT' },
  {
    name: 'in a router of a prefix that only looks like it',
    under: ['/api/authx'],
    routers: true,
    code: 'KEYSTILE_WRONG_MOUNT',
  },
]

export function mountTable(harness: Harness): void {
  describe('mounted', () => {
    eachCase(rows, async (row) => {
      if (row.code) return expectMistake(harness, row, row.code)
      const host = await serving(harness, echoAuth(row.basePath, row.paths), row)
      for (const path of row.reached ?? []) {
        expect((await host.send(path)).echo().url, path).toBe(`http://127.0.0.1:${host.port}${path}`)
      }
      for (const path of row.left ?? []) expect((await host.send(path)).text, path).toBe('host')
    })

    describe('and asked before it listens', () => {
      eachCase(rows, async (row) => {
        const started = serving(harness, echoAuth(row.basePath, row.paths), { ...row, start: true })
        const code = row.missesOk ? 'KEYSTILE_WRONG_MOUNT' : row.code
        // A framework that tells by itself has seen prefixes, not requests.
        const tells = harness.tells === 'at start' ? row.code : code === 'KEYSTILE_WRONG_MOUNT' && code
        if (tells) await expect(started).rejects.toMatchObject({ name: 'ConfigError', code: tells })
        else await expect(started).resolves.toBeDefined()
      })
    })

    test('with the base path /, for a visitor', async () => {
      const visited = { basePath: '/', baseURL: 'http://localhost', emailAndPassword: { enabled: true } }
      const { auth } = realAuth(visited)
      const host = await serving(harness, auth as unknown as EchoAuth, { start: true })
      expect((await host.send('/ok')).text).toBe('{"ok":true}')
      const signUp = await host.send('/sign-up/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'http://localhost' },
        body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' }),
      })
      const [cookie = ''] = signUp.cookies
      expect([signUp.status, cookie]).toEqual([200, expect.stringContaining('; Path=/;')])
      const { text } = await host.send('/get-session', { headers: { cookie: cookie.split(';')[0] ?? '' } })
      expect(JSON.parse(text).user.name).toBe('Ada')
    })

    test('broken escapes', async () => {
      const host = await serving(harness, echoAuth())
      const [ours, theirs] = [await host.send('/api/auth/%zz'), await host.send('/%zz')]
      if (harness.refusesBrokenEscapes) return expect([ours.status, theirs.status]).toEqual([400, 400])
      expect(ours.echo().url).toContain('/api/auth/%zz')
      expect(theirs.text).toBe('host')
    })
  })
}

async function expectMistake(harness: Harness, row: MountCase, code: string): Promise<void> {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  const started = serving(harness, echoAuth(), row)
  const prefix = row.under?.join('') ?? ''
  const named = [prefix, '/api/auth'].filter((path) => prefix && path).map((path) => `"${path}"`)
  if (harness.tells === 'at start') {
    const { code: told, message } = await started.then(
      () => ({ code: 'none', message: '' }),
      (error) => error,
    )
    expect(told).toBe(code)
    for (const path of named) expect(message).toContain(path)
    return
  }
  const host = await started
  if (harness.tells === 'never' && code === 'KEYSTILE_WRONG_MOUNT') {
    // All that is reached there is the app's own, and nothing of it breaks.
    for (const path of ['/', '/x', '/api/auth/ok']) {
      expect((await host.send(`${row.under?.join('')}${path}`)).text, path).toBe('host')
    }
    return
  }
  // The first request that reaches the gate, and every other: each is answered, with nothing of what is wrong in it.
  for (const path of ['/', '/x', '/x']) {
    const { status, text } = await host.send(prefix + path)
    expect([status, JSON.parse(text)], path).toEqual([500, { code, message: 'Internal Server Error' }])
  }
  // That is in the log, once, with what is seen and what to do.
  const [[line] = [], ...more] = warn.mock.calls
  expect([line, more]).toEqual([expect.stringMatching(/; +fix: mount /), []])
  expect(line).toContain(code)
  for (const path of named) expect(line).toContain(path)
  // In production the answer does not tell.
  vi.stubEnv('NODE_ENV', 'production')
  onTestFinished(() => void vi.unstubAllEnvs())
  const hidden = await host.send(`${prefix}/x`)
  expect([hidden.status, hidden.text.includes(code)]).toEqual([500, false])
}
