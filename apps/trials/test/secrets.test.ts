import { inspect } from 'node:util'
import { type AnyPlugin, createAuth, type Options } from '@keystile/core'
import { memoryAdapter } from '@keystile/core/memory'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Canaries } from '../src/secrets/canaries.ts'
import { hunt, secrets } from '../src/secrets/hunt.ts'
import { hunts } from '../src/secrets/hunts.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the search', () => {
  const secret = 'kP4v-9z_Qw7Lr2+Xb8Tn0='
  const canaries = new Canaries()
  canaries.add('it', secret)
  const bytes = Buffer.from(secret)
  it.each([
    ['as it is', `a ${secret} b`],
    ['URL-encoded', encodeURIComponent(secret)],
    ['hexadecimal', bytes.toString('hex')],
    ['base64', bytes.toString('base64')],
    ['base64 within more', Buffer.from(`{"token":"${secret}"}`).toString('base64')],
    ['base64url within more, otherwise aligned', Buffer.from(`{"a":"${secret}"}`).toString('base64url')],
    ['reversed', [...secret].reverse().join('')],
  ])('finds a secret %s', (_title, text) => {
    expect(canaries.leaks([{ name: 'log', text }])).toHaveLength(1)
  })

  it('finds halves of at least twelve characters', () => {
    const long = new Canaries()
    long.add('it', secret + secret.toLowerCase())
    expect(long.leaks([{ name: 'log', text: secret }])).toHaveLength(1)
    expect(long.leaks([{ name: 'log', text: secret.toLowerCase() }])).toHaveLength(1)
  })

  it('finds nothing where there is nothing', () => {
    expect(canaries.leaks([{ name: 'log', text: secret.slice(1).toUpperCase() }])).toEqual([])
  })
})

describe('LG-01 nothing that opens anything is left behind', () => {
  it.each(Object.keys(hunts))('by %s', async (name) => {
    const { leaks, canaries, searched, places } = await hunt(hunts[name] as (typeof hunts)[string])
    expect(leaks).toEqual([])
    // The search is worth something only where there was something to find, and somewhere to look.
    expect(canaries).toBeGreaterThan(9)
    expect(searched.row + searched.file).toBeGreaterThan(0)
    expect(searched.log).toBeGreaterThan(1)
    expect(searched.error).toBeGreaterThan(9)
    const told = places.filter((place) => place.name === 'log' || place.name === 'error')
    expect(told.filter(({ text }) => text.includes('$argon2'))).toEqual([])
  })
})

const options = {
  database: memoryAdapter({}),
  baseURL: 'https://app.example.com',
  secret: secrets.current,
  env: {},
  production: false,
  emailAndPassword: { enabled: true },
} satisfies Options

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const breaks = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const forged = '\r\n[keystile] all is well\u001b[2K\u2028\u0085\u0000'

/** Requests that are told of while developing, each with a line break in what is told. */
function forgeries(): Request[] {
  const at = (path: string, init: RequestInit = {}) => new Request(`https://app.example.com/api/auth${path}`, init)
  const json = { 'content-type': 'application/json' }
  const callback = { email: 'a@example.com', password: 'x', callbackURL: `https://evil.com/${forged}` }
  return [
    at(`/no-such-route${encodeURIComponent(forged)}`),
    at('/sign-in/email', { method: 'POST', headers: json, body: JSON.stringify(callback) }),
    at('/sign-in/email', { method: 'POST', headers: json, body: JSON.stringify({ ...callback, email: forged }) }),
    at('/sign-out', { method: 'POST', headers: { cookie: 'a=b', origin: `https://evil.com/\u0085${'\u009b'}2K` } }),
    at('/sign-up/email', {
      method: 'POST',
      headers: {
        ...json,
        'user-agent': `x\u0085y`,
        'x-forwarded-host': 'evil.com\u0085x',
        'x-forwarded-proto': 'https',
      },
      body: JSON.stringify({
        name: 'A',
        email: 'a@example.com',
        password: 'long enough',
        image: forged,
        [forged]: forged,
      }),
    }),
    at('/sign-up/email', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: 'fails', email: 'b@example.com', password: 'long enough' }),
    }),
  ]
}

