/** Redis as sessions need it, of whichever client the project has. */
import { DjangoError } from '../errors.ts'

/** A client of `@redis/client` (or `redis`), or of `ioredis`, connected by the project and ended by it. */
export type RedisClient = NodeRedisClient | IoRedisClient

interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>
}

interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
}

/** When a value is written: whatever is there, only over one (`XX`), or only where there is none (`NX`). */
export type RedisCondition = 'XX' | 'NX' | undefined

/** The four verbs. */
export interface RedisVerbs {
  get(key: string): Promise<string | null>
  /** @returns whether it was written */
  set(key: string, value: string, seconds: number, when?: RedisCondition): Promise<boolean>
  /** @returns whether it was there */
  remove(key: string): Promise<boolean>
}

/** @throws {DjangoError} at once, `NO_REDIS` for what is no client */
export function redisVerbs(client: RedisClient): RedisVerbs {
  const send = sender(client)
  return {
    async get(key) {
      const value = await send('GET', key)
      // Clients may be told to give bytes.
      if (value instanceof Uint8Array) return Buffer.from(value).toString()
      return typeof value === 'string' ? value : null
    },

    async set(key, value, seconds, when) {
      return String(await send('SET', key, value, 'EX', String(seconds), ...(when ? [when] : []))) === 'OK'
    },

    async remove(key) {
      return Number(await send('DEL', key)) > 0
    },
  }
}

function sender(client: RedisClient): (command: string, ...args: string[]) => Promise<unknown> {
  // Both have a `sendCommand`, and that of `ioredis` takes an object of its own.
  if ('call' in client && typeof client.call === 'function') return (command, ...args) => client.call(command, ...args)
  if ('sendCommand' in client && typeof client.sendCommand === 'function') return (...args) => client.sendCommand(args)
  throw new DjangoError('NO_REDIS', 'a client of @redis/client or ioredis is needed')
}
