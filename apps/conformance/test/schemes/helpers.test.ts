/** What tests of an app need: endpoints without their schemes, tokens without a login. */
import {
  basic,
  controller,
  createApi,
  disabledAuth,
  endpoint,
  type Identified,
  jwt,
  makeJwt,
  only,
  requestAuth,
} from '@keystile/core/api'
import { describe, expect, it } from 'vitest'
import { claimsOf, withPeople } from './people.ts'
import { jsonOf } from './recorded.ts'

describe('disabledAuth', () => {
  const staff = basic({ name: 'staff', authenticate: (name) => (name === 'ann' ? { name } : null) })
  const who = endpoint({ method: 'GET', auth: only([staff]) }, ({ auth, request }) => [
    auth?.identity ?? null,
    requestAuth(request)?.identity ?? null,
  ])
  const ask = async (own: ReturnType<typeof disabledAuth>) => {
    const api = createApi({ schemes: [staff], controllers: [controller('/c', { auth: [staff], endpoints: { own } })] })
    const answer = await api.handler(new Request('http://localhost/api/c'))
    return [answer.status, await jsonOf(answer), api.operations[0]?.endpoint.auth]
  }

  it('asks nobody, and lets the handler meet the caller of a test', async () => {
    expect(await ask(disabledAuth(who, { scheme: 'staff', identity: { name: 'eve' } }))).toEqual([
      200,
      [{ name: 'eve' }, { name: 'eve' }],
      [],
    ])
    expect(await ask(disabledAuth(who))).toEqual([200, [null, null], []])
  })

  it('leaves the endpoint itself guarded', async () => {
    disabledAuth(who)
    expect((await ask(who))[0]).toBe(401)
  })

  it('takes a caller that the endpoint can meet', () => {
    const ofStaff = endpoint({ method: 'GET', auth: [staff] }, ({ auth }) => auth.identity.name)
    // @ts-expect-error not of the staff
    disabledAuth(ofStaff, { scheme: 'key', identity: { key: 'k' } })
    const somebody: Identified<'staff', { name: string }> = { scheme: 'staff', identity: { name: 'ann' } }
    expect(disabledAuth(ofStaff, somebody).auth).toBeNull()
  })
})

describe('makeJwt', () => {
  const people = withPeople()
  const options = { issuers: 'https://a.example', audiences: 'https://b.example' }
  const api = createApi({
    auth: people.auth,
    controllers: [
      controller('/c', { auth: [jwt(options)], endpoints: { c: endpoint({ method: 'GET' }, () => 'in') } }),
    ],
  })
  const ask = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    return (await api.handler(new Request('http://localhost:3000/api/c', { headers }))).status
  }

  it('makes what the scheme of the same options and the same auth takes', async () => {
    expect(await ask(await makeJwt({ sub: '1' }, options, people.auth))).toBe(200)
    expect(await ask(await makeJwt({ sub: '1' }, {}, people.auth))).toBe(401)
    expect(await ask(await makeJwt({ sub: '1', type: 'refresh' }, options, people.auth))).toBe(401)
    expect(await ask(await makeJwt({ sub: '1' }, { ...options, secret: 'x'.repeat(32) }))).toBe(401)
    const brief = await makeJwt({ sub: '1', expiration: 60 }, options, people.auth)
    expect(claimsOf(brief).payload).toMatchObject({ sub: '1', iss: 'https://a.example', aud: 'https://b.example' })
    people.clock.now += 60_000
    expect(await ask(brief)).toBe(401)
  })

  it('makes none without a key, of nobody, or without a life', async () => {
    await expect(makeJwt({ sub: '1' })).rejects.toMatchObject({ code: 'JWT_WITHOUT_KEY' })
    for (const wrong of [
      { sub: '' },
      { sub: '1', expiration: 0 },
      { sub: '1', expiration: -1 },
      { sub: '1', expiration: 0.5 },
    ]) {
      await expect(makeJwt(wrong, options, people.auth)).rejects.toThrow(TypeError)
    }
  })
})
