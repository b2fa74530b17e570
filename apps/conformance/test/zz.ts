import { createAuth } from '@keystile/core'
export const a = createAuth({
  database: ':memory:',
  plugins: [{ id: 'one', init: (domain) => void domain.settings }],
  rateLimit: { customRules: { '/x': async () => false, '/y': () => false } },
})
export const b = createAuth({
  database: ':memory:',
  rateLimit: { customRules: { '/x': async () => false, '/y': () => false } },
  databaseHooks: { user: { create: { before: () => false, after: async () => {} }, delete: { before: async () => false } } },
})
