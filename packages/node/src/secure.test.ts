/** Over TLS, by HTTP/1 and HTTP/2: the handler and the gate. */
import { buffer } from 'node:stream/consumers'
import { createAuth, type Mountable } from '@keystile/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chunksOffered, echoAuth, twelveCookies } from '../test/echo-auth.ts'
import { type Asked, type Opened, type Secure, textOf, ways } from '../test/tls.ts'
import { keystile, type NodeHandler, toNodeHandler } from './index.ts'

/** The two ways to mount an auth, and a guarded page where there is more than the auth. */
const mounts: Readonly<Record<string, (auth: Mountable, onError: (error: unknown) => void) => NodeHandler>> = {
  toNodeHandler: (auth, onError) => toNodeHandler(auth, { onError }),
  'a gate': (auth, onError) => {
    const gate = keystile(auth, { onError })
    const me = gate.requireUser((_req, res, user) => res.end(`${Reflect.get(user, 'email')}`))
    return async (req, res) => {
      if (!(await gate(req, res))) await me(req, res)
    }
  },
}

const cases = Object.entries(ways).flatMap(([way, serve]) =>
  Object.entries(mounts).map(([mount, handlerOf]) => ({ way, serve, mount, handlerOf })),
)

const jsonType = { 'content-type': 'application/json' }
const person = { name: 'Ada', email: 'ada@example.com', password: 'correct horse' }

/** A browser: it keeps cookies, and sends its origin. */
function visitor({ origin, open }: Secure) {
  const jar = new Map<string, string>()
  return async (path: string, { headers, ...asked }: Asked = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await open(path, { ...asked, headers: { origin, ...headers, ...(cookie && { cookie }) } })
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (line.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, value)
    }
    return { ...answer, text: await textOf(answer), jar }
  }
}

describe.for(cases)('over $way, $mount', ({ serve, mount, handlerOf }) => {
  async function serving() {
    const [auth, errors] = [echoAuth(), [] as unknown[]]
    return { auth, errors, ...(await serve(handlerOf(auth, (error) => errors.push(error)))) }
  }

  it('goes from sign-up to sign-out with Secure cookies, by its own https', async () => {
    const links: string[] = []
    const auth = createAuth({
      database: ':memory:',
      secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
      baseURL: { allowedHosts: ['localhost:*'] },
      env: {},
      production: true,
      logger: { disabled: true },
      emailAndPassword: { enabled: true },
      session: { cookieCache: { enabled: true } },
      emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url }) => void links.push(url) },
    })
    onTestFinished(() => auth.close())
    const site = await serve(handlerOf(auth, () => {}))
    const ask = visitor(site)
    const post = (path: string, body: object) =>
      ask(`/api/auth${path}`, { method: 'POST', headers: jsonType, body: JSON.stringify(body) })

    const up = await post('/sign-up/email', person)
    expect([up.status, up.cookies]).toEqual([
      200,
      [
        expect.stringMatching(/^__Secure-better-auth\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/),
        expect.stringMatching(/^__Secure-better-auth\.session_data=.*; HttpOnly; Secure; SameSite=Lax$/),
      ],
    ])
    await auth.idle()
    expect(new URL(links[0] ?? '').origin).toBe(site.origin)
    expect((await ask('/api/auth/get-session')).text).toContain(person.email)
    if (mount === 'a gate') expect((await ask('/me')).text).toBe(person.email)
    const { store, tables } = await auth.$context
    expect((await store.list(tables.session, {}))[0]?.ipAddress).toBe('127.0.0.1')

    const out = await post('/sign-out', {})
    expect([out.status, out.jar.size]).toEqual([200, 0])
    expect((await ask('/api/auth/get-session')).text).toBe('null')
    if (mount === 'a gate') expect((await ask('/me')).status).toBe(401)
    expect((await post('/sign-in/email', person)).status).toBe(200)
    expect((await ask('/api/auth/get-session')).text).toContain(person.email)
  })

  it('keeps twelve cookies apart, and the bytes of a body', async () => {
    const { origin, open } = await serving()
    expect((await open('/api/auth/cookies')).cookies).toEqual(twelveCookies)
    const echo = JSON.parse(await textOf(await open('/api/auth/x?y', { method: 'POST', body: 'é' })))
    expect(echo).toMatchObject({ url: `${origin}/api/auth/x?y`, body: Buffer.from('é').toString('base64') })
  })

  it('streams at the pace of the client, and stops when it leaves', async () => {
    const { auth, errors, open } = await serving()
    const whole = await open('/api/auth/stream')
    expect((await buffer(whole.body)).length).toBe(chunksOffered * 65_536)
    auth.pulled = 0
    const answer = await open('/api/auth/stream')
    await readSome(answer)
    answer.leave()
    await auth.cancelled
    expect(auth.pulled).toBeLessThan(chunksOffered)
    expect(errors).toEqual([])
    expect((await open('/api/auth/x')).status).toBe(200)
  })

  it('breaks off where the stream does, and lives', async () => {
    const { errors, open } = await serving()
    await expect(open('/api/auth/broken-stream').then(textOf)).rejects.toThrow()
    expect(errors).toMatchObject([{ message: 'stream broke' }])
    expect((await open('/api/auth/x')).status).toBe(200)
  })
})

const readSome = ({ body }: Opened) => new Promise((resolve) => body.once('readable', resolve))
