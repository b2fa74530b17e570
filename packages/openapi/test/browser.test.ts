/** The page in a browser: its scripts run, its requests are sent, nothing comes from elsewhere. */
import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { withOpenapi } from '@keystile/openapi'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { ensureChromium } from '../../../scripts/ensure-chromium.mjs'
import { info, makeApp } from './app.ts'

const executablePath = ensureChromium()
const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']
/** Pictures of the page; outside git. */
const artifacts = fileURLToPath(new URL('../../../artifacts/openapi/', import.meta.url))

let browser: Browser
let server: Server
let url: string
const complaints: string[] = []
const hosts = new Set<string>()

/** Stands for Swagger UI: says what it was started with. */
const viewer = `window.SwaggerUIBundle = (options) => {
  document.querySelector(options.dom_id).textContent = 'viewer of ' + new URL(options.url, location)
}`

beforeAll(async () => {
  if (!executablePath) return
  browser = await chromium.launch({ executablePath, args })
  let fetch: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  server = serve({ fetch: (request) => fetch(request), port: 0, hostname: 'localhost' }) as Server
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  url = `http://localhost:${typeof address === 'object' ? address?.port : ''}`
  const { api } = makeApp('protocol', { baseURL: url })
  const own = withOpenapi(api, { info: { ...info, description: 'Notes of <b>everybody</b>' } })
  const other = withOpenapi(own, {
    info,
    path: '/other',
    page: { viewer: 'swagger', script: { url: '/viewer.js' } },
  })
  fetch = (request) =>
    request.url.endsWith('/viewer.js')
      ? new Response(viewer, { headers: { 'content-type': 'text/javascript' } })
      : other.fetch(request)
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})
beforeEach(({ skip }) => skip(!executablePath, 'no Chromium on this machine'))
afterEach(async () => {
  await Promise.all(browser?.contexts().map((context) => context.close()) ?? [])
  expect(complaints.splice(0)).toEqual([])
  expect([...hosts].filter((host) => host !== new URL(url).host)).toEqual([])
})

async function open(path = '/api/docs', colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, colorScheme, reducedMotion: 'reduce' })
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => hosts.add(new URL(request.url()).host))
  page.on('console', (message) => {
    const refusal = /status of 40[014]/.test(message.text())
    if (message.type() === 'error' && !refusal && !message.location().url.endsWith('/favicon.ico')) {
      complaints.push(message.text())
    }
  })
  await page.goto(path)
  return page
}

/** Opens an operation, fills it in, and gives what came back. */
async function tryOut(page: Page, id: string, fill: Readonly<Record<string, string>> = {}, credentials?: string) {
  const part = page.locator(`#${id}`)
  if (!(await part.evaluate((element) => (element as HTMLDetailsElement).open)))
    await part.locator('summary').first().click()
  for (const [label, value] of Object.entries(fill)) await part.getByLabel(label).fill(value)
  if (credentials) await part.getByLabel('Credentials').selectOption({ label: credentials })
  await part.locator('[aria-live] *').evaluateAll((nodes) => nodes.map((node) => node.remove()))
  await part.getByRole('button', { name: 'Send' }).click()
  const heading = part.locator('[aria-live] h3')
  await heading.waitFor()
  const body = part.getByLabel('Body of the answer')
  return {
    status: Number((await heading.textContent())?.slice(0, 3)),
    body: (await body.count()) ? await body.textContent() : '',
  }
}

it('shows what the document says, as text', async () => {
  const page = await open()
  await page.getByRole('heading', { name: 'Notes', exact: true }).waitFor()
  expect(await page.getByText('Notes of <b>everybody</b>').count()).toBe(1)
  expect(await page.locator('details[id]').count()).toBe(36)
  expect(await page.locator('#notesRemove summary').first().textContent()).toContain('(deprecated)')
  await page.locator('#notesAdd summary').first().click()
  expect(await page.locator('#notesAdd').getByLabel('Body').inputValue()).toBe('{\n  "text": "milk"\n}')
})

it('signs in and calls a route with the cookie, and only with it', async () => {
  const page = await open()
  const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' })
  expect(await tryOut(page, 'peopleMe')).toMatchObject({ status: 401 })
  expect(await tryOut(page, 'signUpEmail', { Body: body })).toMatchObject({ status: 200 })
  const signedIn = await tryOut(page, 'signInEmail', { Body: body })
  expect(signedIn.status).toBe(200)
  expect(await tryOut(page, 'peopleMe', {}, 'session')).toEqual({ status: 200, body: '{\n  "name": "Ada"\n}' })
  expect(await tryOut(page, 'peopleMe', {}, 'none')).toMatchObject({ status: 401 })
  await page
    .getByRole('group', { name: 'bearer' })
    .getByLabel('Token')
    .fill(JSON.parse(signedIn.body ?? '').token)
  await page.context().clearCookies()
  expect(await tryOut(page, 'peopleMe', {}, 'session')).toMatchObject({ status: 401 })
  expect(await tryOut(page, 'peopleMe', {}, 'bearer')).toMatchObject({ status: 200 })
})

it('leads to the page that tells why a caller was refused', async () => {
  const page = await open()
  expect(await tryOut(page, 'peopleMe')).toMatchObject({ status: 401 })
  await page.locator('#peopleMe').getByRole('link', { name: 'Why?' }).click()
  await page.getByRole('heading', { name: 'Why this request was refused' }).waitFor()
})

it('changes things under the cookie', async () => {
  const page = await open()
  const body = JSON.stringify({ name: 'Bob', email: 'bob@example.com', password: 'correct horse' })
  expect(await tryOut(page, 'signUpEmail', { Body: body })).toMatchObject({ status: 200 })
  expect(await tryOut(page, 'peopleRename', { Body: '{"name":"Eve"}' }, 'session')).toEqual({ status: 204, body: '' })
})

it('sends a name and a password, and a key', async () => {
  const page = await open()
  const basic = page.getByRole('group', { name: 'basic' })
  await basic.getByLabel('User name').fill('admin')
  await basic.getByLabel('Password').fill('wrong')
  expect(await tryOut(page, 'notesOne', { id: '1' }, 'basic')).toMatchObject({ status: 401 })
  await basic.getByLabel('Password').fill('pass')
  expect(await tryOut(page, 'notesOne', { id: '1' }, 'basic')).toMatchObject({ status: 200 })
  expect(await tryOut(page, 'notesOne', { id: '9' }, 'basic')).toMatchObject({ status: 404 })
  expect(await tryOut(page, 'notesList', { limit: 'x' }, 'basic')).toMatchObject({ status: 400 })
  expect(await tryOut(page, 'notesList', {}, 'api_key')).toMatchObject({ status: 401 })
  await page.getByRole('group', { name: 'api_key' }).getByLabel('Value').fill('the key')
  expect(await tryOut(page, 'notesList', { limit: '2' }, 'api_key')).toMatchObject({ status: 200 })
})

it.each(['light', 'dark'] as const)('is readable for everybody when it is %s', async (scheme) => {
  const page = await open('/api/docs', scheme)
  await tryOut(page, 'notesOne', { id: '1' }, 'none')
  mkdirSync(artifacts, { recursive: true })
  await page.screenshot({ path: `${artifacts}${scheme}.png`, fullPage: true })
  // The page's own policy lets no script in from outside: it is checked as the browser shows it, under another.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  )
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
})

it('can be another viewer, under a policy that lets it start', async () => {
  const page = await open('/other/docs')
  await page.getByText(`viewer of ${url}/other/openapi.json`).waitFor()
})
