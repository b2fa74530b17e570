import { describe, expect, it } from 'vitest'
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

it('of headers set under one name the last goes out', () => {
  const exchange = new Exchange({})
  expect(exchange.outgoing).toBe(undefined)
  exchange.setHeader('vary', 'origin')
  exchange.setHeader('etag', '1')
  exchange.setHeader('Vary', 'cookie')
  expect(exchange.outgoing).toEqual([
    ['etag', '1'],
    ['vary', 'cookie'],
  ])
})

describe('work before the answer', () => {
  it('is done once, each after the one before it, and knows the status', async () => {
    const exchange = new Exchange({})
    const done: string[] = []
    exchange.beforeAnswer(async (status) => {
      await Promise.resolve()
      done.push(`first ${status}`)
    })
    exchange.beforeAnswer(async (status) => void done.push(`second ${status}`))
    await exchange.conclude(204)
    expect(done).toEqual(['first 204', 'second 204'])
    expect(exchange.conclude(204)).toBe(undefined)
    expect(done).toHaveLength(2)
  })

  it('ends with the first that fails', async () => {
    const exchange = new Exchange({})
    const done: string[] = []
    exchange.beforeAnswer(async () => {
      throw new Error('not saved')
    })
    exchange.beforeAnswer(async () => void done.push('second'))
    await expect(exchange.conclude(200)).rejects.toThrow('not saved')
    expect(done).toEqual([])
  })

  it('may be none', () => {
    expect(new Exchange({}).conclude(200)).toBe(undefined)
  })
})

it('a cookie that comes as a line takes the place of the one of its name', () => {
  const exchange = new Exchange({})
  exchange.setCookieLine('sid=1; Path=/')
  exchange.setCookieLine('other=a=b')
  exchange.setCookieLine('sid=2; Path=/')
  expect(exchange.sets('sid')).toBe(true)
  expect(exchange.setCookies).toEqual(['other=a=b', 'sid=2; Path=/'])
})
