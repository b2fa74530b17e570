import { describe, expect, it } from 'vitest'
import { cacheCookie, forgetCookie, setup, start, tokenCookie } from '../support.ts'
import { refusal, told } from './codes.ts'

const salt = '00112233445566778899aabbccddeeff'
const now = new Date(start)

function rowsOf(password: string | null) {
  const user = {
    id: 'user1',
    name: 'A',
    email: 'a@b.com',
    emailVerified: false,
    image: null,
    createdAt: now,
    updatedAt: now,
  }
  const account = {
    id: 'acc1',
    userId: 'user1',
    providerId: 'credential',
    accountId: 'user1',
    password,
    createdAt: now,
    updatedAt: now,
  }
  return { user: [user], account: [account], session: [] as Record<string, unknown>[] }
}

describe('9.1 signed cookies', () => {
  const token = 'AbCdEfGhIjKlMnOpQrStUvWxYz012345'
  const cookie = `${tokenCookie}=AbCdEfGhIjKlMnOpQrStUvWxYz012345.JB9%2FuO3NjZ7fPfYhZw2FiZNIJXfFvi5kq%2BIEB%2FdEesc%3D`
  const session = {
    id: 'sess1',
    userId: 'user1',
    token,
    expiresAt: new Date(start + 86400_000),
    createdAt: now,
    updatedAt: now,
  }

  it('opens the session of its token', async () => {
    const { browser, rows } = setup({}, { ...rowsOf(null), session: [session] })
    const { json } = await browser().get('/get-session', { cookie })
    expect(json.session).toMatchObject({ id: 'sess1', token })
    expect(rows.session[0]?.token).not.toBe(token)
  })

  it('dont_remember keeps it from being refreshed', async () => {
    const forget = `${forgetCookie}=true.aZGbuGvWObKfKl5prPM97oaGpPArEhtecNXgDJn0mrw%3D`
    const { browser } = setup({ session: { updateAge: 0 } }, { ...rowsOf(null), session: [{ ...session }] })
    expect((await browser().get('/get-session', { cookie: `${cookie}; ${forget}` })).setCookies).toEqual([])
    expect((await browser().get('/get-session', { cookie })).setCookies).toHaveLength(1)
  })

  it('a state’s signature is no session’s', async () => {
    const state = 'state_-ABC123.qouOT4TbUlc%2BBlp25sClErop6%2BBmNCmeGaBxjo4H7cI%3D'
    const { browser } = setup({}, { ...rowsOf(null), session: [{ ...session }] })
    expect((await browser().get('/get-session', { cookie: `${tokenCookie}=${state}; ${cacheCookie}=x` })).text).toBe(
      'null',
    )
  })
})

describe('9.2 scrypt hashes', () => {
  const combined = 'pa\u030assw\u00f6rd\u2122'
  const vectors: readonly [password: string, key: string][] = [
    [
      'password123',
      '73122e887cfc14f91396cdef78dfe4b9dec28d459037601c4904cedba5a637ab97b39b40c236df5d42881d0109ca8cf0f85e39dbaba2911c190915bd8f30fe85',
    ],
    [
      combined,
      '473aecce126606e12ae1f373b1ed1931e8b97c9492f873b917f46ad234b229bc98f3359451fa2de51012b895314e89e8eef013a6cc331e929eef0c3c20159aa3',
    ],
    [
      'correct horse battery staple',
      'f5b22309b28fe412c82a4b2cab57498b8f8a42c849af16cb908974048f61c13933421858db3a8f111430bdc493c7cef90f61f904061c77206e3820a2e8b11bc2',
    ],
  ]
  const real = { emailAndPassword: { password: undefined } }

  it.each(vectors)('%s signs in, is rehashed, and signs in again', async (password, key) => {
    const { browser, rows } = setup(real, rowsOf(`${salt}:${key}`))
    expect((await browser().signIn({ email: 'a@b.com', password })).status).toBe(200)
    expect(rows.account[0]?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await browser().signIn({ email: 'a@b.com', password })).status).toBe(200)
    expect((await browser().signIn({ email: 'a@b.com', password: password.normalize('NFKC') })).status).toBe(200)
    expect(told(await browser().signIn({ email: 'a@b.com', password: `${password}x` }))).toEqual(
      refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
    )
  })

  it.each([`${salt}:00`, 'no colon', '', ':', `${salt}:${'zz'.repeat(64)}`])(
    'a malformed hash %j is a wrong password',
    async (stored) => {
      const { browser, rows } = setup(real, rowsOf(stored))
      expect(told(await browser().signIn({ email: 'a@b.com', password: 'password123' }))).toEqual(
        refusal(401, 'INVALID_EMAIL_OR_PASSWORD'),
      )
      expect(rows.account[0]?.password).toBe(stored)
    },
  )

  it('trap 4: NFKC at sign-up too', async () => {
    const { browser } = setup(real)
    await browser().signUp({ name: 'A', email: 'a@b.com', password: combined })
    expect((await browser().signIn({ email: 'a@b.com', password: combined.normalize('NFKC') })).status).toBe(200)
  })
})
