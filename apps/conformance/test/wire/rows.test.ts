import { createAuth, type Options } from '@keystile/core'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { ada, bob, browser as browse, origin, quickPasswords, secret, setup, start, tokenIn } from '../support.ts'
import { invalid, refusal, told } from './codes.ts'

type Fields = NonNullable<NonNullable<Options['user']>['additionalFields']>
const withFields = (additionalFields: Fields) => setup({ user: { additionalFields } })
const optional = { type: 'string', required: false } as const

describe('8.5 additional fields at sign-up', () => {
  const taken: readonly [string, Fields, given: object, stored: unknown][] = [
    ['declared', { x: optional }, { x: 'a' }, 'a'],
    ['absent', { x: optional }, {}, null],
    ['a default', { x: { type: 'string', defaultValue: 'd' } }, {}, 'd'],
    ['a computed default', { x: { type: 'string', defaultValue: () => 'd' } }, {}, 'd'],
    ['a default for a required one', { x: { type: 'string', required: true, defaultValue: 'd' } }, {}, 'd'],
    [
      'trap 17: input: false with a default, sent',
      { x: { type: 'string', input: false, defaultValue: 'd' } },
      { x: 'a' },
      'd',
    ],
    ['input: false, falsy', { x: { ...optional, input: false } }, { x: '' }, null],
    ['a number as text', { x: { type: 'number', required: false } }, { x: '12' }, 12],
    [
      'a transform',
      { x: { ...optional, transform: { input: (value) => String(value).toUpperCase() } } },
      { x: 'a' },
      'A',
    ],
    [
      'a validator’s output',
      { x: { ...optional, validator: { input: v.pipe(v.string(), v.trim()) } } },
      { x: ' a ' },
      'a',
    ],
    ['a literal', { x: { type: ['free', 'pro'], required: false } }, { x: 'pro' }, 'pro'],
    ['a list', { x: { type: 'string[]', required: false } }, { x: ['a', 'b'] }, ['a', 'b']],
    ['JSON', { x: { type: 'json', required: false } }, { x: { a: [1] } }, { a: [1] }],
  ]
  it.each(taken)('%s', async (_title, fields, given, stored) => {
    const { browser, rows } = withFields(fields)
    const answer = await browser().signUp({ ...ada, ...given })
    expect(answer.status).toBe(200)
    expect(answer.json.user?.x ?? null).toEqual(stored)
    expect(rows.user[0]?.x ?? null).toEqual(stored)
  })

  const refused: readonly [string, Fields, given: object, ReturnType<typeof refusal>][] = [
    [
      'a required one is absent',
      { x: { type: 'string', required: true } },
      {},
      refusal(400, 'MISSING_FIELD', 'x is required'),
    ],
    ['one that says nothing is absent', { x: { type: 'string' } }, {}, refusal(400, 'MISSING_FIELD', 'x is required')],
    [
      'input: false',
      { x: { ...optional, input: false } },
      { x: 'a' },
      refusal(400, 'FIELD_NOT_ALLOWED', 'x is not allowed to be set'),
    ],
    [
      'a validator refuses: its first issue',
      {
        x: {
          ...optional,
          validator: { input: v.pipe(v.string(), v.minLength(3, 'too short'), v.regex(/^z/, 'no z')) },
        },
      },
      { x: 'a' },
      invalid('too short'),
    ],
    [
      'a validator that is async',
      {
        x: {
          ...optional,
          validator: {
            input: v.pipeAsync(
              v.string(),
              v.checkAsync(async () => true),
            ),
          },
        },
      },
      { x: 'a' },
      refusal(500, 'ASYNC_VALIDATION_NOT_SUPPORTED'),
    ],
  ]
  it.each(refused)('%s', async (_title, fields, given, expected) => {
    const { browser, rows } = withFields(fields)
    expect(told(await browser().signUp({ ...ada, ...given }))).toEqual(expected)
    expect(rows.user).toEqual([])
  })

  it('trap 17: unknown keys, core fields and __proto__ are dropped', async () => {
    const { browser, rows } = withFields({ x: optional })
    const sent = `{"name":"A","email":"a@b.co","password":"password123","emailVerified":true,"id":"mine","createdAt":"x","role":"admin","__proto__":{"x":"polluted"},"constructor":{"prototype":{"x":1}}}`
    const { json, status } = await browser().post('/sign-up/email', sent)
    expect(status).toBe(200)
    expect(json.user).toMatchObject({ emailVerified: false, x: null })
    expect(rows.user[0]?.id).not.toBe('mine')
    expect(Object.hasOwn(rows.user[0] ?? {}, 'role')).toBe(false)
  })

  it('returned: false hides', async () => {
    const { browser, rows } = withFields({ x: { ...optional, returned: false } })
    const caller = browser()
    const up = await caller.signUp({ ...ada, x: 'a' })
    expect(rows.user[0]?.x).toBe('a')
    expect(up.json.user).not.toHaveProperty('x')
    expect((await caller.get('/get-session')).json.user).not.toHaveProperty('x')
  })

  it('go out as their transform makes them, and rest as they are', async () => {
    const { browser, rows } = withFields({ x: { ...optional, transform: { output: (value) => `<${value}>` } } })
    const caller = browser()
    expect((await caller.signUp({ ...ada, x: 'a' })).json.user?.x).toBe('<a>')
    expect((await caller.get('/get-session')).json.user?.x).toBe('<a>')
    expect(rows.user[0]?.x).toBe('a')
  })
})

