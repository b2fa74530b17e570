import { expect, it } from 'vitest'
import { Exchange } from './exchange.ts'

it('asks for the address of the peer when somebody wants to know, not before', () => {
  let asked = 0
  const exchange = new Exchange({
    info: {
      get remoteAddress() {
        asked++
        return '192.0.2.1'
      },
    },
  })
  expect(asked).toBe(0)
  expect(exchange.remoteAddress).toBe('192.0.2.1')
  expect(asked).toBe(1)
  expect(new Exchange({}).remoteAddress).toBe(undefined)
})
