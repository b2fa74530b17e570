/** The three people of the recordings, as users of an auth, and tokens made without the library. */
import { createHmac } from 'node:crypto'
import type { AnyPlugin, Options } from '@keystile/core'
import { day, type Setup, setup, start } from '../support.ts'

const people = [
  { id: '1', username: 'alice', password: 'alice-pw', isActive: true, isStaff: false },
  { id: '2', username: 'gone', password: 'gone-pw', isActive: false, isStaff: false },
  { id: '3', username: 'root', password: 'root-pw', isActive: true, isStaff: true },
]

/** Alice, gone, who is not active, and root, of the staff. Their passwords are `<name>-pw`. */
export function withPeople<const P extends readonly AnyPlugin[] = readonly []>(
  options: Partial<Options<P>> = {},
): Setup<P> {
  // Older than the tokens of the recordings.
  const at = new Date(start - 2 * 365 * day)
  const stamped = { createdAt: at, updatedAt: at }
  const user = people.map(({ password: _, ...person }) => ({
    ...stamped,
    ...person,
    name: person.username,
    email: `${person.username}@example.com`,
    emailVerified: true,
    image: null,
  }))
  const account = people.map(({ id, password }) => ({
    ...stamped,
    id: `account-${id}`,
    userId: id,
    accountId: id,
    providerId: 'credential',
    password: `quick:${password}`,
  }))
  return setup<P>(
    {
      user: {
        additionalFields: {
          username: { type: 'string', required: false, unique: true },
          isActive: { type: 'boolean', required: false },
          isStaff: { type: 'boolean', required: false },
        },
      },
      ...options,
    } as unknown as Partial<Options<P>>,
    { user, account },
  )
}

export const isActive = (user: object | null) => (user as { readonly isActive?: boolean } | null)?.isActive === true

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A compact JWS by Node's own HMAC; a text goes in as it is. */
export function hs256(payload: unknown, secret: string | Uint8Array, header: object = {}): string {
  const { alg = 'HS256' } = header as { alg?: string }
  const signed = `${part({ alg, typ: 'JWT', ...header })}.${part(payload)}`
  const hash = `sha${alg.slice(2)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

/** What a token claims. */
export function claimsOf(token: string): { readonly header: object; readonly payload: Record<string, unknown> } {
  const [header, payload] = token.split('.').map((one) => Buffer.from(one, 'base64url').toString())
  return { header: JSON.parse(header ?? ''), payload: JSON.parse(payload ?? '') }
}
