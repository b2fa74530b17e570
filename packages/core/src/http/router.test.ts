import * as v from 'valibot'
import { expect, it } from 'vitest'
import { type Declaration, endpoint } from '../contract/endpoint.ts'
import { createRouter, isBelow, pathBelow } from './router.ts'

const made = (parts: Partial<Declaration>) =>
  endpoint({ method: 'GET', access: 'public', summary: 'Made', reply: v.unknown(), ...parts }, () => null)

it('a path names an endpoint and what stands in it', () => {
  const list = made({ path: '/notes' })
  const one = made({ path: '/notes/:note/lines/:line' })
  const match = createRouter([list, one])
  expect(match('GET', '/notes')).toEqual({ endpoint: list, params: {} })
  expect(match('GET', '/notes/a/lines/7')).toEqual({ endpoint: one, params: { note: 'a', line: '7' } })
  expect(match('GET', '/notes/a')).toBeNull()
})

it.each<[title: string, paths: [string, string]]>([
  ['first', ['/notes/recent', '/notes/:id']],
  ['last', ['/notes/:id', '/notes/recent']],
])('what is written out is found before what a name stands for, declared %s', (_title, paths) => {
  const match = createRouter(paths.map((path) => made({ path })))
  expect(match('GET', '/notes/recent')).toMatchObject({ endpoint: { path: '/notes/recent' }, params: {} })
  expect(match('GET', '/notes/old')).toMatchObject({ endpoint: { path: '/notes/:id' }, params: { id: 'old' } })
})

it('names may stand at one place of two patterns', () => {
  const match = createRouter([made({ path: '/:x/b' }), made({ path: '/a/:y' })])
  expect([match('GET', '/a/b')?.params, match('GET', '/c/b')?.params]).toEqual([{ y: 'b' }, { x: 'c' }])
})

it.each(['POST', 'ALL', 'constructor'])('%s is no method of an endpoint that has others', (method) => {
  expect(createRouter([made({ path: '/notes', method: ['GET', 'PUT'] })])(method, '/notes')).toBeNull()
})

it('what is for the server alone has no route, with a path or without', () => {
  const open = made({ path: '/open' })
  const match = createRouter([made({ access: 'server', path: '/inside' }), made({ access: 'server' }), open])
  expect(match('GET', '/inside')).toBeNull()
  expect(match('GET', '/open')?.endpoint).toBe(open)
})

it('an endpoint without a path takes no route from others', () => {
  const open = made({ path: '/open' })
  expect(createRouter([made({}), open])('GET', '/open')?.endpoint).toBe(open)
})

it.each([
  ['https://app.example.com/auth', true, null],
  ['https://app.example.com/auth/ok', true, '/ok'],
  ['https://app.example.com/auth/ok?a=/b#c', true, '/ok'],
  ['https://app.example.com/auth/ok#c?a', true, '/ok'],
  ['https://app.example.com/author', false, null],
  ['https://app.example.com', false, null],
  ['data:,auth', false, null],
])('%s is at /auth or below: %s; below: %s', (url, below, path) => {
  expect([isBelow('/auth', url), pathBelow('/auth', url)]).toEqual([below, path])
})

it.each(['app://auth', 'app://auth?next'])('%s has no path, so it is below nothing', (url) => {
  expect([isBelow('', url), pathBelow('', url)]).toEqual([false, null])
})
