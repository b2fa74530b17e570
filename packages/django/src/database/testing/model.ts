/** Tables as an auth has them, for tests of the store alone. */
import { table } from '@keystile/core/store'

const text = { type: 'string', required: true } as const
const date = { type: 'date', required: true } as const
const ofUser = { type: 'string', required: true, index: true, references: { model: 'user', field: 'id' } } as const
export const maybe = { type: 'string', required: false } as const

export const user = table('user', {
  name: text,
  email: { ...text, unique: true },
  emailVerified: { type: 'boolean', required: true, defaultValue: false },
  image: maybe,
  createdAt: date,
  updatedAt: date,
})
export const session = table('session', {
  expiresAt: date,
  token: { ...text, unique: true },
  createdAt: date,
  updatedAt: date,
  ipAddress: maybe,
  userId: ofUser,
})
export const account = table(
  'account',
  {
    accountId: text,
    providerId: text,
    userId: ofUser,
    accessToken: maybe,
    password: maybe,
    createdAt: date,
    updatedAt: date,
  },
  { indexes: [{ fields: ['providerId', 'accountId'], unique: true }] },
)

export const now = new Date('2026-01-02T03:04:05.678Z')
export const week = new Date(now.getTime() + 7 * 86400_000)

/** Hashes that Django would take for such, each another. */
export const hashOf = (n: number) => `md5$salt$${String(n).padStart(32, '0')}`

export const accountOf = (userId: string, password: string) => ({
  userId,
  accountId: userId,
  providerId: 'credential',
  password,
  createdAt: now,
  updatedAt: now,
})

export const sessionOf = (userId: string, token = 'h1.token') => ({
  userId,
  token,
  expiresAt: week,
  createdAt: now,
  updatedAt: now,
  ipAddress: '::1',
})

export const ann = { name: 'Ann Lee', email: 'ann@example.com', createdAt: now, updatedAt: now }
