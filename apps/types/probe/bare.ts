import { createAuth } from '@keystile/core'
export const auth = createAuth({ database: ':memory:', emailAndPassword: { enabled: true } })
export const user = async () => (await auth.getSession(new Headers()))?.user.email
export const made = () => auth.api.signUpEmail({ body: { name: 'A', email: 'a@b.co', password: 'x' } })
