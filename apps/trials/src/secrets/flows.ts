/** Everything a client can do, rightly and wrongly, with secrets that would be known again. */
import type { Canaries } from './canaries.ts'

export type Handler = (request: Request) => Promise<Response>

export const origin = 'https://app.example.com'
const base = `${origin}/api/auth`

interface Question {
  readonly query?: string
  readonly body?: unknown
  readonly form?: Record<string, string>
  readonly text?: string
  readonly headers?: Record<string, string>
}

/** A browser whose every cookie and token is a canary. */
function browser(handler: Handler, canaries: Canaries) {
  const jar = new Map<string, string>()
  return {
    jar,
    async ask(path: string, { query = '', body, form, text, headers }: Question = {}): Promise<unknown> {
      const sent = text ?? (form ? new URLSearchParams(form).toString() : body && JSON.stringify(body))
      const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const request = new Request(base + path + query, {
        method: sent === undefined ? 'GET' : 'POST',
        headers: { origin, ...(cookie ? { cookie } : {}), ...(sent ? { 'content-type': type } : {}), ...headers },
        ...(sent === undefined ? {} : { body: String(sent) }),
      })
      const answer = await handler(request)
      for (const line of answer.headers.getSetCookie()) this.keep(line)
      const got = await answer.text()
      const token = /"token":"([^"]+)"/.exec(got)?.[1]
      if (token && !token.startsWith('h1.')) canaries.add('a session token', token)
      return got === '' ? undefined : JSON.parse(got)
    },
    keep(line: string) {
      const [pair = ''] = line.split(';', 1)
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      if (value === '') {
        jar.delete(name)
        return
      }
      jar.set(name, value)
      // What says nothing but `true` is no secret; its signature is looked for all the same.
      for (const piece of decodeURIComponent(value).split('.')) {
        if (piece !== 'true') canaries.add(`a part of ${name}`, piece)
      }
    },
  }
}

/** The passwords of one run. */
export const passwords = {
  first: 'pw-first-Zebra7!crossing',
  second: 'pw-second-Quail4?lantern',
  wrong: 'pw-wrong-Otter9&harbour',
  typed: 'pw-typed-Heron3#elsewhere',
} as const

/** A token of another service, where somebody may put it by mistake. */
const stray = 'stray-T0kenOfAn0therServ1ce-94ab'

export async function runFlows(handler: Handler, canaries: Canaries): Promise<void> {
  for (const [name, password] of Object.entries(passwords)) canaries.add(`the ${name} password`, password)
  canaries.add('a stray token', stray)
  const email = 'canary@example.com'
  const { first, second, wrong, typed } = passwords
  const one = browser(handler, canaries)
  const two = browser(handler, canaries)
  const stranger = browser(handler, canaries)

  await one.ask('/sign-up/email', { body: { name: 'Canary', email, password: first, username: 'canary' } })
  await stranger.ask('/sign-up/email', { body: { name: 'Again', email, password: wrong } })
  await stranger.ask('/sign-up/email', { body: { name: 7, email, password: wrong } })
  await stranger.ask('/sign-up/email', { body: { name: 'x', email: 'no address', password: wrong, [first]: first } })
  await one.ask('/sign-in/email', { body: { email, password: first } })
  await two.ask('/sign-in/email', { form: { email, password: first } })
  await two.ask('/sign-in/username', { body: { username: 'canary', password: first, rememberMe: false } })
  await stranger.ask('/sign-in/email', { body: { email, password: wrong } })
  await stranger.ask('/sign-in/email', { body: { email: 'nobody@example.com', password: typed } })
  await stranger.ask('/sign-in/username', { body: { username: 'canary', password: wrong } })
  await stranger.ask('/sign-in/username', { body: { username: typed, password: wrong } })
  // Broken, misplaced, foreign.
  await stranger.ask('/sign-in/email', { text: `{"email":"${email}","password":"${wrong}` })
  await stranger.ask('/sign-in/email', { text: `password=${wrong}`, headers: { 'content-type': 'text/plain' } })
  await stranger.ask('/sign-in/email', { body: { email, password: { $ne: wrong } } })
  await stranger.ask('/sign-in/email', { query: `?password=${encodeURIComponent(wrong)}`, body: {} })
  await stranger.ask('/sign-in/email', {
    body: { email, password: wrong, callbackURL: `https://evil.com/?t=${stray}` },
  })
  await one.ask('/sign-out', { body: {}, headers: { origin: '', referer: `https://evil.com/reset?token=${stray}` } })
  await one.ask(`/reset-password/${stray}`)
  await one.ask('/verify-email', { query: `?token=${stray}` })
  await one.ask('/error', { query: `?error=${stray}`, headers: { authorization: `Bearer ${stray}` } }).catch(() => {})

  await one.ask('/get-session')
  await one.ask('/get-session', { query: '?disableCookieCache=true' })
  await one.ask('/get-session', { body: {} })
  const sessions = (await one.ask('/list-sessions')) as { token: string }[] | { code: string }
  await one.ask('/verify-password', { body: { password: wrong } })
  await one.ask('/verify-password', { body: { password: first } })
  await one.ask('/update-user', { body: { name: 'Canary the Second', username: 'canary2' } })
  await one.ask('/update-user', { body: { email: 'other@example.com', password: wrong } })
  await one.ask('/change-password', { body: { currentPassword: wrong, newPassword: second } })
  await one.ask('/change-password', {
    body: { currentPassword: first, newPassword: second, revokeOtherSessions: true },
  })
  await two.ask('/sign-in/email', { body: { email, password: second } })
  for (const { token } of Array.isArray(sessions) ? sessions : []) await one.ask('/revoke-session', { body: { token } })
  await one.ask('/revoke-session', { body: { token: stray } })
  await one.ask('/revoke-other-sessions', { body: {} })
  await two.ask('/get-session')
  await two.ask('/sign-in/email', { body: { email, password: second } })
  await two.ask('/sign-out', { body: {} })
  await one.ask('/revoke-sessions', { body: {} })
  await one.ask('/is-username-available', { body: { username: 'canary' } })
  await one.ask('/ok')
  // A session that lives on, so that its row is there to be looked at.
  await one.ask('/sign-in/email', { body: { email, password: second } })
}
