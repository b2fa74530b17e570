import { describe, expect, it } from 'vitest'
import type { HeaderSource } from '../domain/exchange.ts'
import { basicAuth } from '../parts/basic-auth.ts'
import { createTrace } from './trace.ts'

const here = 'http://localhost'
const traced = () => createTrace({ basePath: '/api', clock: () => 0, random: (size) => new Uint8Array(size) })

/** The answer that tells of a request with these headers, which a scheme refused with these words. */
function answerTo(headers: HeaderSource, reason = 'no'): Response {
  const trace = traced()
  const link = trace.keep({
    method: 'GET',
    url: `${here}/api/notes`,
    headers,
    steps: [{ scheme: 'one', outcome: 'refused', reason }],
    status: 401,
  })
  const answer = trace.answer(new Request(here + link.slice(1, link.indexOf('>'))))
  return answer ?? expect.fail('no page')
}

/** What is left of the reason on the page. */
async function shown(headers: Record<string, string>, reason: string): Promise<string | undefined> {
  const html = await answerTo(new Headers(headers), reason).text()
  return /<td>([^<]*)<\/td><\/tr>\n<\/table>/.exec(html)?.[1]
}

describe('the reason of a refusal', () => {
  it('holds no value that cannot be percent-decoded', async () => {
    expect(await shown({ 'x-key': '%zz-canary' }, 'not %zz-canary')).toBe('not ••••')
  })

  it('holds no value of six characters, and keeps its own words of five', async () => {
    expect(await shown({ 'x-a': 'canary', 'x-b': 'there' }, 'canary is not there')).toBe('•••• is not there')
  })

  it('holds nothing of a value that begins with another', async () => {
    expect(await shown({ 'x-a': 'canary', 'x-b': 'canary-and-more' }, 'not canary-and-more')).toBe('not ••••')
  })

  it.each(['canary', 'canary1', 'canary12'])(
    'holds no password of HTTP Basic, however it is padded: %s',
    async (word) => {
      expect(await shown({ authorization: basicAuth('ann', word) }, `not ${word}`)).toBe('not ••••')
    },
  )

  it('holds no password of a name of one letter', async () => {
    expect(await shown({ authorization: basicAuth('a', 'canary') }, 'not canary')).toBe('not ••••')
  })

  it('holds no name of HTTP Basic', async () => {
    expect(await shown({ authorization: basicAuth('canary', 'word') }, 'canary is nobody')).toBe('•••• is nobody')
  })

  it('holds no key that came as base64', async () => {
    expect(await shown({ 'x-key': btoa('canary') }, 'not canary')).toBe('not ••••')
  })
})

describe('the headers of a refused request', () => {
  const rows = async (headers: HeaderSource) => (await answerTo(headers).text()).split('<th>value</th></tr>')[1]

  it('are said to be empty where they are', async () => {
    expect(await rows(new Headers({ 'x-a': '' }))).toContain('<td>x-a</td><td>(empty)</td>')
  })

  it('are none where their source cannot tell names', async () => {
    expect(await rows({ get: () => null })).not.toContain('<td>')
  })
})

it('a page is HTML, and its pattern among the paths of whoever serves it', () => {
  expect(answerTo(new Headers()).headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(traced().path).toBe('/api/-/trace/:id')
})
