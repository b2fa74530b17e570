/**
 * The protocol as tables of exchanges with a handler. Nothing here is of a test framework or of Node, so that one table
 * runs in every runtime, and against every server.
 */
import { type Answer, type Browser, browser, type Handler, origin } from './browser.ts'

/** What the site takes at most, in bytes. */
export const largestBody = 16_384

export interface Exchange {
  readonly name: string
  /** Rejects where an answer is not the protocol's. */
  readonly run: () => Promise<void>
}

/** The protocol's exchanges, with the handler of a site as `site.ts` makes it. */
export function conformance(handler: Handler): readonly Exchange[] {
  return exchanges(protocol, handler)
}

/** Exchanges with the site's own pages, which a framework's adapter guards. */
export function guarding(handler: Handler): readonly Exchange[] {
  return exchanges(pages, handler, origin)
}

type Table = Readonly<Record<string, (visitor: () => Browser) => Promise<void>>>

function exchanges(table: Table, handler: Handler, base?: string): readonly Exchange[] {
  const visitor = () => browser(handler, { base })
  return Object.entries(table).map(([name, run]) => ({ name, run: () => run(visitor) }))
}

/** Somebody new at each call: the site may have a database that holds others. */
const somebody = () => ({ name: 'Zoë 😀 Ω', email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' })

const protocol: Table = {
  async 'sign-up opens a session'(visitor) {
    const [ann, person] = [visitor(), somebody()]
    const { status, json, setCookies } = await ann.post('/sign-up/email', person)
    same('status', status, 200)
    same('user', [json.user?.name, json.user?.email, json.user?.emailVerified], [person.name, person.email, false])
    same('cookies', setCookies.map(attributes), [
      [tokenCookie, 'Max-Age=604800; Path=/; HttpOnly; SameSite=Lax'],
      [cacheCookie, 'Max-Age=300; Path=/; HttpOnly; SameSite=Lax'],
    ])
    const read = await ann.get('/get-session')
    same('get-session', [read.status, read.json.user, read.json.session?.token], [200, json.user, json.token])
    same('cache-control', read.headers.get('cache-control'), 'no-store')
  },

  async 'sign-up refuses a taken address and a short password'(visitor) {
    const { person } = await signedUp(visitor)
    const email = person.email.toUpperCase()
    refused(await visitor().post('/sign-up/email', { ...person, email }), 422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL')
    const short = { ...somebody(), password: '1234567' }
    refused(await visitor().post('/sign-up/email', short), 400, 'PASSWORD_TOO_SHORT')
    refused(await visitor().post('/sign-up/email', { name: 'Nobody' }), 400, 'VALIDATION_ERROR')
  },

  async 'of two sign-ups at once with one address, one succeeds'(visitor) {
    const person = somebody()
    const answers = await Promise.all([person, person].map((who) => visitor().post('/sign-up/email', who)))
    same('answers', answers.map(({ status }) => status).sort(), [200, 422])
  },

  async 'sign-in takes the right password alone'(visitor) {
    const person = { ...somebody(), password: 'pa\u0308sswo\u0308rter' }
    await signedUp(visitor, person)
    const { email, password } = person
    const wrong = await visitor().post('/sign-in/email', { email, password: 'wrong horse' })
    refused(wrong, 401, 'INVALID_EMAIL_OR_PASSWORD')
    const nobody = await visitor().post('/sign-in/email', { email: somebody().email, password })
    same('for nobody', [nobody.status, nobody.text, nobody.setCookies], [wrong.status, wrong.text, []])
    const right = await visitor().post('/sign-in/email', { email, password: password.normalize('NFC') })
    same('right', [right.status, right.json.user?.email], [200, email])
  },

  async 'a session that is not remembered ends with the browser'(visitor) {
    const { person } = await signedUp(visitor)
    const { setCookies } = await visitor().post('/sign-in/email', { ...person, name: undefined, rememberMe: false })
    same('cookies', setCookies.map(attributes), [
      [tokenCookie, 'Path=/; HttpOnly; SameSite=Lax'],
      [forgetCookie, 'Path=/; HttpOnly; SameSite=Lax'],
      [cacheCookie, 'Path=/; HttpOnly; SameSite=Lax'],
    ])
  },

  async 'nobody has no session, nor has who forges one'(visitor) {
    same('nobody', (await visitor().get('/get-session')).text, 'null')
    const { ann, person } = await signedUp(visitor)
    same('somebody', (await ann.get('/get-session')).json?.user?.email, person.email)
    const [value = '', data = ''] = [ann.jar.get(tokenCookie), ann.jar.get(cacheCookie)]
    const forgers: [token: string, data?: string][] = [
      [value.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
      [value.slice(0, value.lastIndexOf('.'))],
      [encodeURIComponent(`${decodeURIComponent(value).split('.')[0]}.${'A'.repeat(43)}=`), data.replace(/^./, 'A')],
    ]
    for (const [token, copy] of forgers) {
      const forger = visitor()
      forger.jar.set(tokenCookie, token)
      if (copy) forger.jar.set(cacheCookie, copy)
      same(`with ${token}`, (await forger.get('/get-session')).text, 'null')
    }
  },

  async 'the cookie cache serves until the store is asked'(visitor) {
    const { ann, person } = await signedUp(visitor)
    const elsewhere = await signedIn(visitor, person)
    same('revoked', (await elsewhere.post('/revoke-other-sessions')).json, { status: true })
    const cached = await ann.get('/get-session')
    same('cached', [cached.json.user?.name, cached.setCookies], [person.name, []])
    const asked = await ann.get('/get-session?disableCookieCache=true')
    same('asked', [asked.text, ann.jar.size], ['null', 0])
  },

  async 'the cookie cache is set again where it is gone'(visitor) {
    const { ann } = await signedUp(visitor)
    ann.jar.delete(cacheCookie)
    const { setCookies } = await ann.get('/get-session')
    same('cookies', setCookies.map(attributes), [[cacheCookie, 'Max-Age=300; Path=/; HttpOnly; SameSite=Lax']])
  },

  async 'sessions are listed and revoked'(visitor) {
    const { ann, person } = await signedUp(visitor)
    const elsewhere = await signedIn(visitor, person)
    const listed = JSON.parse((await ann.get('/list-sessions')).text) as { token: string; createdAt: string }[]
    const others = listed.map(({ token }) => token).filter((token) => token !== tokenOf(ann))
    // Of another session a handle is told, not its token.
    same('listed', [listed.length, others.length, others.includes(tokenOf(elsewhere))], [2, 1, false])
    for (const { createdAt } of listed) same('a date', new Date(createdAt).toISOString(), createdAt)
    same('revoked', (await ann.post('/revoke-session', { token: others[0] })).json, { status: true })
    same('that one', (await elsewhere.get('/get-session?disableCookieCache=true')).text, 'null')
    same('this one', (await ann.get('/get-session?disableCookieCache=true')).json.user?.email, person.email)
    refused(await visitor().get('/list-sessions'), 401, 'UNAUTHORIZED')
  },

  async 'a user is renamed'(visitor) {
    const { ann } = await signedUp(visitor)
    same('renamed', (await ann.post('/update-user', { name: 'Ann' })).json, { status: true })
    same('cached', (await ann.get('/get-session')).json.user?.name, 'Ann')
    same('stored', (await ann.get('/get-session?disableCookieCache=true')).json.user?.name, 'Ann')
  },

  async 'a new password ends the other sessions and the old password'(visitor) {
    const { ann, person } = await signedUp(visitor)
    const elsewhere = await signedIn(visitor, person)
    const { email, password } = person
    const change = { currentPassword: password, newPassword: 'battery staple', revokeOtherSessions: true }
    refused(await ann.post('/change-password', { ...change, currentPassword: 'wrong' }), 400, 'INVALID_PASSWORD')
    same('changed', (await ann.post('/change-password', change)).status, 200)
    same('still in', (await ann.get('/get-session?disableCookieCache=true')).json.user?.email, email)
    same('elsewhere', (await elsewhere.get('/get-session?disableCookieCache=true')).text, 'null')
    refused(await visitor().post('/sign-in/email', { email, password }), 401, 'INVALID_EMAIL_OR_PASSWORD')
    await signedIn(visitor, { email, password: change.newPassword })
  },

  async 'sign-out ends the session and takes the cookies'(visitor) {
    const { ann } = await signedUp(visitor)
    const before = new Map(ann.jar)
    const { json, setCookies } = await ann.post('/sign-out', {})
    same('answer', json, { success: true })
    same('cookies', setCookies.map(attributes), [
      [tokenCookie, 'Max-Age=0; Path=/; HttpOnly; SameSite=Lax'],
      [cacheCookie, 'Max-Age=0; Path=/; HttpOnly; SameSite=Lax'],
      [forgetCookie, 'Max-Age=0; Path=/; HttpOnly; SameSite=Lax'],
    ])
    same('jar', ann.jar.size, 0)
    for (const [name, value] of before) ann.jar.set(name, value)
    same('the old cookie', (await ann.get('/get-session?disableCookieCache=true')).text, 'null')
  },

  async 'other origins change nothing'(visitor) {
    const { ann, person } = await signedUp(visitor)
    refused(await ann.post('/sign-out', {}, { origin: otherOrigin }), 403, 'INVALID_ORIGIN')
    refused(await ann.post('/sign-out', {}, { origin: null }), 403, 'MISSING_OR_NULL_ORIGIN')
    same('still in', (await ann.get('/get-session?disableCookieCache=true')).json.user?.email, person.email)
    const navigation = { origin: otherOrigin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    const { email, password } = person
    const answer = await visitor().post('/sign-in/email', { email, password }, navigation)
    refused(answer, 403, 'CROSS_SITE_NAVIGATION_LOGIN_BLOCKED')
  },

  async 'bodies that cannot be read are refused'(visitor) {
    const post = (body: unknown, headers = {}) => visitor().post('/sign-in/email', body, headers)
    refused(await post('{"email":'), 400, 'BAD_REQUEST')
    refused(await post(Uint8Array.of(0x22, 0xff, 0x22)), 400, 'BAD_REQUEST')
    refused(await post('email=a', { 'content-type': 'text/csv' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    refused(await post('[]'), 400, 'VALIDATION_ERROR')
    const fits = { email: 'a@example.com', password: 'x'.repeat(largestBody / 2) }
    refused(await post(fits), 401, 'INVALID_EMAIL_OR_PASSWORD')
    refused(await post({ ...fits, email: 'a'.repeat(largestBody) }), 413, 'PAYLOAD_TOO_LARGE')
  },

  async 'what is not there is an empty 404'(visitor) {
    const nowhere: [method: string, path: string][] = [
      ['GET', '/nowhere'],
      ['POST', '/ok/'],
      ['GET', '/sign-out'],
      ['DELETE', '/get-session'],
      ['HEAD', '/ok'],
    ]
    for (const [method, path] of nowhere) {
      const { status, text, setCookies } = await visitor().send(path, { method })
      same(`${method} ${path}`, [status, text, setCookies], [404, '', []])
    }
    refused(await visitor().post('/get-session'), 405, 'METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED')
    same('ok', (await visitor().get('/ok')).json, { ok: true })
  },
}

const signUp = '/api/auth/sign-up/email'

const pages: Table = {
  async 'a page knows who is there'(visitor) {
    const [ann, person] = [visitor(), somebody()]
    same('nobody', (await ann.get('/hello')).json, { name: null })
    await ann.post(signUp, person)
    const { json, setCookies } = await ann.get('/hello')
    same('somebody', [json, setCookies], [{ name: person.name }, []])
    ann.jar.delete(cacheCookie)
    const again = await ann.get('/hello')
    same('cookies', again.setCookies.map(attributes), [[cacheCookie, 'Max-Age=300; Path=/; HttpOnly; SameSite=Lax']])
  },

  async 'a guarded page is for who is signed in'(visitor) {
    const [ann, person] = [visitor(), somebody()]
    refused(await ann.get('/me'), 401, 'UNAUTHORIZED')
    await ann.post(signUp, person)
    const { status, json } = await ann.get('/me')
    same('in', [status, json.email], [200, person.email])
    const head = await ann.send('/me', { method: 'HEAD' })
    same('HEAD', [head.status, head.text], [200, ''])
    await ann.post('/api/auth/sign-out', {})
    refused(await ann.get('/me'), 401, 'UNAUTHORIZED')
  },

  async 'a guarded page may send visitors elsewhere'(visitor) {
    const { status, headers } = await visitor().get('/account')
    same('answer', [status, headers.get('location')], [302, '/sign-in'])
  },

  async 'pages that are not there are the framework’s'(visitor) {
    same('nowhere', (await visitor().get('/nowhere')).text, '404 Not Found')
    same('beside', (await visitor().get('/api/authors')).text, '404 Not Found')
  },
}

const tokenCookie = 'better-auth.session_token'
const cacheCookie = 'better-auth.session_data'
const forgetCookie = 'better-auth.dont_remember'
const otherOrigin = 'https://other.example'

async function signedUp(visitor: () => Browser, person = somebody()) {
  const ann = visitor()
  same('sign-up', (await ann.post('/sign-up/email', person)).status, 200)
  return { ann, person }
}

async function signedIn(visitor: () => Browser, { email, password }: { email: string; password: string }) {
  const caller = visitor()
  same('sign-in', (await caller.post('/sign-in/email', { email, password })).status, 200)
  return caller
}

/** The token behind the signed cookie of a jar. */
const tokenOf = ({ jar }: Browser) => decodeURIComponent(jar.get(tokenCookie) ?? '').split('.')[0] ?? ''

/** The name of a cookie and all that stands behind its value. */
const attributes = (line: string) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('; ') + 2)]

function refused(answer: Answer, status: number, code: string): void {
  same(code, [answer.status, answer.json?.code], [status, code])
}

function same(what: string, actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what}: ${is} instead of ${should}`)
}
