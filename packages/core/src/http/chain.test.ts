import { createHook } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { NotAuthenticated, type Outcome, type Scheme } from '../contract/scheme.ts'
import { Exchange } from '../domain/exchange.ts'
import { APIError } from '../lib/errors.ts'
import { apiKey } from '../parts/schemes/api-key.ts'
import { basic } from '../parts/schemes/basic.ts'
import { Asking, type Chain, chainOf } from './chain.ts'

const scheme = (name: string, authenticate: () => ReturnType<Scheme['authenticate']>): Scheme => ({
  name,
  securitySchemes: {},
  requirement: {},
  responses: { 401: 'no' },
  varies: 'authorization',
  challenge: () => name,
  authenticate,
})
const passing = (name: string) => scheme(name, () => null)
const knowing = (name: string) => scheme(name, () => ({ identity: name }))
const throwing = (name: string, error: unknown) =>
  scheme(name, () => {
    throw error
  })
const asking = (method = 'GET') => new Asking(new Exchange({}), method, async () => {}, [])

/** What a chain throws at once; undefined where it throws nothing. */
function thrownBy(chain: Chain, one = asking()): unknown {
  try {
    chain.ask(one)
  } catch (error) {
    return error
  }
  return undefined
}

/** How many promises `work` makes, once it has run: what a platform loads on first use is no part of it. */
function promisesOf(work: () => unknown): number {
  work()
  let made = 0
  const init = (_id: number, type: string) => {
    if (type === 'PROMISE') made++
  }
  const hook = createHook({ init }).enable()
  work()
  hook.disable()
  return made
}

it('a chain of synchronous schemes makes no promise, whoever answers', () => {
  const chain = chainOf([passing('a'), passing('b'), knowing('c'), passing('d')])
  const refusing = chainOf([passing('a'), passing('b')])
  const [first, second] = [asking(), asking()]
  let [found, refusal]: unknown[] = []
  const made = promisesOf(() => {
    found = chain.ask(first)
    try {
      refusing.ask(second)
    } catch (error) {
      refusal = error
    }
  })
  expect(made).toBe(0)
  expect(found).toEqual({ scheme: 'c', identity: 'c' })
  expect(refusal).toMatchObject({ statusCode: 401, message: 'Not authenticated' })
})

it('schemes whose checks answer at once make no promise either', () => {
  const bound = [
    basic({ authenticate: () => null }),
    apiKey({ lookup: () => null }),
    apiKey({ name: 'b', lookup: (key) => key }),
  ]
  const chain = chainOf(bound)
  const headers = new Headers({ authorization: 'Basic YTpi', 'x-api-key': 'k' })
  const context = new Asking(new Exchange({ headers }), 'GET', async () => {})
  let found: unknown
  const made = promisesOf(() => {
    found = chain.ask(context)
  })
  expect([made, found]).toEqual([0, { scheme: 'b', identity: 'k' }])
})

it('an identity of nobody is a fault of the scheme, and nobody goes on', async () => {
  for (const nobody of [undefined, null]) {
    const wrong = scheme('wrong', () => ({ identity: nobody }))
    expect(() => chainOf([wrong, knowing('b')]).ask(asking())).toThrow('identity of nobody')
  }
})

it.each([
  ['true', true],
  ['nothing', undefined],
  ['a text', 'ann'],
  ['an object without identity', {}],
  ['an identity that is inherited', Object.create({ identity: 'ann' })],
  ['a function with an identity', Object.assign(() => {}, { identity: 'ann' })],
])('%s is neither null nor an identity: a fault of the scheme, and nobody goes on', (_title, outcome) => {
  const wrong = scheme('wrong', () => outcome as never)
  expect(() => chainOf([wrong, knowing('b')]).ask(asking())).toThrow('"wrong" answered neither null nor { identity }')
})

it('what a scheme throws that is no refusal stays what it is', () => {
  const broken = new RangeError('broken')
  const one = asking()
  expect(thrownBy(chainOf([throwing('a', broken), knowing('b')]), one)).toBe(broken)
  expect(one.steps).toEqual([{ scheme: 'a', outcome: 'failed', reason: 'it threw' }])
})

