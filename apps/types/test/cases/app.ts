/** An app with something of everything, and one with nothing. */
import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import * as v from 'valibot'

export const bare = createAuth({ database: ':memory:', emailAndPassword: { enabled: true } })

export const auth = createAuth({
  database: ':memory:',
  emailAndPassword: { enabled: true },
  user: {
    modelName: 'people',
    fields: { email: 'mail', plan: 'plan_code', username: 'handle' },
    additionalFields: {
      plan: { type: ['free', 'pro'], required: true, fieldName: 'plan_code' },
      tags: { type: 'string[]' },
      age: { type: 'number', required: false },
      score: { type: 'number', defaultValue: 0 },
      role: { type: 'string', input: false, defaultValue: 'user' },
      rank: { type: 'number', input: false },
      note: { type: 'string', required: false, returned: false },
      colour: { type: 'string', required: false, validator: { input: v.picklist(['red', 'blue']) } },
      born: {
        type: 'date',
        validator: {
          input: v.pipe(
            v.string(),
            v.transform((text) => new Date(text)),
          ),
        },
      },
    },
  },
  session: {
    additionalFields: {
      device: { type: ['phone', 'desk'], required: false },
      risk: { type: 'number', input: false, returned: false, defaultValue: 0 },
    },
  },
  plugins: [username()],
})

/** The rows that must come out, written by hand. */
export interface User {
  id: string
  name: string
  email: string
  emailVerified: boolean
  image: string | null
  createdAt: Date
  updatedAt: Date
  plan: 'free' | 'pro'
  tags: string[]
  age: number | null
  score: number
  role: string
  rank: number
  colour: 'red' | 'blue' | null
  born: Date
  username: string | null
  displayUsername: string | null
}

export interface Session {
  id: string
  token: string
  userId: string
  expiresAt: Date
  createdAt: Date
  updatedAt: Date
  ipAddress: string | null
  userAgent: string | null
  device: 'phone' | 'desk' | null
}

export interface Pair {
  session: Session
  user: User
}

/** A body that sign-up takes, with all that may be left out left out. */
export const newUser = {
  name: 'Ada',
  email: 'ada@example.com',
  password: 'a long enough phrase',
  plan: 'pro',
  tags: ['first'],
  born: '1815-12-10',
} as const satisfies object
