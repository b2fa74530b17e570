/** Django's session cookie beside ours: one sign-in for the pages of both. */
import type { AfterContext, Plugin } from '@keystile/core'
import { SESSION_COOKIE, type SessionCookieOptions, sessionCookie, sessionCookieDeletion } from '../sessions/cookie.ts'
import { isSessionKey } from '../sessions/key.ts'
import type { SqlParameter } from '../sql/driver.ts'
import { quoteName } from '../sql/names.ts'
import { binder } from './grammar.ts'
import type { DatabaseSettings } from './options.ts'

type None = Readonly<Record<never, never>>

export interface SessionCookiePlugin extends Plugin<'django-session-cookie', None, None, None> {}

export function sessionCookiePlugin(settings: DatabaseSettings, cookie: SessionCookieOptions): SessionCookiePlugin {
  const { driver, prefix, sessionTable } = settings
  const { name = SESSION_COOKIE } = cookie

  /** The key of the first row of a table that a column names. */
  async function keyOf(table: string, column: string, value: SqlParameter): Promise<string | undefined> {
    const { parameters, bind } = binder(driver.dialect)
    const [key, from, by] = ['session_key', table, column].map((text) => quoteName(driver.dialect, text))
    const [row] = await driver.all(`select ${key} from ${from} where ${by} = ${bind(value)}`, parameters)
    return typeof row?.session_key === 'string' ? row.session_key : undefined
  }

  /** Goes where ours goes: it is set with it, and taken back where its session is no more. */
  async function follow({ exchange, domain }: AfterContext): Promise<void> {
    const token = domain.makeCookie('session_token').name
    const ours = exchange.setCookies.find((line) => line.startsWith(`${token}=`))
    if (ours === undefined) return
    const current = await domain.sessions.read(exchange, { refresh: false })
    const key = current && (await keyOf(`${prefix}session`, 'id', current.session.id))
    if (current && key) {
      const now = domain.clock()
      const date = current.session.expiresAt
      const age = Math.max(0, Math.floor((date.getTime() - now) / 1000))
      const expiry = { age, date, atBrowserClose: !/; *max-age=/i.test(ours) }
      exchange.setCookieLine(sessionCookie(key, cookie, expiry, now))
      return
    }
    // One that Django opened by itself is its own to end.
    const [sent] = exchange.cookies(name)
    if (sent === undefined || (isSessionKey(sent) && (await keyOf(sessionTable, 'session_key', sent)))) return
    exchange.setCookieLine(sessionCookieDeletion(cookie))
  }

  return { id: 'django-session-cookie', hooks: [{ after: follow }] }
}
