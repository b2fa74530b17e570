import { describe, expect, it } from 'vitest'
import { utf8 } from '../lib/bytes.ts'
import { readBody } from './body.ts'

const limit = 64

function streamed(chunks: readonly Uint8Array[]): Request {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' }, duplex: 'half' }
  return new Request('http://localhost/', init as RequestInit)
}

const bytes = utf8('{"name":"Zoë 😀"}')
const broken = Uint8Array.of(0x22, 0xff, 0x22)

describe('readBody', () => {
  it('reads the same however the bytes are cut', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const chunks = [bytes.slice(0, cut), bytes.slice(cut)]
      expect(await readBody(streamed(chunks), [], limit)).toEqual({ name: 'Zoë 😀' })
    }
    expect(await readBody(streamed([bytes]), [], limit)).toEqual({ name: 'Zoë 😀' })
  })

  it.each([
    ['what is not UTF-8', [broken]],
    ['what is not UTF-8, in pieces', [broken.slice(0, 1), broken.slice(1)]],
    ['half a character at the end', [utf8('"'), Uint8Array.of(0xc3)]],
    ['nothing', []],
  ])('answers 400 to %s, and reads the next request', async (_what, chunks) => {
    await expect(readBody(streamed(chunks), [], limit)).rejects.toMatchObject({ statusCode: 400 })
    expect(await readBody(streamed([utf8('1')]), [], limit)).toBe(1)
  })

  it('answers 413 once there is too much', async () => {
    const half = utf8(' '.repeat(limit / 2))
    await expect(readBody(streamed([half, half, utf8('1')]), [], limit)).rejects.toMatchObject({ statusCode: 413 })
    expect(await readBody(streamed([half, half.slice(1), utf8('1')]), [], limit)).toBe(1)
  })
})
