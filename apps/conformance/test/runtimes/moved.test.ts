/** One database file, opened by one runtime after the other: rows, hashes and cookies of each hold on all. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type Browser, browser } from '../../src/browser.ts'
import { over } from './over.ts'
import { need, withFiles } from './runtimes.ts'

const folder = await mkdtemp(join(tmpdir(), 'keystile-moved-'))
afterAll(() => rm(folder, { recursive: true }))

/** Who has signed up so far, where, and the cookies since then. */
const people: { readonly name: string; readonly email: string; readonly jar: Browser['jar'] }[] = []
const password = 'correct horse'

it.for([...withFiles, ...withFiles.slice(0, 1)])('everybody so far is known on $name', async (runtime, { skip }) => {
  need(runtime, skip)
  const site = await runtime.start(folder, { file: join(folder, 'moved.db') })
  const visitor = () => browser(over(() => site.at))
  try {
    for (const { name, email, jar } of people) {
      const known = visitor()
      for (const [cookie, value] of jar) known.jar.set(cookie, value)
      expect((await known.get('/get-session')).json?.user?.name).toBe(name)
      expect((await known.get('/get-session?disableCookieCache=true')).json?.user?.name).toBe(name)
      expect((await visitor().post('/sign-in/email', { email, password })).json.user?.name).toBe(name)
      const again = await visitor().post('/sign-up/email', { name, email, password })
      expect(again.json.code).toBe('USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL')
    }
    const newcomer = visitor()
    const person = { name: `from ${runtime.name}`, email: `${people.length}@example.com` }
    expect((await newcomer.post('/sign-up/email', { ...person, password })).status).toBe(200)
    people.push({ ...person, jar: newcomer.jar })
  } finally {
    await site.stop()
  }
})
