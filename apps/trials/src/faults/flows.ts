/** Everything that touches the store, as somebody would ask for it. */
import { atRest, type Cookies, formsOf } from './tokens.ts'
import { type Answer, type Ask, ada, day, type FlowOptions, minute, type Setting, type Site } from './world.ts'

export interface Flow extends Setting {
  readonly name: string
  readonly run: (site: Site) => Promise<Answer>
  /** What it may answer when asked again, beside what it answers without a fault. */
  readonly again?: readonly number[] | undefined
  /** The store is asked behind the answer's back: whatever fails, the answer is the same. */
  readonly behind?: true | undefined
  /** The error is thrown and not answered: nobody need log it. */
  readonly thrown?: true | undefined
  /** Calls of which some may fail, and the answer is the same: the log alone tells. */
  readonly spares?: RegExp | undefined
  /** What is done or not done, and never half. */
  readonly whole?: ((site: Site) => boolean) | undefined
}

const post = (path: string, body: object, who?: keyof Cookies) => (site: Site) =>
  site.ask(path, { body, ...cookieOf(site, who) })
const get = (path: string, who?: keyof Cookies) => (site: Site) => site.ask(path, cookieOf(site, who))
const cookieOf = (site: Site, who: keyof Cookies | undefined): Ask => (who ? { cookie: site.cookies[who] } : {})

const eve = { name: 'Eve', email: 'eve@example.com', password: 'tr0ub4dor and 3' }
const right = { email: ada.email, password: ada.password }
const wrong = { ...right, password: 'not this one' }
const change = { currentPassword: ada.password, newPassword: 'staple battery' }
/** A hash of the current format takes its time: only the default hasher knows others. */
const realHashes = { emailAndPassword: { password: undefined } } satisfies FlowOptions
const deferred = { session: { deferSessionRefresh: true } } satisfies FlowOptions
const discreet = { emailAndPassword: { requireEmailVerification: true } } satisfies FlowOptions
const cached = { session: { cookieCache: { enabled: true } } } satisfies FlowOptions
const shared = { production: true, rateLimit: { storage: 'database' } } satisfies FlowOptions

/** Whether the session of a cookie is there. */
const lives = (site: Site, cookie: string) => {
  const forms = formsOf(cookie)
  return site.rows('session').some(({ token }) => forms.includes(String(token)))
}
const changed = (site: Site) => site.rows('account').some(({ password }) => password === `quick:${change.newPassword}`)
const othersEnd = (site: Site) => changed(site) !== lives(site, site.cookies.other)
/** The old token is dead exactly where the password is new: the new one is the caller's or nobody's. */
const allEnd = (site: Site) => othersEnd(site) && changed(site) !== lives(site, site.cookies.own)

