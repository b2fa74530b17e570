import { describe, expect, it } from 'vitest'
import { Exchange } from '../domain/exchange.ts'
import { APIError } from '../lib/errors.ts'
import { toErrorResponse, toResponse, unreadText } from './reply.ts'

const exchange = (status?: number) => Object.assign(new Exchange({}), { status })
const json = { 'content-type': 'application/json' }
const noStore = { 'cache-control': 'no-store', pragma: 'no-cache' }
const headersOf = ({ headers }: Response) => Object.fromEntries(headers)

describe('what an endpoint gives', () => {
  it('is JSON', async () => {
    const answer = toResponse(exchange(), { at: new Date(0) }, false)
    expect(headersOf(answer)).toEqual(json)
    expect([answer.status, answer.statusText]).toEqual([200, ''])
    expect(await answer.text()).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })

  it('is plain text where it is a text', async () => {
    const answer = toResponse(exchange(), '"as it is"', false)
    expect(headersOf(answer)).toEqual({ 'content-type': 'text/plain;charset=UTF-8' })
    expect(await answer.text()).toBe('"as it is"')
  })

  it('goes out under the status that was set, and its name', () => {
    const answer = toResponse(exchange(402), {}, false)
    expect([answer.status, answer.statusText]).toEqual([402, 'PAYMENT_REQUIRED'])
    expect(headersOf(answer)).toEqual(json)
  })

  it('is kept by no cache where it is sensitive', () => {
    expect(headersOf(toResponse(exchange(), {}, true))).toEqual({ ...json, ...noStore })
  })

  it.each([
    [true, { etag: '"1"', ...noStore }],
    [false, { etag: '"1"', 'cache-control': 'max-age=9' }],
  ])('may be a Response with headers of its own; sensitive: %s', (sensitive, headers) => {
    const own = new Response(null, { headers: { etag: '"1"', 'cache-control': 'max-age=9' } })
    expect(headersOf(toResponse(exchange(), own, sensitive))).toEqual(headers)
  })
})

describe('a refusal', () => {
  it('has no headers but its type and its own', () => {
    const answer = toErrorResponse(exchange(), new APIError('FORBIDDEN', {}, { 'x-why': 'so' }))
    expect(headersOf(answer)).toEqual({ ...json, 'x-why': 'so' })
  })

  it('that a server call threw before has no cookies of that call', () => {
    const refusal = new APIError('FORBIDDEN', {}, { 'set-cookie': 'other=1' })
    const now = exchange()
    now.setCookieLine('mine=1; Path=/')
    expect(toErrorResponse(now, refusal).headers.getSetCookie()).toEqual(['mine=1; Path=/'])
  })
})

describe('the text of an answer', () => {
  it('is known until somebody reads it', async () => {
    const answer = toResponse(exchange(), { a: 1 }, false)
    expect(unreadText(answer)).toBe('{"a":1}')
    await answer.text()
    expect(unreadText(answer)).toBeUndefined()
  })

  it('is known of a refusal', () => {
    expect(unreadText(toErrorResponse(exchange(), new APIError('GONE', { code: 'GONE' })))).toBe('{"code":"GONE"}')
  })

  it('is none where there is no body', () => {
    expect(unreadText(toErrorResponse(exchange(), new APIError('FOUND')))).toBeUndefined()
  })
})
