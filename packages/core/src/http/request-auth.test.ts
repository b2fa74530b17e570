import { expect, it } from 'vitest'
import { requestAuth } from './request-auth.ts'

it('strict is a fault where no chain of schemes has asked who it is', () => {
  const request = new Request('http://localhost/')
  expect(requestAuth(request)).toBeUndefined()
  expect(() => requestAuth(request, { strict: true })).toThrow(
    new TypeError('no chain of schemes has identified who makes this request'),
  )
})
