import { checkOptions, kinds } from '@keystile/core'
import { type EngineMaker, isLookedUp } from './engine.ts'
import { type JsonObject, parsePythonJson, pythonJson } from './json.ts'
import { withNewKey } from './new-key.ts'
import { type RedisClient, type RedisVerbs, redisVerbs } from './redis.ts'

/** How a project's Django writes what it caches. */
export interface CacheSerializer {
  dumps(data: JsonObject): string
  /** May throw: what cannot be read is no session. */
  loads(text: string): unknown
}

/** The cache of a Django project that has its sessions. */
export interface CacheOptions {
  readonly client: RedisClient
  /** `KEY_PREFIX` of the cache. Default empty. */
  readonly keyPrefix?: string | undefined
  /** `VERSION` of the cache. Default 1. */
  readonly version?: number | undefined
  /**
   * Default JSON. Django's own Redis cache pickles unless it is told otherwise, and pickles are never read here: the
   * project sets `OPTIONS: {"serializer": …}` to a class whose `dumps` and `loads` are those of `json`, and with
   * `django-redis` `"SERIALIZER": "django_redis.serializers.json.JSONSerializer"`.
   */
  readonly serializer?: CacheSerializer | undefined
}

/** JSON as Python's `json` reads and writes it. */
const json: CacheSerializer = { dumps: pythonJson, loads: parsePythonJson }

/** Sessions in the cache, by their key. */
export interface CachedSessions extends RedisVerbs {
  /** The data under a session's key. */
  read(key: string): Promise<JsonObject | null>
  /** @returns whether it was written */
  write(key: string, data: JsonObject, seconds: number, when?: 'NX' | 'XX'): Promise<boolean>
}

const { anything, having, number, text } = kinds
const cacheKinds: kinds.Members<CacheOptions> = {
  client: anything,
  keyPrefix: text,
  version: number,
  serializer: having('dumps', 'loads'),
}

/** @param place Django's `cache_key_prefix` of the engine */
export function cachedSessions(options: CacheOptions, place: string, warn: (message: string) => void): CachedSessions {
  checkOptions(options, cacheKinds, 'the cache of sessions')
  const { keyPrefix = '', version = 1, serializer = json } = options
  const redis = redisVerbs(options.client)
  const named = (key: string) => `${keyPrefix}:${version}:${place}${key}`

  function read(text: string): JsonObject | null {
    try {
      const value = serializer.loads(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
    } catch {}
    const pickled =
      text.startsWith('\ufffd') || text.startsWith('\u0080') ? 'a pickle' : 'not in the form of its serializer'
    warn(`a cached session is ${pickled} and was not read: set the cache's serializer to JSON on both sides`)
    return null
  }

  return {
    ...redis,
    get: (key) => redis.get(named(key)),
    remove: (key) => redis.remove(named(key)),
    async read(key) {
      const text = await redis.get(named(key))
      return text === null ? null : read(text)
    },
    async write(key, data, seconds, when) {
      if (seconds > 0) return redis.set(named(key), serializer.dumps(data), seconds, when)
      // It has ended already, and Redis takes no such time.
      const there = await redis.remove(named(key))
      return when === 'NX' ? !there : when === undefined || there
    },
  }
}

/**
 * Django's `cache` engine in Redis, under the keys of Django's own Redis cache and `django-redis`. The cache is all
 * there is: what it evicts is signed out.
 */
export function cacheSessions(options: CacheOptions): EngineMaker {
  return ({ random, warn }) => {
    const cache = cachedSessions(options, 'django.contrib.sessions.cache', warn)
    const create = (data: JsonObject, seconds: number) =>
      withNewKey(random, (key) => cache.write(key, data, seconds, 'NX'))

    return {
      load: async (key) => (isLookedUp(key) ? cache.read(key) : null),
      create: (data, { age }) => create(data, age),
      save: async (key, data, { age }) => ((await cache.write(key, data, age, 'XX')) ? key : null),
      // Who removes it is the one that goes on with it.
      replace: async (key, data, { age }) => ((await cache.remove(key)) ? create(data, age) : null),
      async remove(key) {
        await cache.remove(key)
      },
    }
  }
}
