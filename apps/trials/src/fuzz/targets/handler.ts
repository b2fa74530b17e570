/**
 * The handler as a whole. An input is a few requests, written as HTTP has them and parted by a line `%%`, to a service
 * of its own: later requests meet what earlier ones have done.
 */
import { latin1, type Target } from '../target.ts'
import { base, checkAnswer, cookieNames, expand, inhabited, makeWorld, origin, requestOf } from '../world.ts'

export async function makeTarget(): Promise<Target> {
  const { rows, marks } = await inhabited()
  return {
    words: [...vocabulary, ...Object.values(marks)],
    async run(input) {
      const world = makeWorld(structuredClone(rows))
      for (const part of latin1(input).split('\n%%\n').slice(0, 8)) {
        const request = parse(expand(part, marks))
        if (!request) continue
        const answer = await world.handler(request)
        checkAnswer(answer, world)
        checkLeak(await answer.text())
      }
    },
  }
}

/** An answer never repeats a stored hash or tells where the code lies. */
function checkLeak(body: string): void {
  if (/cheap:|\bat .+\.[jt]s:\d+/.test(body)) throw new Error(`the answer leaks: ${body.slice(0, 500)}`)
}

/** `METHOD target`, header lines, an empty line, the body; bytes as they are. */
function parse(message: string): Request | null {
  const end = message.indexOf('\n\n')
  const head = end < 0 ? message : message.slice(0, end)
  const [first = '', ...lines] = head.split('\n')
  const space = first.indexOf(' ')
  const target = first.slice(space + 1)
  const url = target.startsWith('/') ? origin + target : `${base}/${target}`
  const headers: [string, string][] = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()]
  })
  const body = end < 0 ? '' : message.slice(end + 2)
  return requestOf(url, {
    method: first.slice(0, Math.max(0, space)),
    headers,
    ...(body ? { body: Buffer.from(body, 'latin1') } : {}),
  })
}

const paths = [
  'sign-up/email',
  'sign-in/email',
  'sign-in/username',
  'is-username-available',
  'sign-out',
  'get-session',
  'list-sessions',
  'revoke-session',
  'revoke-sessions',
  'revoke-other-sessions',
  'update-user',
  'change-password',
  'verify-password',
  'ok',
  'error',
]

const vocabulary = [
  ...paths.flatMap((path) => [`GET ${path}`, `POST ${path}`]),
  'PUT ',
  'OPTIONS ',
  '\n%%\n',
  '\n\n',
  `\ncookie: ${cookieNames.token}={token}`,
  `\ncookie: ${cookieNames.data}={data}`,
  `\norigin: ${origin}`,
  '\ncontent-type: application/json',
  '\ncontent-type: application/x-www-form-urlencoded',
  '\ncontent-length: ',
  '\nsec-fetch-site: cross-site',
  '\nuser-agent: ',
  '{token}',
  '{data}',
  '{raw}',
  '"email":"v@example.com"',
  '"password":"correct horse"',
  '"username":"victor"',
  '"__proto__":{"polluted":1}',
  '"constructor":{"prototype":{"polluted":1}}',
  'null',
  'true',
  '[]',
  '{}',
  '\\u0000',
  '\\ud800',
  '%00',
  '?disableCookieCache=true',
]
