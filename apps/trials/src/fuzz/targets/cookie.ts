/** The `Cookie` header: a session is found exactly where a plain reading of the header finds its signed token. */
import { latin1, type Target } from '../target.ts'
import { base, checkAnswer, cookieNames, expand, inhabited, makeWorld, requestOf } from '../world.ts'

export async function makeTarget(): Promise<Target> {
  const { rows, marks } = await inhabited()
  const world = makeWorld(rows)
  const signed = decodeURIComponent(marks.token)
  return {
    words: [
      ...Object.values(cookieNames),
      ...Object.values(marks),
      '{token}',
      '{data}',
      '; ',
      ';',
      '=',
      '"',
      '%',
      '%2E',
      '.0=',
      '.1=',
    ],
    async run(input) {
      const header = expand(latin1(input), marks)
      const request = requestOf(`${base}/get-session`, { headers: { cookie: header } })
      if (!request) return
      const answer = await world.handler(request)
      checkAnswer(answer, world)
      const found = (await answer.json()) !== null
      const expected = read(request.headers.get('cookie') ?? '', cookieNames.token).includes(signed)
      if (found !== expected) throw new Error(`a session was ${found ? '' : 'not '}found in ${JSON.stringify(header)}`)
    },
  }
}

/** Every value under a name, pair by pair, as RFC 6265 parts them. */
function read(header: string, name: string): string[] {
  return header.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0 || trim(pair.slice(0, equals)) !== name) return []
    const value = trim(pair.slice(equals + 1))
    const bare = value.startsWith('"') ? value.slice(1, -1) : value
    try {
      return [decodeURIComponent(bare)]
    } catch {
      return [bare]
    }
  })
}

const trim = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, '')
