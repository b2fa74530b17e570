/** base64 in cookies: a cached session counts in the one encoding of what was signed, a signature in its one form. */
import { isDeepStrictEqual } from 'node:util'
import { latin1, type Target } from '../target.ts'
import { base, checkAnswer, cookieNames, expand, inhabited, makeWorld, requestOf } from '../world.ts'

export async function makeTarget(): Promise<Target> {
  const { rows, marks } = await inhabited()
  const cached = makeWorld({}, {})
  const stored = makeWorld(rows)
  const signed = decodeURIComponent(marks.token)
  const copy = Buffer.from(marks.data, 'base64url').toString()
  // Well-formed, and not what was signed.
  const forged = Buffer.from(copy.replace('Victor', 'Viktor')).toString('base64url')

  /** Whether `get-session` finds a session under these cookies. */
  async function finds(world: ReturnType<typeof makeWorld>, token: string, data: string): Promise<boolean> {
    const cookie = `${cookieNames.token}=${token}; ${cookieNames.data}=${data}`
    const request = requestOf(`${base}/get-session`, { headers: { cookie } })
    if (!request) return false
    const answer = await world.handler(request)
    checkAnswer(answer, world)
    return (await answer.json()) !== null
  }

  return {
    words: [
      marks.data,
      forged,
      marks.token,
      signed,
      '{data}',
      '{token}',
      '=',
      '==',
      '-',
      '_',
      '+',
      '/',
      '%3D',
      '%2B',
      '"',
      'eyJzZXNzaW9uIjp7',
    ],
    async run(input) {
      const value = expand(latin1(input), marks).replaceAll(/[;\s]/g, '')
      // Without rows only the copy in the cookie can tell of a session.
      if ((await finds(cached, marks.token, value)) && !saysTheSame(plain(value), marks.data)) {
        throw new Error(`a cached session was read from ${JSON.stringify(value)}`)
      }
      if ((await finds(stored, value, '')) && plain(value) !== signed) {
        throw new Error(`a signature was read from ${JSON.stringify(value)}`)
      }
    },
  }
}

/** A cookie's value behind its quotes and percent-encoding. */
function plain(value: string): string {
  const bare = value.startsWith('"') ? value.slice(1, -1) : value
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}

/** Whether two texts are canonical base64url of the same JSON, whatever its blanks. */
function saysTheSame(one: string, other: string): boolean {
  const bytes = Buffer.from(one, 'base64url')
  const read = (base64url: string): unknown => JSON.parse(Buffer.from(base64url, 'base64url').toString())
  return bytes.toString('base64url') === one && isDeepStrictEqual(read(one), read(other))
}
