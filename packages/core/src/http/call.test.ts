import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAuth } from '../auth.ts'
import { endpoint } from '../contract/endpoint.ts'
import type { Hook } from '../contract/hook.ts'
import { challenge, type Gate } from '../domain/gates.ts'
import { APIError } from '../lib/errors.ts'
import { memoryAdapter } from '../store/memory-adapter.ts'
import { UniqueViolation, UnstorableValue } from '../store/store.ts'

interface Parts {
  readonly body?: v.GenericSchema
  readonly query?: v.GenericSchema
  readonly bodyIs?: readonly ('object' | 'record')[]
}

interface Given {
  readonly body: unknown
  readonly query: unknown
}

interface Around {
  readonly hooks?: readonly Hook[]
  readonly gates?: readonly Gate[]
  readonly strict?: boolean
}

/** The server calls of an app with an endpoint `probe`, which nobody but the server may call. */
function open(parts: Parts, handle: (given: Given) => unknown, { hooks, gates, strict }: Around = {}) {
  const probe = endpoint(
    { method: 'POST', access: 'server', summary: 'Probe', reply: v.unknown(), ...parts },
    ({ body, query }) => handle({ body, query }),
  )
  const auth = createAuth({
    database: memoryAdapter({}),
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: 'https://app.example.com',
    env: {},
    production: true,
    logger: { disabled: true },
    emailAndPassword: { enabled: true, password: { hash: async () => 'hash', verify: async () => true } },
    plugins: [{ id: 'probe', endpoints: { probe }, hooks, gates }],
    ...(strict ? { preset: 'strict' } : {}),
  })
  onTestFinished(() => auth.close())
  return auth.api as unknown as Record<'probe' | 'signUpEmail', (input?: object) => Promise<unknown>>
}

const echo = (given: Given) => given
const refused = (message: string) => ({ statusCode: 400, body: { code: 'VALIDATION_ERROR', message } })

describe('what an endpoint is given', () => {
  it.each([
    [{}, '[query.token] Invalid input: expected string, received undefined'],
    [{ query: { token: 5 } }, '[query.token] Invalid input: expected string, received number'],
    [{ query: null }, '[query] Invalid input: expected object, received null'],
    [{ query: [] }, '[query] Invalid input: expected object, received array'],
    [{ query: 'token' }, '[query] Invalid input: expected object, received string'],
  ])('%j is refused: %s', async (input, message) => {
    const { probe } = open({ query: v.object({ token: v.string() }) }, echo)
    await expect(probe(input)).rejects.toMatchObject(refused(message))
  })

  it.each([null, []])('the query %j is none, whatever may be left out', async (query) => {
    const { probe } = open({ query: v.object({ page: v.optional(v.string()) }) }, echo)
    await expect(probe({ query })).rejects.toMatchObject(refused(expect.stringContaining('[query] Invalid input')))
  })

  it('a body that is null is told in the words of the endpoint', async () => {
    const { probe } = open({ body: v.object({}), bodyIs: ['record'] }, echo)
    await expect(probe({ body: null })).rejects.toMatchObject(
      refused('[body] Invalid input: expected record, received null'),
    )
  })

  const town = v.object({ town: v.string() })
  it.each<[title: string, v.GenericSchema, body: object, message: string]>([
    [
      'a text that is too long',
      v.object({ name: v.pipe(v.string(), v.maxLength(2)) }),
      { name: 'Ada' },
      '[body.name] Too big: expected string to have <=2 characters',
    ],
    [
      'a list that is too short',
      v.object({ tags: v.pipe(v.array(v.string()), v.minLength(1)) }),
      { tags: [] },
      '[body.tags] Too small: expected array to have >=1 items',
    ],
    [
      'a text that cannot be read',
      v.object({ page: v.pipe(v.string(), v.toNumber('No number')) }),
      { page: 'one' },
      '[body.page] No number',
    ],
    [
      'what may be null and may be left out',
      v.object({ name: v.optional(v.nullable(v.string())) }),
      { name: 5 },
      '[body.name] Invalid input: expected string, received number',
    ],
    ['none of several', v.object({ id: v.union([v.string(), v.number()]) }), { id: true }, '[body.id] Invalid input'],
    ['a kind that is none', v.variant('by', [v.object({ by: v.literal('id') })]), {}, '[body.by] Invalid input'],
    [
      'no object in an object',
      v.object({ at: v.optional(town) }),
      { at: 5 },
      '[body.at] Invalid input: expected object, received number',
    ],
    [
      'a text with brackets',
      v.object({ sum: v.literal('f(x)') }),
      { sum: 5 },
      '[body.sum] Invalid input: expected "f(x)", received number',
    ],
    [
      'a field that is missing, where the whole may be',
      v.optional(town),
      {},
      '[body.town] Invalid input: expected string, received undefined',
    ],
    [
      'an entry of a list',
      v.object({ tags: v.array(v.string()) }),
      { tags: ['a', 5] },
      '[body.tags.1] Invalid input: expected string, received number',
    ],
    [
      'a field in an entry of a list',
      v.object({ at: v.array(town) }),
      { at: [{ town: 5 }] },
      '[body.at.0.town] Invalid input: expected string, received number',
    ],
    [
      'the whole',
      v.pipe(
        v.object({}),
        v.check(() => false, 'Not today'),
      ),
      {},
      '[body] Not today',
    ],
  ])('what is wrong with a body is told: %s', async (_title, schema, body, message) => {
    const { probe } = open({ body: schema }, echo)
    await expect(probe({ body })).rejects.toMatchObject(refused(message))
  })

  const page = v.optional(v.string(), '1')
  it.each<[string, v.GenericSchema, unknown]>([
    ['nothing', v.object({ page: v.optional(v.string()) }), {}],
    ['its defaults', v.object({ page }), { page: '1' }],
    [
      'a number',
      v.pipe(
        v.object({ page }),
        v.transform((given) => Number(given.page)),
      ),
      1,
    ],
    [
      'null',
      v.pipe(
        v.object({ page }),
        v.transform(() => null),
      ),
      null,
    ],
  ])('no query makes %s, each time', async (_title, query, made) => {
    const { probe } = open({ query }, echo)
    for (let i = 0; i < 3; i++) expect(await probe()).toEqual({ query: made })
  })

  const all = v.pipe(
    v.looseObject({}),
    v.transform((given) => ('none' in given ? {} : { all: true, ...given })),
  )

  it('a query that makes nothing says nothing of none', async () => {
    const { probe } = open({ query: all }, echo)
    expect(await probe({ query: { none: '' } })).toEqual({ query: {} })
    expect(await probe()).toEqual({ query: { all: true } })
  })

  it('one query does not stand for another', async () => {
    const { probe } = open({ query: v.object({ page: v.optional(v.string()) }) }, echo)
    expect(await probe()).toEqual({ query: {} })
    expect(await probe({ query: { page: '2' } })).toEqual({ query: { page: '2' } })
  })

  it('body and query of one schema do not stand for each other', async () => {
    const either = v.optional(all, { none: '' })
    expect(await open({ body: either, query: either }, echo).probe()).toEqual({ body: {}, query: { all: true } })

    const page = v.object({ page: v.optional(v.string()) })
    const { probe } = open({ body: page, query: page }, echo)
    expect(await probe({ body: {} })).toEqual({ body: {}, query: {} })
    await expect(probe()).rejects.toMatchObject(refused('[body] Invalid input: expected object, received undefined'))
  })

  it('strict: a key that nobody knows is told, as far as it is read', async () => {
    const { probe } = open({ body: v.object({ name: v.string() }) }, echo, { strict: true })
    await expect(probe({ body: { name: 'Ada', ['k'.repeat(101)]: 1 } })).rejects.toMatchObject(
      refused(`[body] Unrecognized key: "${'k'.repeat(100)}"`),
    )
  })

  it.each([
    ['an object of any keys', v.looseObject({ name: v.string() })],
    ['a record', v.record(v.string(), v.unknown())],
  ])('strict: %s takes any', async (_title, body) => {
    const { probe } = open({ body }, echo, { strict: true })
    expect(await probe({ body: { name: 'Ada', other: 1 } })).toMatchObject({ body: { name: 'Ada', other: 1 } })
  })
})

