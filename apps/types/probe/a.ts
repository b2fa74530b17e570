import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
export const auth = createAuth({ database: ':memory:', plugins: [username()],
  user: {  additionalFields: { plan: { type: ['free', 'pro'], required: true } } },
  databaseHooks: { user: { create: { before: (data) =>  ({ data: { plan: 'pro', name: data.email } }) } } },
 })
export const session = (h: Headers) => auth.getSession(h)
export const x = auth.getSession
