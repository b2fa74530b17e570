import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { expect, it } from 'vitest'

it('signs up, signs in and gets the session', async () => {
  const auth = createAuth({
    database: ':memory:',
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: 'http://localhost:3000',
    emailAndPassword: { enabled: true },
    plugins: [username()],
    user: { additionalFields: { plan: { type: ['free', 'pro'], required: true }, age: { type: 'number', required: false } } },
  })
  const post = (path: string, body: object, headers = {}) =>
    auth.handler(
      new Request(`http://localhost:3000/api/auth${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    )
  const up = await post('/sign-up/email', { name: 'A', email: 'A@b.co', password: 'password123', plan: 'pro', username: 'Alice_1' })
  console.log(up.status, await up.text(), up.headers.getSetCookie())
  const up2 = await post('/sign-up/email', { name: 'A', email: 'A@b.co', password: 'password123', plan: 'pro' })
  console.log(up2.status, await up2.text())
  const bad = await post('/sign-up/email', { name: 5, email: 'Ab.co', password: '', rememberMe: 'x' })
  console.log(bad.status, await bad.text())
  const inn = await post('/sign-in/username', { username: 'alice_1', password: 'password123' })
  const cookie = inn.headers.getSetCookie()[0]!.split(';')[0]!
  console.log(inn.status, await inn.text())
  const got = await auth.handler(new Request('http://localhost:3000/api/auth/get-session', { headers: { cookie } }))
  console.log(got.status, await got.text(), [...got.headers])
  const s = await auth.getSession(new Headers({ cookie }))
  console.log(s)
  const l = await auth.api.listSessions({ headers: new Headers({ cookie }) })
  console.log(l)
  const created = await auth.api.signUpEmail({ body: { name: 'x', email: 'x@y.co', password: 'password123', plan: 'free' } })
  expect(created.user.plan).toBe('free')
  await auth.close()
})
