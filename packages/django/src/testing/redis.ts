/** Redis for tests: keys under a prefix of their own, which are removed at the end. */
import { randomBytes } from 'node:crypto'
import { createClient } from '@redis/client'

const url = 'redis://127.0.0.1:6379'

const connect = () => createClient({ url, socket: { connectTimeout: 2000, reconnectStrategy: false } }).connect()

export interface ScratchRedis {
  readonly client: Awaited<ReturnType<typeof connect>>
  readonly prefix: string
  drop(): Promise<void>
}

export async function openRedis(): Promise<ScratchRedis> {
  const client = await connect()
  const prefix = `keystile_django_${randomBytes(8).toString('hex')}`
  return {
    client,
    prefix,
    async drop() {
      const keys = await client.keys(`${prefix}:*`)
      if (keys.length > 0) await client.del(keys)
      client.destroy()
    },
  }
}

/** Why there is none, where there is none. */
export const redisMissing: string | undefined = await connect().then(
  (client) => {
    client.destroy()
    return undefined
  },
  (cause) => {
    if (process.env.KEYSTILE_REQUIRE_SERVICES === '1') throw new Error('Redis does not answer', { cause })
    return 'Redis does not answer on its standard port'
  },
)
