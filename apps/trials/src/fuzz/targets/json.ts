/** JSON bodies: what a hook is given is what `JSON.parse` gives, without the keys that reach prototypes, or it is 400. */
import { isDeepStrictEqual } from 'node:util'
import type { Target } from '../target.ts'
import { base, checkAnswer, inhabited, makeWorld, requestOf } from '../world.ts'

const unread = Symbol('no body was read')

export async function makeTarget(): Promise<Target> {
  const { rows } = await inhabited()
  let seen: unknown = unread
  const before = ({ body }: { body: unknown }) => {
    seen = body
  }
  const world = makeWorld(rows, { hooks: { before } })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return {
    words: [
      '{"email":',
      '"__proto__":',
      '"\\u005f_proto__":',
      '"constructor":{"prototype":{"x":1}}',
      '"constructor":1',
      '"prototype"',
      '{"a":',
      '[[[[[[[[',
      ']]]]]]]]',
      '"\\ud800"',
      '\\\\"',
      '1e309',
      '-0',
      'null',
      ',,',
      '"name":"',
      '"username":"',
      '\ufeff',
    ],
    async run(input) {
      const headers = { 'content-type': 'application/json' }
      const body = Buffer.from(input)
      const request = requestOf(`${base}/is-username-available`, { method: 'POST', headers, body })
      if (!request) return
      seen = unread
      const answer = await world.handler(request)
      checkAnswer(answer, world)
      if (seen === unread) {
        if (answer.status !== 400) throw new Error(`a body that was not read is answered ${answer.status}`)
        return
      }
      const reached = reaching(seen)
      if (reached) throw new Error(`a hook was given ${reached}`)
      const plain: unknown = body.length > 0 ? JSON.parse(decoder.decode(body)) : undefined
      if (!isDeepStrictEqual(seen, without(plain))) throw new Error(`read as ${JSON.stringify(seen)}`)
    },
  }
}

/** A path to a key that reaches a prototype when it is merged. */
function reaching(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__' || (key === 'constructor' && typeof inner === 'object' && inner !== null)) return key
    const deeper = reaching(inner)
    if (deeper) return `${key}.${deeper}`
  }
  return undefined
}

function without(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  // A list that loses an entry keeps its place, as a reviver leaves it.
  if (Array.isArray(value)) return value.map(without)
  const kept = Object.entries(value).filter(
    ([key, inner]) => key !== '__proto__' && !(key === 'constructor' && typeof inner === 'object' && inner !== null),
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, without(inner)]))
}
