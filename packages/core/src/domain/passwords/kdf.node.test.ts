import { hashRaw } from '@node-rs/argon2'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { toHex, utf8 } from '../../lib/bytes.ts'
import type { Argon2Recipe, BcryptRecipe } from './recipe.ts'

const small: Argon2Recipe = {
  kind: 'argon2',
  variety: 'argon2id',
  version: 19,
  m: 256,
  t: 3,
  p: 2,
  salt: utf8('somesalt'),
  length: 24,
}

/** `crypto.argon2` of Node 24.7 and later, which Node 20 lacks. */
function argon2(
  algorithm: 'argon2d' | 'argon2i' | 'argon2id',
  parameters: Record<'message' | 'nonce', Uint8Array> &
    Record<'parallelism' | 'tagLength' | 'memory' | 'passes', number>,
  callback: (error: Error | null, key?: Buffer) => void,
) {
  const { message, nonce: salt, parallelism, tagLength: outputLen, memory: memoryCost, passes: timeCost } = parameters
  const options = { version: 1, salt, parallelism, outputLen, memoryCost, timeCost }
  hashRaw(message, { ...options, algorithm: ['argon2d', 'argon2i', 'argon2id'].indexOf(algorithm) }).then(
    (key) => callback(null, key),
    callback,
  )
}

/** The engines of a Node that has argon2, or has none. */
async function engines(has: { argon2: typeof argon2 | undefined }) {
  vi.resetModules()
  vi.doMock('node:crypto', async (original) => ({ ...(await original<object>()), ...has }))
  const { argon2Engines, bcryptEngines } = await import('./kdf.node.ts')
  const [node, native] = argon2Engines
  const [bcrypt] = bcryptEngines
  if (!node || !native || !bcrypt) throw new Error('an engine is missing')
  return { node, native, bcrypt }
}

afterEach(() => {
  vi.doUnmock('node:crypto')
  vi.resetModules()
})

describe('the engines of Node', () => {
  it.each(['argon2d', 'argon2i', 'argon2id'] as const)(
    'give the same %s by Node and by the native one',
    async (variety) => {
      const { node, native } = await engines({ argon2 })
      const [one, other] = [await node(), await native()]
      const recipe = { ...small, variety }
      const key = toHex(await one(utf8('password'), recipe))
      expect(key).toHaveLength(48)
      expect(key).toBe(toHex(await other(utf8('password'), recipe)))
    },
  )

  it('leave the old version of argon2 to the native one', async () => {
    const { node } = await engines({ argon2 })
    const derive = await node()
    await expect(derive(utf8('password'), { ...small, version: 16 })).rejects.toThrow('present version of argon2 only')
  })

  it('have no argon2 of Node where it has none', async () => {
    const { node } = await engines({ argon2: undefined })
    await expect(node()).rejects.toThrow('this Node has no argon2')
  })

  it('read the salt of bcrypt in its own base64', async () => {
    const { bcrypt } = await engines({ argon2: undefined })
    const recipe: BcryptRecipe = { kind: 'bcrypt', cost: 4, salt: 'abcdefghijklmnopqrstuu', prehash: false }
    const derive = await bcrypt()
    expect(new TextDecoder().decode(await derive(utf8('password'), recipe))).toBe('ghE8Ev8uGFaUgY2cNEySvxngrb/Jzdm')
  })
})
