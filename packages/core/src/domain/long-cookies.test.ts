import { describe, expect, it } from 'vitest'
import { Exchange } from './exchange.ts'
import { longCookieValues, setLongCookie } from './long-cookies.ts'

const cookie = { name: 'data', attributes: { path: '/' } }
/** What a line of 4,050 leaves beside the name with `.99` and the attributes. */
const room = 4050 - 'data.99=; Path=/'.length

/** The cookies of the answer where the caller holds `held`, a name and the length of its value. */
function set(length: number, ...held: string[]) {
  const exchange = holding(...held)
  setLongCookie(exchange, cookie, 'x'.repeat(length))
  return exchange.setCookies.map((line) => {
    const [, name, value = '', ended] = /^([^=]+)=([^;]*)(; Max-Age=0)?; Path=\/$/.exec(line) ?? []
    return ended ? `${name} ended` : `${name} ${value.length}`
  })
}

function holding(...names: string[]) {
  const header = names.map((name) => `${name}=${name}`).join('; ')
  return new Exchange({ headers: new Headers({ cookie: header }) })
}

const pieces = (count: number) => Array.from({ length: count }, (_, i) => `data.${i}`)

describe('a long cookie', () => {
  it('goes out whole as long as it fits one line, else in pieces', () => {
    expect(set(room)).toEqual([`data ${room}`])
    expect(set(room + 1)).toEqual([`data.0 ${room}`, 'data.1 1'])
    expect(set(2 * room)).toEqual([`data.0 ${room}`, `data.1 ${room}`])
  })

  it('leaves the caller no piece that is not of it', () => {
    expect(set(1, 'data.0', 'data.1')).toEqual(['data.0 ended', 'data.1 ended', 'data 1'])
    expect(set(2 * room, 'data', ...pieces(4))).toEqual([
      'data.2 ended',
      'data.3 ended',
      'data ended',
      `data.0 ${room}`,
      `data.1 ${room}`,
    ])
    // The new ones would be read with it, whatever else is missing.
    expect(set(2 * room, 'data.2')).toContain('data.2 ended')
  })

  it('has a hundred pieces, or is not set and leaves none', () => {
    const full = pieces(100).map((name) => `${name} ${room}`)
    expect(set(100 * room)).toEqual(full)
    expect(set(100 * room, ...pieces(100))).toEqual(full)
    expect(set(100 * room + 1)).toEqual([])
    const ended = pieces(100).map((name) => `${name} ended`)
    expect(set(100 * room + 1, 'data', ...pieces(101))).toEqual([...ended, 'data ended'])
  })

  it('is read whole, else from its pieces up to the first that is missing, at most a hundred', () => {
    const read = (...names: string[]) => longCookieValues(holding(...names), cookie)
    expect(read('data.0', 'data', 'data.1')).toEqual(['data'])
    expect(read('data.1', 'data.0', 'data.3')).toEqual(['data.0data.1'])
    expect(read(...pieces(101))).toEqual([pieces(100).join('')])
    expect(read('data.1')).toEqual([])
    expect(read()).toEqual([])
  })
})
