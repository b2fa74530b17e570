/** The exchanges, on every runtime: called within it, and over its own server behind the adapter for Hono. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Outcome } from '../../src/answering.ts'
import { browser, origin } from '../../src/browser.ts'
import { conformance, guarding } from '../../src/exchanges.ts'
import { over } from './over.ts'
import { need, ofName, runtimes, type Site, withFiles } from './runtimes.ts'

const folder = await mkdtemp(join(tmpdir(), 'keystile-runtimes-'))
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

/** What runtimes say of themselves, whatever runs on them. */
const remarks = [
  /^.*SQLite is an experimental feature.*\n.*--trace-warnings.*\n/m,
  /^Deno\.serve: request\.signal aborts on successful responses.*\n/m,
]

describe.for(runtimes)('AD-09 $name', (runtime) => {
  let site: Site | undefined
  const handler = over(() => site?.at ?? '')
  beforeAll(async () => {
    if (!runtime.missing) site = await runtime.start(folder)
  })
  afterAll(() => site?.stop())

  it('within it: the handler’s exchanges', async ({ skip }) => {
    need(runtime, skip)
    const response = await handler(new Request(`${origin}/conformance`))
    const outcomes: Outcome[] = await response.json()
    expect(outcomes).toEqual(conformance(handler).map(({ name }) => ({ name })))
  })

  it.for([...conformance(handler), ...guarding(handler)])('over its server: $name', async ({ run }, { skip }) => {
    need(runtime, skip)
    await run()
  })

  it('over its server: the address is that of the connection, where the runtime tells of one', async ({ skip }) => {
    need(runtime, skip)
    const ann = browser(handler)
    const email = `${crypto.randomUUID()}@example.com`
    await ann.post('/sign-up/email', { name: 'Ann', email, password: 'correct horse' })
    const [{ ipAddress }] = JSON.parse((await ann.get('/list-sessions')).text)
    expect(ipAddress || null).toBe(withFiles.includes(runtime) ? '127.0.0.1' : null)
  })

  it('the site’s log is empty', ({ skip }) => {
    need(runtime, skip)
    expect(remarks.reduce((text, remark) => text.replace(remark, ''), site?.complaints() ?? '')).toBe('')
  })
})

it('a Durable Object takes back all of a sign-up that fails', async ({ skip }) => {
  const runtime = ofName('workerd, in a Durable Object')
  need(runtime, skip)
  const site = await runtime.start(await mkdtemp(join(folder, 'undone-')))
  try {
    expect(await (await fetch(`${site.at}/undone`)).json()).toEqual({ status: 422, users: [] })
  } finally {
    await site.stop()
  }
})

it.for(withFiles)('at start $name tells where a gate is, and keeps nothing open', async (runtime, { skip }) => {
  need(runtime, skip)
  const told: Record<string, string> = JSON.parse((await runtime.begin?.(folder)) ?? '')
  const expected = Object.keys(told).map((name) => (name.endsWith('root') ? 'ready' : 'KEYSTILE_WRONG_MOUNT'))
  expect([Object.values(told), expected.length]).toEqual([expected, 8])
})

describe('argon2 where native packages cannot be loaded', () => {
  it.for([
    { name: 'Node 22', which: 'JavaScript, which is told', told: true },
    { name: 'Node 24', which: 'Node’s own', told: false },
  ])('on $name: $which', async ({ name, told }, { skip }) => {
    const runtime = ofName(name)
    need(runtime, skip)
    const site = await runtime.start(folder, { file: ':memory:', flags: ['--no-addons'] })
    try {
      const exchange = conformance(over(() => site.at)).find(({ name }) => name.startsWith('sign-in'))
      await exchange?.run()
      expect(site.complaints().includes('No native argon2')).toBe(told)
    } finally {
      await site.stop()
    }
  })
})

describe('the exchanges themselves', () => {
  const answers = [
    { what: 'an empty 404', handler: async () => new Response(null, { status: 404 }) },
    { what: 'null', handler: async () => Response.json(null) },
    { what: 'success', handler: async () => Response.json({ status: true, success: true, ok: true, user: {} }) },
  ]
  it.for(answers)('fail where everything is answered by $what', async ({ handler }) => {
    for (const { name, run } of [...conformance(handler), ...guarding(handler)]) {
      await expect(run(), name).rejects.toThrow()
    }
  })
})

it('a missing runtime is a skipped test, and in CI a failed one', () => {
  const skipped: string[] = []
  const skip = ((why: string) => skipped.push(why)) as never
  const missing = { name: 'Netscape', missing: 'nobody has it', start: () => Promise.reject() }
  vi.stubEnv('CI', '')
  need(missing, skip)
  expect(skipped).toEqual(['nobody has it'])
  vi.stubEnv('CI', 'true')
  expect(() => need(missing, skip)).toThrow('Netscape: nobody has it')
})
