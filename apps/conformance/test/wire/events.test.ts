/** What listeners are told, and that nothing hangs on them. */
import { createHash } from 'node:crypto'
import type { Plugin } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, bob, setup, start } from '../support.ts'

type Heard = [name: string, event: Record<string, unknown>]

function listening(more: Parameters<typeof setup>[0] = {}) {
  const heard: Heard[] = []
  const hear = (name: string) => (event: object) => void heard.push([name, { ...event }])
  const site = setup({
    events: {
      'user.created': hear('user.created'),
      'session.opened': hear('session.opened'),
      'session.ended': hear('session.ended'),
      'password.changed': hear('password.changed'),
      'sign-in.failed': hear('sign-in.failed'),
    },
    ...more,
  })
  /** What was heard since the last time. */
  const news = async () => {
    await site.auth.idle()
    return heard.splice(0)
  }
  return { ...site, news }
}

const handleOf = (token: string) => `h1.${createHash('sha256').update(token).digest('base64url')}`
const names = (heard: Heard[]) => heard.map(([name]) => name)

describe('events', () => {
  it('tell of sign-up and sign-in, with the handle in place of the token', async () => {
    const { browser, news, rows } = listening()
    const page = browser({ remoteAddress: '203.0.113.9' })
    const { json } = await page.post('/sign-up/email', ada, { 'user-agent': 'a browser' })
    const [created, opened] = await news()
    const circumstances = { at: new Date(start), ipAddress: '203.0.113.9', userAgent: 'a browser' }
    expect(created).toEqual(['user.created', { ...circumstances, user: rows.user[0] }])
    expect(opened).toMatchObject(['session.opened', { ...circumstances, method: 'pwd' }])
    const { session } = Object(opened?.[1]) as { session: { id: string; token: string } }
    expect([session.id, session.token]).toEqual([rows.session[0]?.id, handleOf(String(json.token))])
    expect(JSON.stringify([created, opened])).not.toContain(String(json.token))
  })

  it('tell of a sign-in that failed, whether there is such a user or not', async () => {
    const { browser, news, rows } = listening()
    await browser().signUp()
    await news()
    await browser().post('/sign-in/email', { ...ada, password: 'not the password' })
    await browser().post('/sign-in/email', bob)
    expect(await news()).toMatchObject([
      ['sign-in.failed', { name: ada.email, userId: rows.user[0]?.id }],
      ['sign-in.failed', { name: bob.email, userId: undefined }],
    ])
  })

  it('tell how sessions end', async () => {
    const { browser, news, rows } = listening()
    const [one, two] = [browser(), browser()]
    await one.signUp()
    const first = String((await two.signIn()).json.token)
    const userId = rows.user[0]?.id
    await news()
    await one.post('/revoke-session', { token: handleOf(first) })
    expect(await news()).toMatchObject([['session.ended', { userId, which: 'one', handle: handleOf(first) }]])
    await one.post('/revoke-session', { token: handleOf(first) })
    expect(await news()).toEqual([])
    await one.post('/revoke-other-sessions')
    expect(await news()).toMatchObject([['session.ended', { userId, which: 'others', handle: undefined }]])
    const own = String(((await one.get('/get-session')).json.session as { token: string }).token)
    const cookie = [...one.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    await one.post('/sign-out')
    expect(await news()).toMatchObject([['session.ended', { which: 'own', handle: handleOf(own) }]])
    await one.post('/sign-out', {}, { cookie })
    expect(await news()).toEqual([])
    await one.signIn()
    await one.post('/revoke-sessions')
    expect((await news()).slice(1)).toMatchObject([['session.ended', { userId, which: 'all' }]])
  })

  it('never tell a token, not even where tokens rest in clear', async () => {
    const { browser, news } = listening({ session: { storeToken: 'plain' } })
    const page = browser()
    const tokens = [String((await page.signUp()).json.token), String((await page.signIn()).json.token)]
    await page.post('/sign-out')
    const heard = await news()
    expect(names(heard)).toContain('session.ended')
    for (const token of tokens) {
      expect(JSON.stringify(heard)).not.toContain(token)
      expect(JSON.stringify(heard)).toContain(handleOf(token))
    }
  })

  it('tell of a changed password', async () => {
    const { browser, news } = listening()
    const page = browser()
    await page.signUp()
    await news()
    const change = { currentPassword: ada.password, newPassword: 'another password' }
    await page.post('/change-password', { ...change, currentPassword: 'not it' })
    expect(await news()).toEqual([])
    await page.post('/change-password', change)
    expect(names(await news())).toEqual(['password.changed', 'session.ended'])
  })

  it('reach plugins, and a listener that fails hurts nobody', async () => {
    const heard: string[] = []
    const ear: Plugin<'ear'> = { id: 'ear', events: { 'user.created': ({ user }) => heard.push(user.email) } }
    const { auth, browser, logged } = setup({
      plugins: [ear],
      events: {
        'user.created': () => {
          throw new Error('not now')
        },
      },
    })
    expect((await browser().signUp()).status).toBe(200)
    await auth.idle()
    expect(heard).toEqual([ada.email])
    expect(logged).toContain('error: a listener of user.created failed')
  })

  it('that nobody listens to leave no trace', async () => {
    const { auth, browser, logged } = setup({ events: { 'password.changed': () => {} } })
    await browser().signUp()
    await auth.idle()
    expect(logged.filter((line) => line.startsWith('error:'))).toEqual([])
  })
})
