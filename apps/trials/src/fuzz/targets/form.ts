/** Form bodies: what a hook is given is what `URLSearchParams` reads, the last of a name, without `__proto__`. */
import { isDeepStrictEqual } from 'node:util'
import { type Target, text } from '../target.ts'
import { base, checkAnswer, inhabited, makeWorld, origin, requestOf } from '../world.ts'

export async function makeTarget(): Promise<Target> {
  const { rows } = await inhabited()
  let seen: unknown
  // Answering in the endpoint's place keeps failures from counting against the account.
  const before = ({ body }: { body: unknown }) => {
    seen = body
    return { answered: true }
  }
  const world = makeWorld(rows, { hooks: { before } })
  return {
    words: [
      'email=v%40example.com',
      '&password=',
      '&',
      '=',
      '+',
      '%',
      '%ff',
      '__proto__=1',
      'constructor=1',
      'callbackURL=/',
      'toString',
    ],
    async run(input) {
      seen = undefined
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin }
      const body = Buffer.from(input)
      const request = requestOf(`${base}/sign-in/email`, { method: 'POST', headers, body })
      if (!request) return
      const answer = await world.handler(request)
      checkAnswer(answer, world)
      if (seen === undefined) return
      const expected = new Map([...new URLSearchParams(text(input))].filter(([name]) => name !== '__proto__'))
      if (!isDeepStrictEqual(seen, Object.fromEntries(expected))) throw new Error(`read as ${JSON.stringify(seen)}`)
    },
  }
}
