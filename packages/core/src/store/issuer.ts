/** The `issuer` that better-auth 1.7.0 to 1.7.2 demands of an account, filled as they fill it. */
import type { Filler } from './mapping.ts'
import type { Table } from './table.ts'

const wellKnown: ReadonlyMap<string, string> = new Map([
  ['credential', 'local:credential'],
  ['google', 'https://accounts.google.com'],
  ['apple', 'https://appleid.apple.com'],
])

export function issuerFiller(table: Table, columnName: string): Filler | undefined {
  if (table.name !== 'account' || columnName !== 'issuer') return undefined
  return {
    name: columnName,
    at: 'insert',
    value(row) {
      const provider = String(row.get('providerId'))
      return wellKnown.get(provider) ?? `local:oauth:${encodeURIComponent(provider)}`
    },
  }
}
