/** What engines are made of, for tests. */
import { systemRandom } from '../primitives/random.ts'
import { cookieCodec, rowCodec } from '../sessions/codec.ts'
import type { EngineParts } from '../sessions/engine.ts'
import type { SqlDriver } from '../sql/driver.ts'

export const testKey = 'a secret key of tests'

/** Of a test without a database: whoever asks it fails. */
export const noDriver: SqlDriver = {
  dialect: 'sqlite',
  all: () => Promise.reject(new Error('no database')),
  run: () => Promise.reject(new Error('no database')),
  transaction: () => Promise.reject(new Error('no database')),
  close: async () => {},
}

export function engineParts(parts: Partial<EngineParts> = {}): EngineParts {
  const { clock = Date.now } = parts
  return {
    driver: noDriver,
    sessionTable: 'django_session',
    rowCodec: rowCodec({ secretKey: testKey, clock }),
    cookieCodec: cookieCodec({ secretKey: testKey, clock }),
    cookieName: 'sessionid',
    databaseTimeZone: 'UTC',
    clock,
    random: systemRandom,
    warn: () => {},
    ...parts,
  }
}