describe('what an endpoint gives', () => {
  it('nobody need be signed in for a call of the server', async () => {
    expect(await open({}, () => ({ done: true })).probe()).toEqual({ done: true })
  })

  it('an error that is returned is one that was thrown', async () => {
    const { probe } = open({}, () => new APIError('FORBIDDEN', { message: 'Not you' }))
    await expect(probe()).rejects.toMatchObject({ statusCode: 403, body: { message: 'Not you' } })
  })

  it.each([
    [new UnstorableValue('note', 'title'), 'title cannot hold this value'],
    [new UniqueViolation('note', ['owner', 'title']), 'owner, title is already taken'],
  ])('%s is a refusal', async (thrown, message) => {
    const { probe } = open({}, () => {
      throw thrown
    })
    await expect(probe()).rejects.toMatchObject(refused(message))
  })

  it('what a gate asks for is the reply', async () => {
    const gates = [{ name: 'more', check: () => challenge({ more: true }) }]
    const { signUpEmail } = open({}, echo, { gates })
    const body = { name: 'Ada', email: 'ada@example.com', password: 'password123' }
    expect(await signUpEmail({ body })).toEqual({ more: true })
  })
})

describe('before hooks', () => {
  /** What the hook behind a first one sees. */
  async function seenAfter(first: unknown, input: object) {
    const seen: unknown[] = []
    const hooks: Hook[] = [
      { before: () => first as object },
      { before: ({ path, body, query }) => void seen.push({ path, body, query }) },
    ]
    await open({}, echo, { hooks }).probe(input)
    return seen
  }

  it.each([
    ['nothing', null, {}, { body: undefined, query: undefined }],
    ['no part', { context: {} }, { body: 'ab', query: null }, { body: 'ab', query: null }],
    ['a query alone', { context: { query: { a: 1 } } }, {}, { body: undefined, query: { a: 1 } }],
    ['a body alone', { context: { body: { a: 1 } } }, {}, { body: { a: 1 }, query: undefined }],
    ['over an object', { context: { body: { a: 1 } } }, { body: { a: 0, b: 2 } }, { body: { a: 1, b: 2 } }],
    ['over null', { context: { body: { a: 1 } } }, { body: null }, { body: { a: 1 } }],
    ['over a text', { context: { body: { a: 1 } } }, { body: 'ab' }, { body: { a: 1 } }],
    ['over a list', { context: { body: { a: 1 } } }, { body: ['x'] }, { body: { a: 1 } }],
  ])('patch %s', async (_title, patch, input, seen) => {
    expect(await seenAfter(patch, input)).toEqual([{ path: '', query: undefined, ...seen }])
  })
})
