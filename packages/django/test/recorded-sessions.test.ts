/** Whole databases that Django made: whom each session belongs to, and what is in it. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { django } from '../src/django.ts'
import { pythonJson } from '../src/sessions/json.ts'
import { sqliteDriver } from '../src/sql/sqlite.ts'
import { type Recorded, recorded, recordedVersions } from '../src/testing/recorded.ts'
import type { DjangoVersion } from '../src/version.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A site over a copy. */
function open(version: DjangoVersion) {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-django-'))
  folders.push(folder)
  const path = join(folder, 'db.sqlite3')
  copyFileSync(new URL(`../fixtures/db-${version}.sqlite3`, import.meta.url), path)
  const keys = recorded('db', version)
  const driver = sqliteDriver(path)
  const site = django({ driver, secretKey: keys.secret_key, djangoVersion: version })
  return { site, sessions: keys.sessions as Recorded[] }
}

describe.each(recordedVersions)('of Django %s', (version) => {
  it('each session belongs to whom Django says, and holds what it held', async () => {
    const { site, sessions } = open(version)
    for (const { case: name, session_key, user } of sessions) {
      const request = site.open({
        method: 'GET',
        url: 'http://testserver/',
        headers: new Headers({ cookie: `sessionid=${session_key}` }),
      })
      const signedIn = await request.user()
      expect.soft({ name, user: signedIn?.get('username') ?? null }).toEqual({ name, user })
    }
    expect(sessions.length).toBeGreaterThan(9)
    await site.close()
  })

  it('what is in them is kept to the last digit, read and written', async () => {
    const { site, sessions } = open(version)
    for (const { case: name, session_key, python_json, expire_date } of sessions) {
      const live = Date.parse(expire_date) > Date.now()
      const session = await site.openSession(session_key)
      const text = live ? python_json : '{}'
      expect([name, session.key, pythonJson(session.data)]).toEqual([name, live ? session_key : undefined, text])
      session.set('added', 'ü')
      await session.save()
      const again = await site.openSession(session.key)
      expect(pythonJson(again.data)).toBe(`${text === '{}' ? '{' : `${text.slice(0, -1)},`}"added":"\\u00fc"}`)
    }
    await site.close()
  })
})