describe('8.5 additional fields at update-user', () => {
  const fields: Fields = {
    x: optional,
    fixed: { type: 'string', input: false, defaultValue: 'd' },
    needed: { type: 'string', required: true, defaultValue: 'n' },
  }
  it('writes what is declared, asks for nothing', async () => {
    const { browser, rows } = withFields(fields)
    const caller = browser()
    await caller.signUp()
    expect((await caller.post('/update-user', { x: 'b' })).status).toBe(200)
    expect(rows.user[0]).toMatchObject({ x: 'b', fixed: 'd', needed: 'n' })
  })

  it('trap 17: input: false is refused although it has a default', async () => {
    const { browser } = withFields(fields)
    const caller = browser()
    await caller.signUp()
    expect(told(await caller.post('/update-user', { fixed: 'e' }))).toEqual(
      refusal(400, 'FIELD_NOT_ALLOWED', 'fixed is not allowed to be set'),
    )
  })
})

describe('8.5 fields of sessions', () => {
  it('defaults are applied and go out', async () => {
    const { browser, rows } = setup({
      session: { additionalFields: { theme: { type: 'string', defaultValue: 'dark' } } },
    })
    const caller = browser()
    await caller.signUp()
    expect(rows.session[0]?.theme).toBe('dark')
    expect((await caller.get('/get-session')).json.session?.theme).toBe('dark')
  })
})

describe('8.3 renaming', () => {
  it('tables and columns are renamed, the wire is not', async () => {
    const auth = createAuth({
      database: ':memory:',
      secret,
      baseURL: origin,
      env: {},
      production: false,
      logger: { disabled: true },
      clock: () => start,
      emailAndPassword: { enabled: true, password: quickPasswords },
      user: {
        modelName: 'people',
        fields: { name: 'full_name', email: 'mail' },
        additionalFields: { plan: { ...optional, fieldName: 'plan_code' } },
      },
      session: { modelName: 'visits', fields: { token: 'token_hash', userId: 'person_id' } },
      account: { modelName: 'logins', fields: { userId: 'person_id', password: 'secret_hash' } },
    })
    const caller = browse(auth.handler)
    const { json } = await caller.signUp({ ...ada, plan: 'pro' })
    expect(json.user).toMatchObject({ name: 'Ada', email: ada.email, plan: 'pro' })
    expect((await caller.get('/get-session')).json).toMatchObject({
      session: { token: tokenIn(caller.jar), userId: json.user?.id },
      user: { name: 'Ada', plan: 'pro' },
    })
    expect((await caller.post('/update-user', { name: 'B' })).status).toBe(200)
    expect((await browse(auth.handler).signIn()).json.user).toMatchObject({ name: 'B' })
    expect(await caller.get('/list-sessions')).toMatchObject({ json: { length: 2 } })
    await auth.close()
  })

  it('rows carry the new names', async () => {
    const { browser, rows } = setup({ user: { modelName: 'people', fields: { name: 'full_name' } } })
    const caller = browser()
    expect((await caller.signUp()).json.user).toMatchObject({ name: 'Ada' })
    const all = JSON.stringify(rows)
    expect(all).toContain('ada@example.com')
    expect((await caller.get('/get-session')).json.user).toMatchObject({ name: 'Ada' })
  })
})

