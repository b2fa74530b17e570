import { expect, it } from 'vitest'
import { pathOf } from './own-run.ts'

it.each([
  ['http://localhost', '/'],
  ['http://localhost/', '/'],
  ['http://localhost/api/c', '/api/c'],
  ['http://localhost/api/a%2Fb?next=/c', '/api/a%2Fb'],
  ['http://localhost/api#/c', '/api'],
])('the path of %s is %s', (url, path) => {
  expect(pathOf(url)).toBe(path)
})
