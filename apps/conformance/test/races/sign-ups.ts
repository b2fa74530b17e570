/** A process of its own: `sign-ups.ts <file> <prefix> <count>` signs up so many at once when told to, and tells how it went. */
import { createAuth } from '@keystile/core'

const [file = '', prefix = '', count = '0'] = process.argv.slice(2)
const auth = createAuth({
  database: file,
  secret: 'keystile-test-secret-0123456789abcdef0123456789',
  baseURL: 'http://localhost:3000',
  env: {},
  production: false,
  logger: { disabled: true },
  emailAndPassword: { enabled: true, password: { hash: async (password) => password } },
})

const signUp = async (email: string) => {
  const body = JSON.stringify({ name: 'A', email, password: 'password123' })
  const headers = { 'content-type': 'application/json' }
  const request = new Request('http://localhost:3000/api/auth/sign-up/email', { method: 'POST', headers, body })
  return (await auth.handler(request)).status
}

process.once('message', async () => {
  const statuses = await Promise.all(
    Array.from({ length: Number(count) }, (_, i) => signUp(`${prefix}${i}@example.com`)),
  )
  await auth.close()
  process.send?.(statuses, () => process.disconnect())
})
process.send?.('ready')
