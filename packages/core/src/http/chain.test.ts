import { createHook } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { NotAuthenticated, type Outcome, type Scheme } from '../contract/scheme.ts'
import { Exchange } from '../domain/exchange.ts'
import { apiKey } from '../parts/schemes/api-key.ts'
import { basic } from '../parts/schemes/basic.ts'
import { Asking, chainOf } from './chain.ts'

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
const asking = (method = 'GET') => new Asking(new Exchange({}), method, async () => {}, [])

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
  const chain = chainOf([
    scheme('a', () => {
      throw same
    }),
    passing('b'),
  ])
  for (let i = 0; i < 2; i++) {
    let refused: unknown
    try {
      chain.ask(asking())
    } catch (error) {
      refused = error
    }
    expect(refused).toMatchObject({ statusCode: 401, message: 'Not you' })
    expect((refused as NotAuthenticated).headers.get('www-authenticate')).toBe('a, b')
  }
  expect([...same.headers]).toEqual([])
})
