import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, it } from 'vitest'
import { parseParts, replyProblem } from './standard-schema.ts'

const refusing = (...issues: StandardSchemaV1.Issue[]): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'of a test', validate: () => ({ issues }) },
})

const parts = { body: {}, query: {}, params: {}, headers: {}, cookies: {} }

const secret = Symbol('secret')
const places: readonly [string, StandardSchemaV1.Issue['path'], place: string, keys: readonly (string | number)[]][] = [
  ['the whole', undefined, '', []],
  ['an entry of a list', ['items', 1], '.items.1', ['items', 1]],
  ['steps with a key', [{ key: 'items' }, { key: 1 }], '.items.1', ['items', 1]],
  ['a symbol', [secret], '.Symbol(secret)', ['Symbol(secret)']],
  ['a step with a symbol', [{ key: secret }], '.Symbol(secret)', ['Symbol(secret)']],
]
it.each(places)('what is wrong with %s is told by its place', async (_title, path, place, keys) => {
  await expect(parseParts({ body: refusing({ message: 'is wrong', path }) }, parts)).rejects.toMatchObject({
    statusCode: 400,
    body: { message: `[body${place}] is wrong`, issues: [{ in: 'body', path: keys, message: 'is wrong' }] },
  })
})

it('all that is wrong with a request is one sentence after the other', async () => {
  const schemas = {
    body: refusing({ message: 'is wrong' }, { message: 'is late' }),
    query: refusing({ message: 'too' }),
  }
  await expect(parseParts(schemas, parts)).rejects.toThrow('[body] is wrong; [body] is late; [query] too')
})

it('all that is wrong with a reply is told, each with its place', async () => {
  const schema = refusing({ message: 'is wrong' }, { message: 'is late', path: ['items', 1] })
  expect(await replyProblem(schema, {})).toBe('reply: is wrong; items.1: is late')
})

it('a failure is one although its schema names no issue', async () => {
  await expect(parseParts({ body: refusing() }, parts)).rejects.toThrow('[body] Invalid input')
  expect(await replyProblem(refusing(), {})).toBe('reply: Invalid input')
})