it.each([
  [400, null, null],
  [401, 'a, b', 'no-store'],
  [403, null, 'no-store'],
])('a refusal with %i: challenges %s, cache-control %s', (status, challenges, caching) => {
  const refused = thrownBy(chainOf([throwing('a', new APIError(status)), passing('b')])) as APIError
  expect(refused.statusCode).toBe(status)
  expect(refused.headers.get('www-authenticate')).toBe(challenges)
  expect(refused.headers.get('cache-control')).toBe(caching)
})

it.each([
  [false, null],
  [true, 'a, b'],
  [undefined, 'a, b'],
])('challenge: %s', (challenge, expected) => {
  const refused = thrownBy(chainOf([passing('a'), passing('b')], { challenge })) as APIError
  expect(refused.headers.get('www-authenticate')).toBe(expected)
})

it('a status that a scheme does not declare is its fault where that is checked; any scheme may answer 401', () => {
  const refusing = (status: number) => ({ ...throwing('a', new APIError(status)), responses: { 403: 'no' } })
  const answers = [400, 401, 403].map((status) => thrownBy(chainOf([refusing(status)], { declaredOnly: true })))
  expect(answers).toMatchObject([
    { name: 'TypeError', message: expect.stringContaining('"a" answered 400, which its responses do not name') },
    { statusCode: 401 },
    { statusCode: 403 },
  ])
})

it('only headers that schemes name decide', () => {
  const { varies: _, ...anywhere } = passing('a')
  const one = asking()
  chainOf([anywhere, knowing('b'), { ...knowing('c'), varies: 'cookie' }]).ask(one)
  expect([...one.varies]).toEqual(['authorization'])
})

it('the origin is checked of methods that may change something', async () => {
  const checked: string[] = []
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'DELETE', 'get', 'PROPFIND']) {
    await new Asking(new Exchange({}), method, async () => void checked.push(method)).checkOrigin()
  }
  expect(checked).toEqual(['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'PROPFIND'])
})

it('a promise of another library is waited for', async () => {
  // biome-ignore lint/suspicious/noThenProperty: a promise of another library
  const other = { then: (done: (outcome: Outcome<string>) => void) => done({ identity: 'a' }) }
  const found = chainOf([scheme('other', () => other as never)]).ask(asking())
  expect(await found).toEqual({ scheme: 'other', identity: 'a' })
})

it('a chain makes promises from the first scheme on that does', async () => {
  const later = scheme('later', () => Promise.resolve<Outcome<string>>(null))
  const chain = chainOf([passing('a'), later, knowing('b')])
  const one = asking()
  const found = chain.ask(one)
  expect(found).toBeInstanceOf(Promise)
  expect(await found).toEqual({ scheme: 'b', identity: 'b' })
  expect(one.steps?.map(({ scheme, outcome }) => [scheme, outcome])).toEqual([
    ['a', 'passed'],
    ['later', 'passed'],
    ['b', 'identified'],
  ])
  expect(promisesOf(() => chain.ask(asking()))).toBeGreaterThan(0)
})

it('a chain whose first knows asks nobody else', () => {
  const asked: string[] = []
  const noting = (name: string) =>
    scheme(name, () => {
      asked.push(name)
      return { identity: name }
    })
  expect(chainOf([noting('a'), noting('b'), noting('c')]).ask(asking())).toEqual({ scheme: 'a', identity: 'a' })
  expect(asked).toEqual(['a'])
})

it('a refusal is written anew each time, although a scheme throws the same error', () => {
  const same = new NotAuthenticated('Not you')
  const chain = chainOf([throwing('a', same), passing('b')])
  for (let i = 0; i < 2; i++) {
    const refused = thrownBy(chain)
    expect(refused).toMatchObject({ statusCode: 401, message: 'Not you' })
    expect((refused as NotAuthenticated).headers.get('www-authenticate')).toBe('a, b')
  }
  expect([...same.headers]).toEqual([])
})
