import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import * as v from 'valibot'
export const auth = createAuth({ database: ':memory:', emailAndPassword: { enabled: true },
  user: { fields: { email: 'mail' , plan: 'plan_code', username: 'handle' }, additionalFields: {
      plan: { type: ['free', 'pro'], required: true },
      age: { type: 'number', required: false },
      score: { type: 'number', defaultValue: 0 },
      role: { type: 'string', input: false, defaultValue: 'user' },
      secretNote: { type: 'string', required: false, returned: false },
      colour: { type: 'string', required: false, validator: { input: v.picklist(['red', 'blue']) } },
      born: { type: 'date', validator: { input: v.pipe(v.string(), v.transform((s) => new Date(s))) } },
  } },
  session: { additionalFields: { device: { type: 'string', required: false } } },
  databaseHooks: { user: { create: { before: (data) => { const e: string = data.email; const p: 'free'|'pro'|undefined = data.plan; const n: string|null|undefined = data.secretNote; return { data: { plan: 'pro', name: e } } } } } },
  hooks: { after: async ({ exchange, domain }) => { exchange.opened?.user.plan; (await domain.sessions.read(exchange))?.user.secretNote; await domain.store.find(domain.tables.user, { plan: 'pro' }) } },
  plugins: [username()] })
export const session = (h: Headers) => auth.getSession(h)
export const made = () => auth.api.signUpEmail({ body: { name: 'A', email: 'a@b.co', password: 'x', plan: 'pro', born: '2020' } })
