/** A browser against the demo as it is shipped, on each framework. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureChromium } from '../../../scripts/ensure-chromium.mjs'
import { frameworks } from '../src/options.ts'
import { picture, type Running, startDemo, temporaryFolder } from './support.ts'

const executablePath = ensureChromium()
const password = 'correct horse battery'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let browser: Browser
beforeAll(async () => {
  if (executablePath) browser = await chromium.launch({ executablePath, args })
})
afterAll(() => browser?.close())
beforeEach(({ skip }) => skip(!executablePath, 'no Chromium on this machine'))

describe.each(frameworks)('the demo on %s', (framework) => {
  const folder = temporaryFolder()
  const database = join(folder.path, 'demo.db')
  let demo: Running
  let complaints: string[]
  let people = 0

  beforeAll(async () => {
    demo = await startDemo(framework, database)
  })
  afterAll(async () => {
    await demo?.stop()
    folder.remove()
  })
  beforeEach(() => {
    complaints = []
  })
  afterEach(async () => {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? [])
    expect(complaints).toEqual([])
  })

  /** A browser of its own: cookies are not shared. */
  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: demo.url, reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      // The browser notes every refusal by itself; that we show them well is what the tests are for.
      const refusal = /^Failed to load resource: .* status of 4(00|01|22)/.test(message.text())
      if (message.type() === 'error' && !refusal) complaints.push(message.text())
    })
    await page.goto(path)
    return page
  }

  const newAddress = () => `person-${++people}@example.com`

  async function signUp(email = newAddress(), name = 'Ada Lovelace'): Promise<Page> {
    const page = await open('/sign-up')
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.waitForURL('/account')
    return page
  }

  async function trySignIn(email: string, word = password): Promise<Page> {
    const page = await open('/sign-in')
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(word)
    await page.getByRole('button', { name: 'Sign in' }).click()
    return page
  }

  async function signIn(email: string, word = password): Promise<Page> {
    const page = await trySignIn(email, word)
    await page.waitForURL('/account')
    return page
  }

  const sessionsOf = (page: Page) => page.getByRole('region', { name: 'Sessions' }).getByRole('listitem')
  const status = (page: Page) => page.getByRole('status')
  const focusedId = (page: Page) => page.evaluate(() => document.activeElement?.id)

  it('signs up with the keyboard alone', async () => {
    const page = await open('/sign-up')
    await page.getByRole('button', { name: 'Create account', disabled: false }).waitFor()
    for (let steps = 0; steps < 10 && (await focusedId(page)) !== 'name'; steps++) await page.keyboard.press('Tab')
    await page.keyboard.type('Grace Hopper')
    await page.keyboard.press('Tab')
    await page.keyboard.type(newAddress())
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.waitForURL('/account')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Grace Hopper')
    expect(await status(page).textContent()).toMatch('Welcome, Grace Hopper')
  })

  it('shows the mail that it would have sent', async () => {
    const email = newAddress()
    const page = await signUp(email)
    await page.getByRole('link', { name: 'Outbox' }).click()
    const mail = page.getByRole('main').getByRole('listitem').first()
    const text = await mail.textContent()
    expect(text).toContain('Confirm your e-mail address')
    expect(text).toContain(`To ${email}`)
    expect(text).toContain(`${demo.url}/api/auth/verify-email?token=`)
  })

  it('shows names as text, whatever is in them', async () => {
    const name = '<b onclick="alert(1)">&amp;</b>'
    const page = await signUp(newAddress(), name)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name)
    expect(await page.getByLabel('Name').inputValue()).toBe(name)
  })

  it('ends a session from another one', async () => {
    const email = newAddress()
    const first = await signUp(email)
    const second = await signIn(email)
    await first.reload()
    expect(await sessionsOf(first).count()).toBe(2)
    expect(await sessionsOf(first).filter({ hasText: 'This device' }).count()).toBe(1)
    expect(await sessionsOf(first).first().textContent()).toMatch(/Chrome on .*(127\.0\.0\.1|::1)/)

    await first.getByRole('button', { name: /^Revoke Chrome/ }).click()
    await status(first).getByText('The session is revoked.').waitFor()
    expect(await sessionsOf(first).count()).toBe(1)
    expect(await focusedId(first)).toBe('sessions')
    await second.reload()
    expect(new URL(second.url()).pathname).toBe('/sign-in')
  })

  it('ends all other sessions at once', async () => {
    const email = newAddress()
    const others = [await signUp(email), await signIn(email)]
    const last = await signIn(email)
    expect(await sessionsOf(last).count()).toBe(3)
    await last.getByRole('button', { name: 'Revoke all others' }).click()
    await status(last).getByText('revoked').waitFor()
    expect(await sessionsOf(last).count()).toBe(1)
    for (const other of others) {
      await other.reload()
      expect(new URL(other.url()).pathname).toBe('/sign-in')
    }
  })

  it('leads to sign-in when the session has ended meanwhile', async () => {
    const email = newAddress()
    const stale = await signUp(email)
    const page = await signIn(email)
    await page.getByRole('button', { name: 'Revoke all others' }).click()
    await status(page).getByText('revoked').waitFor()
    await stale.getByRole('button', { name: 'Save name' }).click()
    await stale.waitForURL('/sign-in')
  })

  it('changes the name, and keeps the place', async () => {
    const page = await signUp()
    await page.getByLabel('Name').fill('Augusta Ada King')
    await page.getByRole('button', { name: 'Save name' }).click()
    await status(page).getByText('Your name is changed.').waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Augusta Ada King')
    expect(await focusedId(page)).toBe('change-name')
    await page.reload()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Augusta Ada King')
  })

  it('changes the password: the old one and the other sessions end', async () => {
    const email = newAddress()
    const other = await signUp(email)
    const page = await signIn(email)
    const change = async (current: string) => {
      await page.getByLabel('Current password', { exact: true }).fill(current)
      await page.getByLabel('New password', { exact: true }).fill('another good one')
      await page.getByRole('button', { name: 'Change password' }).click()
    }
    await change('not the password')
    await page.getByRole('alert').getByText('Invalid password').waitFor()
    expect(await focusedId(page)).toBe('current-password')

    await change(password)
    await status(page).getByText('Your password is changed').waitFor()
    expect(await page.getByLabel('New password', { exact: true }).inputValue()).toBe('')
    expect(await sessionsOf(page).count()).toBe(1)
    await other.reload()
    expect(new URL(other.url()).pathname).toBe('/sign-in')

    const refused = await trySignIn(email, password)
    await refused.getByRole('alert').getByText('Invalid email or password').waitFor()
    await signIn(email, 'another good one')
  })

  it('tells of a wrong password beside the form, and takes the reader to the field', async () => {
    const email = newAddress()
    await signUp(email)
    const page = await trySignIn(email, 'wrong password')
    await page.getByRole('alert').getByText('Invalid email or password').waitFor()
    expect(await focusedId(page)).toBe('password')
    expect(await page.locator('#password').getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByRole('button', { name: 'Sign in' }).isEnabled()).toBe(true)
  })

  it('tells that an address is taken', async () => {
    const email = newAddress()
    await signUp(email)
    const page = await open('/sign-up')
    await page.getByLabel('Name').fill('Somebody Else')
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('alert').getByText('User already exists').waitFor()
    expect(await focusedId(page)).toBe('email')
  })

  it('shows and hides a password', async () => {
    const page = await open('/sign-in')
    const reveal = page.getByRole('button', { name: 'Show Password' })
    await reveal.click()
    expect(await page.locator('#password').getAttribute('type')).toBe('text')
    await reveal.click()
    expect(await page.locator('#password').getAttribute('type')).toBe('password')
  })

  it('signs out', async () => {
    const page = await signUp()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('/')
    expect(await status(page).textContent()).toBe('You are signed out.')
    await page.goto('/account')
    expect(new URL(page.url()).pathname).toBe('/sign-in')
  })

  it('keeps sessions over a restart, under a secret that is its own', async () => {
    const before = await signUp()
    const storageState = await before.context().storageState()
    await before.close()
    expect(await demo.stop()).toBe(0)
    demo = await startDemo(framework, database)
    // A cookie belongs to a host, whatever the port.
    const after = await open('/account', { storageState })
    expect(await after.getByRole('heading', { level: 1 }).textContent()).toBe('Ada Lovelace')
    if (process.platform !== 'win32') expect(statSync(`${database}.secret`).mode & 0o777).toBe(0o600)
  })

  it('answers an address that is not there with a page', async () => {
    const response = await fetch(`${demo.url}/nowhere`)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toContain('Page not found')
  })

  // The pages are the same on every framework: once is enough.
  if (framework !== 'hono') return
  it('is accessible, and fits desktop and phone, light and dark', async () => {
    const email = newAddress()
    const owner = await signUp(email)
    await signIn(email)
    const visitor = await open('/')
    const pages = [
      ['start', '/', visitor],
      ['sign-up', '/sign-up', visitor],
      ['sign-in', '/sign-in', visitor],
      ['start-signed-in', '/', owner],
      ['account', '/account', owner],
      ['outbox', '/outbox', owner],
    ] as const
    const looks = [
      ['desktop-light', { width: 1280, height: 800 }, 'light', true],
      ['desktop-dark', { width: 1280, height: 800 }, 'dark', false],
      ['phone-light', { width: 375, height: 740 }, 'light', false],
      ['phone-dark', { width: 375, height: 740 }, 'dark', true],
    ] as const
    for (const [name, path, page] of pages) {
      await page.goto(path)
      for (const [look, size, colorScheme, audited] of looks) {
        const where = `${name}-${look}`
        await page.setViewportSize(size)
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: picture(where), fullPage: true })
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), where).toBe(true)
        if (audited) expect(await axeViolations(page), where).toEqual([])
      }
      expect(await unlabelled(page), name).toEqual([])
    }
  })
})

/** Inputs that nothing names. */
const unlabelled = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLInputElement>('input:not([type=hidden], [hidden])')]
      .filter((input) => !input.labels?.length)
      .map((input) => input.outerHTML),
  )

/** What axe finds, a line each. Evaluated, not added as a script: the page's own policy would not have it. */
async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
}
