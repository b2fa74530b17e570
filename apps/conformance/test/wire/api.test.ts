import { APIError } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, cleared, setup, signed, start, storedForm, tokenCookie } from '../support.ts'

async function signedUp() {
  const made = setup()
  const { headers, response } = await made.auth.api.signUpEmail({ body: ada, returnHeaders: true })
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return { ...made, token: response.token ?? '', cookie, headers: { cookie } }
}

describe('11.4 what a call gives', () => {
  it('the value itself, with dates', async () => {
    const { auth } = setup()
    const made = await auth.api.signUpEmail({ body: ada })
    expect(made.user).toMatchObject({ email: ada.email, createdAt: new Date(start) })
    expect(made.token).toMatch(/^[\w-]{43}$/)
  })

  it('asResponse', async () => {
    const response = await setup().auth.api.signUpEmail({ body: ada, asResponse: true })
    expect(response).toBeInstanceOf(Response)
    const body = (await response.json()) as { token: string }
    expect(response.headers.getSetCookie()[0]).toContain(signed(body.token))
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('a request given: a Response too', async () => {
    const { auth, headers, token } = await signedUp()
    const request = new Request('http://localhost:3000/x', { headers })
    const response: unknown = await auth.api.getSession({ request })
    expect(response).toBeInstanceOf(Response)
    expect(await (response as Response).json()).toMatchObject({ session: { token } })
    const body = { email: 'x', password: 'x' }
    const refused: unknown = await auth.api.signInEmail({ body, request: new Request('http://localhost:3000/x') })
    expect(refused).toMatchObject({ status: 400 })
  })

  it('asResponse: false wins over a request', async () => {
    const { auth, headers, token } = await signedUp()
    const request = new Request('http://localhost:3000/x', { headers })
    expect(await auth.api.getSession({ request, asResponse: false })).toMatchObject({ session: { token } })
  })

  it('returnHeaders, returnStatus, both', async () => {
    const { auth, headers } = await signedUp()
    const withHeaders = await auth.api.signOut({ headers, returnHeaders: true })
    expect(Object.keys(withHeaders)).toEqual(['headers', 'response'])
    expect(withHeaders.response).toEqual({ success: true })
    expect(withHeaders.headers.getSetCookie()).toEqual(cleared)
    expect(await auth.api.ok({ returnStatus: true })).toEqual({ response: { ok: true }, status: undefined })
    const both = await auth.api.ok({ returnStatus: true, returnHeaders: true })
    expect(Object.keys(both)).toEqual(['headers', 'response', 'status'])
  })

  it('no headers but those that were set', async () => {
    const { auth } = setup()
    const { headers } = await auth.api.ok({ returnHeaders: true })
    expect([...headers]).toEqual([])
    const response = await auth.api.ok({ asResponse: true })
    expect([...response.headers]).toEqual([['content-type', 'application/json']])
  })

  it('1.2.6 Location is among the headers', async () => {
    const { auth } = await signedUp()
    const { headers } = await auth.api.signInEmail({ body: { ...ada, callbackURL: '/in' }, returnHeaders: true })
    expect(headers.get('location')).toBe('/in')
  })
})

describe('11.4 how a call refuses', () => {
  it('throws an APIError', async () => {
    const error: unknown = await setup()
      .auth.api.signInEmail({ body: { email: 'x', password: 'x' } })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({
      name: 'APIError',
      status: 'BAD_REQUEST',
      statusCode: 400,
      body: { message: 'Invalid email', code: 'INVALID_EMAIL' },
      message: 'Invalid email',
    })
    expect((error as APIError).headers).toBeInstanceOf(Headers)
  })

  it('validates', async () => {
    const call = setup().auth.api.signInEmail({ body: { email: 5 } as never })
    await expect(call).rejects.toMatchObject({ statusCode: 400, body: { code: 'VALIDATION_ERROR' } })
  })

  it('asks who is calling', async () => {
    const call = setup().auth.api.listSessions({ headers: {} })
    await expect(call).rejects.toMatchObject({ status: 'UNAUTHORIZED', statusCode: 401 })
  })

  it('asResponse: as an answer', async () => {
    const response = await setup().auth.api.signInEmail({ body: { email: 'x', password: 'x' }, asResponse: true })
    expect([response.status, await response.json()]).toEqual([400, { message: 'Invalid email', code: 'INVALID_EMAIL' }])
  })

  it.each([false, true])('what is no refusal is thrown as it is; asResponse: %s', async (asResponse) => {
    const broken = new RangeError('broken')
    const before = () => {
      throw broken
    }
    await expect(setup({ hooks: { before } }).auth.api.ok({ asResponse })).rejects.toBe(broken)
  })

  it('a redirect is thrown', async () => {
    const { auth } = setup({ onAPIError: { errorURL: '/oops' } })
    const error: unknown = await auth.api.error({ query: { error: 'x' } }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 'FOUND', statusCode: 302, body: undefined })
    expect((error as APIError).headers.get('location')).toBe('/oops?error=x')
  })

  it('cookies set before it are on its headers', async () => {
    const { auth, headers, rows } = await signedUp()
    rows.session.splice(0)
    const error: unknown = await auth.api.listSessions({ headers }).catch((thrown: unknown) => thrown)
    expect((error as APIError).headers.getSetCookie()).toEqual(cleared)
  })

  it('a refusal of a call that set no cookie is thrown as it is', async () => {
    const refusal = new APIError('FORBIDDEN', { message: 'Not now' })
    const before = () => {
      throw refusal
    }
    await expect(setup({ hooks: { before } }).auth.api.ok()).rejects.toBe(refusal)
  })

  it('a refusal that an app throws again and again has the cookies of no call but the last', async () => {
    class NotNow extends APIError {
      readonly until = 'tomorrow'
    }
    const refusal = new NotNow('FORBIDDEN', { message: 'Not now' })
    const after = () => {
      throw refusal
    }
    const { auth } = setup({ hooks: { after } })
    const caught = async (email: string): Promise<APIError> =>
      auth.api.signUpEmail({ body: { ...ada, email } }).then(
        () => expect.unreachable(),
        (error) => error,
      )
    const [first, second] = [await caught('a@example.com'), await caught('b@example.com')]
    expect([first, second].map(({ headers }) => headers.getSetCookie().length)).toEqual([1, 1])
    expect(second.headers.getSetCookie()).not.toEqual(first.headers.getSetCookie())
    expect(second).toBeInstanceOf(NotNow)
    expect(second).toMatchObject({ status: 'FORBIDDEN', body: { message: 'Not now' }, until: 'tomorrow' })
    expect(second.stack).toBe(refusal.stack)
    expect(refusal.headers.getSetCookie()).toEqual([])
  })

  it.each(['getSession', 'signOut', 'listSessions', 'revokeSessions', 'revokeOtherSessions'] as const)(
    '2.2 %s without headers',
    async (name) => {
      const { auth } = await signedUp()
      const expected = { statusCode: 400, body: { message: 'Headers is required', code: 'VALIDATION_ERROR' } }
      await expect(auth.api[name]()).rejects.toMatchObject(expected)
    },
  )
  it('2.2 revokeSession without headers', async () => {
    const { auth } = await signedUp()
    await expect(auth.api.revokeSession({ body: { token: 'x' } })).rejects.toMatchObject({
      body: { message: 'Headers is required' },
    })
  })
})

describe('11.4 every call', () => {
  it.each([
    ['a plain object', (cookie: string): HeadersInit => ({ cookie })],
    ['Headers', (cookie: string): HeadersInit => new Headers({ cookie })],
    ['pairs', (cookie: string): HeadersInit => [['cookie', cookie]]],
    ['an object with a header named get', (cookie: string): HeadersInit => ({ cookie, get: 'x' })],
  ])('takes headers as %s', async (_title, form) => {
    const { auth, cookie, token } = await signedUp()
    expect(await auth.api.getSession({ headers: form(cookie) })).toMatchObject({ session: { token } })
  })

  it('a whole life', async () => {
    const { auth, cookie, headers, token } = await signedUp()
    expect(await auth.getSession(new Headers(headers))).toMatchObject({ user: { email: ada.email } })
    expect(await auth.getSession(new Request('http://localhost/', { headers }))).toMatchObject({ session: { token } })
    expect(await auth.api.updateUser({ body: { name: 'B' }, headers })).toEqual({ status: true })
    expect(await auth.api.verifyPassword({ body: { password: ada.password }, headers })).toEqual({ status: true })
    const changed = await auth.api.changePassword({
      body: { currentPassword: ada.password, newPassword: 'password999' },
      headers,
    })
    expect(changed).toMatchObject({ token: null, user: { name: 'B' } })
    await auth.api.signInEmail({ body: { email: ada.email, password: 'password999' } })
    const sessions = await auth.api.listSessions({ headers })
    expect(sessions.map((session) => session.token)).toEqual([token, expect.stringMatching(/^h1\./)])
    expect(await auth.api.revokeSession({ body: { token: sessions[1]?.token ?? '' }, headers })).toEqual({
      status: true,
    })
    expect(await auth.api.revokeOtherSessions({ headers })).toEqual({ status: true })
    expect(await auth.api.listSessions({ headers })).toHaveLength(1)
    expect(await auth.api.revokeSessions({ headers })).toEqual({ status: true })
    expect(await auth.api.getSession({ headers })).toBeNull()
    expect(cookie).toContain(tokenCookie)
  })

  it('trap 29: none is checked for its origin or counted', async () => {
    const { auth } = setup({ rateLimit: { enabled: true, max: 1 } })
    const headers = { cookie: 'a=b', origin: 'https://evil.example' }
    for (let i = 0; i < 5; i++) await expect(auth.api.signOut({ headers })).resolves.toEqual({ success: true })
  })

  it('the token at rest is the hash', async () => {
    const { rows, token } = await signedUp()
    expect(rows.session[0]?.token).toBe(storedForm(token))
  })

  it('auth has its other members', async () => {
    const { auth } = setup()
    expect(auth.basePath).toBe('/api/auth')
    expect(await (await auth.fetch(new Request('http://localhost:3000/api/auth/ok'))).json()).toEqual({ ok: true })
    expect((await auth.$context).settings.basePath).toBe('/api/auth')
    expect(auth.options).toMatchObject({ emailAndPassword: { enabled: true } })
  })
})
