import { type CacheOptions, cachedSessions } from './cache.ts'
import { databaseSessions } from './db.ts'
import { type EngineMaker, isLookedUp } from './engine.ts'
import type { JsonObject } from './json.ts'

/**
 * Django's `cached_db`: read from the cache, and from the database where the cache has it not; written to both. The
 * database decides: of a session without a row nothing is put into the cache. A cache that fails is gone without, but
 * for the end of a session, which must reach it.
 */
export function cachedDatabaseSessions(options: CacheOptions): EngineMaker {
  return (parts) => {
    const { warn, clock } = parts
    const rows = databaseSessions(parts)
    const cache = cachedSessions(options, 'django.contrib.sessions.cached_db', warn)

    /** What comes of the cache, or `otherwise` where it fails. */
    async function ifThere<T, U>(work: () => Promise<T>, otherwise: U): Promise<T | U> {
      try {
        return await work()
      } catch (error) {
        warn(`the cache of sessions fails: ${error instanceof Error ? error.message : 'unknown error'}`)
        return otherwise
      }
    }

    async function fill(key: string): Promise<JsonObject | null> {
      const row = await rows.find(key)
      if (!row) return null
      const seconds = Math.floor((row.expires - clock()) / 1000)
      if (seconds <= 0) return row.data
      const filled = await ifThere(() => cache.write(key, row.data, seconds, 'NX'), false)
      // Whoever ended it in between had nothing to remove from the cache: it must not come back from there.
      if (filled && !(await rows.find(key))) {
        await cache.remove(key)
        return null
      }
      return row.data
    }

    return {
      async load(key) {
        if (!isLookedUp(key)) return null
        return (await ifThere(() => cache.read(key), null)) ?? fill(key)
      },

      async create(data, expiry) {
        const key = await rows.create(data, expiry)
        await ifThere(() => cache.write(key, data, expiry.age), false)
        return key
      },

      async save(key, data, expiry) {
        const saved = await rows.save(key, data, expiry)
        if (saved === null) await cache.remove(key)
        // Only over what is there: it may have been ended since.
        else await ifThere(() => cache.write(key, data, expiry.age, 'XX'), false)
        return saved
      },

      async replace(key, data, expiry) {
        const replaced = await rows.replace(key, data, expiry)
        await cache.remove(key)
        if (replaced !== null) await ifThere(() => cache.write(replaced, data, expiry.age), false)
        return replaced
      },

      async remove(key) {
        await rows.remove(key)
        await cache.remove(key)
      },
    }
  }
}