/** Runs them against a service whose own code fails with what clients sent. */
async function forge(logger: Options['logger']): Promise<void> {
  const failing = {
    ...options,
    logger,
    databaseHooks: {
      user: {
        create: {
          before: (user: { name?: string }) => {
            if (user.name === 'fails') throw new Error(`no ${forged}`, { cause: new Error(forged) })
          },
        },
      },
    },
    events: { 'sign-in.failed': () => Promise.reject({ text: forged }) },
  } as Options<readonly AnyPlugin[]>
  const auth = createAuth(failing)
  for (const request of forgeries()) await auth.handler(request)
  await auth.idle()
}

describe('LG-02 what clients send cannot forge a line of the log', () => {
  it('in the messages that a logger of the app is given', async () => {
    const messages: string[] = []
    await forge({ level: 'debug', log: (_level, message) => void messages.push(message) })
    expect(messages.length).toBeGreaterThan(4)
    expect(messages.join()).toContain('evil.com')
    for (const message of messages) expect(message).not.toMatch(breaks)
  })

  it('on the console, where one event is one line, with the stacks of errors', async () => {
    const lines: string[] = []
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...parts) => {
        expect(parts).toHaveLength(1)
        lines.push(String(parts[0]))
      })
    }
    await forge({ level: 'debug' })
    expect(lines.join()).toContain('all is well')
    expect(lines.join()).toMatch(/Error: no .* \| at .* \| caused by Error: /)
    for (const line of lines) {
      expect(line).toMatch(/^\[keystile\] /)
      expect(line).not.toMatch(breaks)
    }
  })
})

describe('LG-03 errors hold no secret and no parameters of statements', () => {
  it('not even where a database of drizzle fails with all it knows', async () => {
    const { places, searched } = await hunt(hunts['a drizzle database that fails'] as (typeof hunts)[string])
    const told = places.filter(({ name }) => name === 'log' || name === 'error')
    const failed = told.filter(({ text }) => text.includes('something that nobody foresaw'))
    expect(failed.length).toBeGreaterThan(3)
    expect(searched.error).toBeGreaterThan(9)
    for (const { text } of failed) {
      expect(text).not.toMatch(/canary@example\.com|\$argon2|h1\.|params/)
      expect(text).toMatch(/\?/)
    }
  })

  it('not even at a start with a secret that will not do', () => {
    const weak = 'hunter2-hunter2-hunter2'
    const start = () =>
      createAuth({ ...options, secret: weak, production: true, logger: { disabled: true }, baseURL: 'nowhere' })
    let thrown: unknown
    try {
      start()
    } catch (error) {
      thrown = error
    }
    const shown = [inspect(thrown, { depth: 9, showHidden: true }), String(thrown), JSON.stringify(thrown)].join()
    expect(shown).toContain('SECRET_WEAK')
    expect(shown).not.toContain(weak)
  })
})

describe('LG-06 printing an instance shows no secret', () => {
  it.each([
    ['util.inspect', (auth: object) => inspect(auth, { depth: 12 })],
    ['console.log of an object around it', (auth: object) => inspect({ app: { auth } }, { depth: 12, colors: true })],
    ['JSON', (auth: object) => JSON.stringify(auth)],
    ['String', (auth: object) => String(auth)],
    ['its entries', (auth: object) => inspect(Object.entries(auth), { depth: 12 })],
  ])('by %s', async (_title, print) => {
    const auth = createAuth({ ...options, secrets: [{ version: 1, value: secrets.older }] })
    expect(auth.options).toHaveProperty('secret', secrets.current)
    await auth.$context
    const shown = print(auth)
    expect(shown).not.toContain(secrets.current)
    expect(shown).not.toContain(secrets.older)
  })

  it('nor does what `$context` gives', async () => {
    const auth = createAuth({ ...options, secrets: [{ version: 1, value: secrets.older }] })
    const shown = inspect(await auth.$context, { depth: 12, showHidden: true })
    expect(shown).not.toContain(secrets.current)
    expect(shown).not.toContain(secrets.older)
  })
})