describe('8.4 ids', () => {
  let made = 0
  const cases: readonly [string, NonNullable<Options['advanced']>['database'], RegExp][] = [
    ['unless said', undefined, /^[A-Za-z0-9]{32}$/],
    ['uuid', { generateId: 'uuid' }, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['serial', { generateId: 'serial' }, /^1$/],
    ['the database’s', { generateId: false }, /^.+$/],
    ['a function', { generateId: ({ model }) => `${model}-${++made}` }, /^(?:user|session)-\d+$/],
    ['a function that says false', { generateId: () => false }, /^.+$/],
  ]
  it.each(cases)('%s', async (_title, database, form) => {
    for (const kind of [':memory:', undefined]) {
      const { auth, browser } = setup({ advanced: { database }, ...(kind ? { database: kind } : {}) })
      const caller = browser()
      expect((await caller.signUp()).status).toBe(200)
      const { session, user } = (await caller.get('/get-session')).json
      expect(user?.id).toMatch(form)
      expect(session?.id).toMatch(form)
      expect(session?.userId).toBe(user?.id)
      expect(session?.token).toMatch(/^[\w-]{43}$/)
      expect((await browser().signIn()).json.user?.id).toBe(user?.id)
      await auth.close()
    }
  })
})

describe('8.8 databaseHooks', () => {
  it('create: before may change, after sees what was made', async () => {
    const seen: string[] = []
    const { browser, rows } = setup({
      databaseHooks: {
        user: {
          create: {
            before: (data) => ({ data: { name: `${data.name}!` } }),
            after: (row) => seen.push(`user ${row.name} ${typeof row.id}`),
          },
        },
        account: { create: { after: (row) => seen.push(`account ${row.providerId}`) } },
        session: {
          create: {
            before: () => ({ data: { userAgent: 'hooked' } }),
            after: (row) => seen.push(`session ${row.userAgent}`),
          },
        },
      },
    })
    const caller = browser()
    const { json } = await caller.signUp()
    expect(json.user).toMatchObject({ name: 'Ada!' })
    expect(rows.user[0]?.name).toBe('Ada!')
    expect(seen).toEqual(['user Ada! string', 'account credential', 'session hooked'])
    expect((await caller.get('/get-session')).json.session?.userAgent).toBe('hooked')
  })

  it('create: plugins’ hooks come first, the app’s last, each sees what came before', async () => {
    const add = (text: string) => ({
      create: { before: (data: Record<string, unknown>) => ({ data: { name: `${data.name}${text}` } }) },
    })
    const { browser } = setup({
      plugins: [
        { id: 'one', databaseHooks: { user: add('1') } },
        { id: 'two', databaseHooks: { user: add('2') } },
      ],
      databaseHooks: { user: add('3') },
    })
    expect((await browser().signUp()).json.user).toMatchObject({ name: 'Ada123' })
  })

  it('after-hooks run after the commit, and not when there is none', async () => {
    const rows = { user: [], account: [] }
    const seen: number[] = []
    let refuse = false
    const { browser } = setup(
      {
        databaseHooks: {
          user: { create: { after: () => void seen.push(rows.account.length) } },
          account: { create: { before: () => (refuse ? false : undefined) } },
        },
      },
      rows,
    )
    await browser().signUp()
    refuse = true
    expect((await browser().signUp(bob)).status).toBe(400)
    expect(seen).toEqual([1])
    expect(rows.user).toHaveLength(1)
  })

  it('a session create hook sees the raw token', async () => {
    const seen: unknown[] = []
    const note = (row: Record<string, unknown>) => void seen.push(row.token)
    const { browser, rows } = setup({ databaseHooks: { session: { create: { before: note, after: note } } } })
    const caller = browser()
    await caller.signUp()
    expect(seen).toEqual([tokenIn(caller.jar), tokenIn(caller.jar)])
    expect(rows.session[0]?.token).not.toBe(seen[0])
  })

  it('update: before sees the patch, false leaves the row', async () => {
    const patches: object[] = []
    let refuse = false
    const { browser, rows } = setup({
      databaseHooks: {
        user: {
          update: {
            before: (patch) => {
              patches.push(patch)
              return refuse ? (false as const) : { data: { image: '/set.png' } }
            },
          },
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    await caller.post('/update-user', { name: 'B' })
    expect(patches).toEqual([{ name: 'B', updatedAt: new Date(start) }])
    expect(rows.user[0]).toMatchObject({ name: 'B', image: '/set.png' })
    refuse = true
    expect((await caller.post('/update-user', { name: 'C' })).status).toBe(400)
    expect(rows.user[0]).toMatchObject({ name: 'B' })
  })

  it('delete: before may keep a row, after is told per row', async () => {
    const gone: unknown[] = []
    const { browser, rows } = setup({
      databaseHooks: {
        session: {
          delete: {
            before: (row) => (row.userAgent === 'keep' ? false : undefined),
            after: (row) => gone.push(row.userAgent),
          },
        },
      },
    })
    const caller = browser()
    await caller.signUp()
    for (const agent of ['keep', 'go']) {
      await browser().post('/sign-in/email', { email: ada.email, password: ada.password }, { 'user-agent': agent })
    }
    await caller.post('/revoke-other-sessions')
    expect(gone).toEqual(['go'])
    expect(rows.session).toHaveLength(2)
  })

  it('hooks are told of the call under way', async () => {
    const agents: unknown[] = []
    const { browser } = setup({
      databaseHooks: {
        user: { create: { before: (_data, context) => void agents.push(context?.headers.get('user-agent')) } },
      },
    })
    await browser().post('/sign-up/email', ada, { 'user-agent': 'Test/1' })
    expect(agents).toEqual(['Test/1'])
  })
})
