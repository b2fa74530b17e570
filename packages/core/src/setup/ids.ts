/** Who makes the ids of new rows. */
import type { Options } from '../contract/options.ts'
import { toHex } from '../lib/bytes.ts'
import { makeId, type Random } from '../lib/random.ts'
import type { MakeId } from '../store/store.ts'

export interface IdPolicy {
  readonly makeId: MakeId
  readonly idType: 'text' | 'serial' | 'database'
}

export function idPolicy({ advanced }: Options, random: Random): IdPolicy {
  const generate = advanced?.database?.generateId
  if (generate === 'serial') return { makeId: () => undefined, idType: 'serial' }
  if (generate === false) return { makeId: () => undefined, idType: 'database' }
  if (generate === 'uuid') return { makeId: () => uuid(random), idType: 'text' }
  // A function may leave an id to the database, so its column makes one.
  if (generate) return { makeId: (model) => generate({ model }) || undefined, idType: 'database' }
  return { makeId: () => makeId(random), idType: 'text' }
}

/** A random UUID (RFC 9562, version 4). */
function uuid(random: Random): string {
  const bytes = random(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