export const flows: readonly Flow[] = [
  { name: 'sign-up', run: post('/sign-up/email', eve), again: [422] },
  { name: 'sign-up over a session', run: post('/sign-up/email', eve, 'own'), again: [422] },
  { name: 'sign-up with a user name', run: post('/sign-up/email', { ...eve, username: 'eve_x' }), again: [400, 422] },
  { name: 'sign-up of a known address', run: post('/sign-up/email', ada) },
  { name: 'discreet sign-up', options: discreet, run: post('/sign-up/email', eve) },
  {
    name: 'discreet sign-up of a known address',
    options: { emailAndPassword: { ...discreet.emailAndPassword, onExistingUserSignUp() {} } },
    run: post('/sign-up/email', { ...ada, username: undefined }),
  },
  { name: 'sign-in', run: post('/sign-in/email', right) },
  { name: 'sign-in over a session', run: post('/sign-in/email', right, 'own') },
  { name: 'sign-in for a day', run: post('/sign-in/email', { ...right, rememberMe: false }) },
  { name: 'sign-in by user name', run: post('/sign-in/username', { username: ada.username, password: ada.password }) },
  { name: 'sign-in under shared limits', options: shared, run: post('/sign-in/email', right) },
  {
    name: 'sign-in, older hash',
    moved: 'hashes',
    options: realHashes,
    run: post('/sign-in/email', right),
    spares: /^update( account)?$/,
  },
  { name: 'wrong password', run: post('/sign-in/email', wrong) },
  { name: 'wrong password under shared limits', options: shared, run: post('/sign-in/email', wrong) },
  { name: 'unknown address', run: post('/sign-in/email', { ...right, email: 'nobody@example.com' }) },
  { name: 'user name that is taken', run: post('/is-username-available', { username: ada.username }) },
  { name: 'get-session', run: get('/get-session', 'own') },
  { name: 'get-session, refresh due', after: 2 * day, run: get('/get-session', 'own') },
  { name: 'get-session, expired', after: 8 * day, run: get('/get-session', 'own') },
  { name: 'get-session, to be cached', options: cached, run: get('/get-session', 'own') },
  { name: 'get-session, cached and refresh due', options: cached, after: 2 * day, run: get('/get-session', 'own') },
  { name: 'get-session, refresh left to a POST', options: deferred, after: 2 * day, run: get('/get-session', 'own') },
  { name: 'get-session by POST, refresh due', options: deferred, after: 2 * day, run: post('/get-session', {}, 'own') },
  { name: 'get-session, token in clear', moved: 'tokens', run: get('/get-session', 'own') },
  {
    name: 'get-session, token in clear and refresh due',
    moved: 'tokens',
    after: 2 * day,
    run: get('/get-session', 'own'),
  },
  { name: 'get-session under shared limits', options: shared, run: get('/get-session', 'own') },
  { name: 'update-user', run: post('/update-user', { name: 'Countess' }, 'own') },
  { name: 'update-user, user name', run: post('/update-user', { username: 'countess' }, 'own') },
  {
    name: 'change-password',
    run: post('/change-password', change, 'own'),
    again: [400],
    whole: othersEnd,
  },
  {
    name: 'change-password, all sessions end',
    run: post('/change-password', { ...change, revokeOtherSessions: true }, 'own'),
    again: [400, 401],
    whole: allEnd,
  },
  {
    name: 'change-password, all sessions end, tokens in clear',
    moved: 'tokens',
    run: post('/change-password', { ...change, revokeOtherSessions: true }, 'own'),
    again: [400, 401],
    whole: allEnd,
  },
  {
    name: 'change-password, no session ends',
    run: post('/change-password', { ...change, revokeOtherSessions: false }, 'own'),
    again: [400],
  },
  {
    name: 'change-password, wrong password',
    run: post('/change-password', { ...change, currentPassword: wrong.password }, 'own'),
  },
  { name: 'verify-password', run: post('/verify-password', { password: ada.password }, 'own') },
  { name: 'list-sessions', run: get('/list-sessions', 'own') },
  {
    name: 'revoke-session',
    run: (site) => post('/revoke-session', { token: atRest(site.cookies.other) }, 'own')(site),
  },
  {
    name: 'revoke-session, tokens in clear',
    moved: 'tokens',
    run: (site) => post('/revoke-session', { token: atRest(site.cookies.other) }, 'own')(site),
  },
  {
    name: 'revoke-session that is not there',
    run: post('/revoke-session', { token: 'of nobody' }, 'own'),
  },
  {
    name: 'revoke-session, own',
    run: (site) => post('/revoke-session', { token: atRest(site.cookies.own) }, 'own')(site),
    again: [401],
  },
  { name: 'revoke-sessions', run: post('/revoke-sessions', {}, 'own'), again: [401] },
  { name: 'revoke-other-sessions', run: post('/revoke-other-sessions', {}, 'own') },
  { name: 'sign-out', run: post('/sign-out', {}, 'own') },
  { name: 'sign-out, token in clear', moved: 'tokens', run: post('/sign-out', {}, 'own') },
  { name: 'ready, no tables yet', empty: true, run: (site) => site.ready(), thrown: true },
  { name: 'first sign-up, no tables yet', empty: true, run: post('/sign-up/email', eve), again: [422] },
  {
    name: 'sweep',
    after: 8 * day,
    async run(site) {
      site.clock.now += minute
      const answer = await site.ask('/ok')
      await site.idle()
      return answer
    },
    behind: true,
  },
]
