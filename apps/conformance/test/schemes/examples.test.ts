/** The recorded list of credentials that the original took or refused, judged by ours. */
import { basic, controller, createApi, endpoint, jwt } from '@keystile/core/api'
import { expect, it } from 'vitest'
import { recorded } from './recorded.ts'

interface Example {
  readonly kind: 'jwt' | 'basic'
  readonly name: string
  readonly token?: string
  readonly header?: string
  readonly expect: number
}

const { items } = recorded<{ items: Example[] }>('check-example')
const { secret_key: secret } = recorded<{ secret_key: string }>('session')

const api = createApi({
  production: false,
  controllers: [
    controller('/jwt', {
      auth: [jwt({ secret, getUser: ({ sub }) => (sub === '1' ? { name: 'alice' } : null) })],
      endpoints: { me: endpoint({ method: 'GET' }, () => 'in') },
    }),
    controller('/basic', {
      auth: [basic({ authenticate: (name, password) => (name === 'admin' && password === 'pass' ? { name } : null) })],
      endpoints: { me: endpoint({ method: 'GET' }, () => 'in') },
    }),
  ],
})

it.each(items)('$kind: $name', async ({ kind, token, header = `Bearer ${token}`, expect: status }) => {
  const request = new Request(`http://localhost/api/${kind}`, { headers: { authorization: header } })
  expect((await api.handler(request)).status).toBe(status)
})

it('are all there', () => {
  expect(items.map(({ expect: status }) => status)).toEqual([200, 401, 200, 401])
})
