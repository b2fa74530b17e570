/** Django's session cookie, set and taken back beside ours. */
import { createAuth } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { testDatabases } from '../testing/databases.ts'
import { djangoDatabase } from './database.ts'
import { stage } from './testing/stage.ts'

describe.each(testDatabases.slice(0, 1))('the cookie of Django on $name', (database) => {
  const { all, run, scratch } = stage(database)
  const now = Date.UTC(2026, 0, 2)

  const calling = () => {
    const made = djangoDatabase({
      driver: scratch().driver,
      secretKey: 'the key',
      hashing: { hashers: [{ algorithm: 'pbkdf2_sha256', iterations: 1000 }] },
    })
    const { handler } = createAuth({
      database: made,
      secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
      baseURL: 'https://example.com',
      env: {},
      production: false,
      clock: () => now,
      emailAndPassword: { enabled: true, password: made.password },
      plugins: [made.sessionCookie({ name: 'sid', secure: true, domain: 'example.com' })],
    })
    return async (path: string, cookie: string, body?: object) => {
      const init = body && { method: 'POST', body: JSON.stringify(body) }
      const headers = { origin: 'https://example.com', cookie, 'content-type': 'application/json' }
      const response = await handler(new Request(`https://example.com/api/auth${path}`, { ...init, headers }))
      return response.headers.getSetCookie()
    }
  }
  const ann = { name: 'Ann', email: 'ann@example.com', password: 'correct horse' }

  it('lasts as long as ours', async () => {
    const call = calling()
    const lines = await call('/sign-up/email', '', ann)
    const [row] = await all('select session_key from django_session')
    expect(lines).toContain(
      `sid=${row?.session_key}; Domain=example.com; expires=Fri, 09 Jan 2026 00:00:00 GMT; HttpOnly; Max-Age=604800; Path=/; SameSite=Lax; Secure`,
    )
    const brief = await call('/sign-in/email', '', { ...ann, rememberMe: false })
    expect(brief.find((line) => line.startsWith('sid='))).toMatch(
      /^sid=[a-z0-9]{32}; Domain=example\.com; HttpOnly; Path/,
    )
    const ours = lines.map((line) => line.replace(/;.*/, '')).join('; ')
    // Nothing of ours is sent, and nothing of Django's.
    expect(await call('/get-session', ours)).toEqual([])
    expect((await call('/sign-out', ours, {})).filter((line) => /^sid=""; .*Max-Age=0/.test(line))).toHaveLength(1)
  })

  it('leaves a session alone that Django opened by itself', async () => {
    const call = calling()
    await run(
      "insert into django_session (session_key, session_data, expire_date) values ('abcdefgh12345678', '', '2026-02-01 00:00:00')",
    )
    const lines = await call('/sign-up/email', '', ann)
    const dead = lines.map((line) => line.replace(/;.*/, '')).filter((pair) => !pair.startsWith('sid='))
    await run("delete from django_session where session_key <> 'abcdefgh12345678'")
    const taken = async (key: string) =>
      (await call('/get-session', [...dead, `sid=${key}`].join('; '))).map((line) => line.slice(0, 4))
    expect(await taken('abcdefgh12345678')).not.toContain('sid=')
    expect(await taken('another-key-here')).toContain('sid=')
    expect(await call('/get-session', 'sid=another-key-here')).toEqual([])
  })
})
