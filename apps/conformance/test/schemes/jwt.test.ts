import { constants, generateKeyPairSync, hkdfSync, type KeyObject, sign } from 'node:crypto'
import {
  controller,
  createApi,
  endpoint,
  type JwtAlgorithm,
  type JwtHeaderOptions,
  type JwtIdentity,
  type JwtKey,
  type JwtToken,
  jwt,
  jwtCookie,
  memoryBlocklist,
  requestAuth,
  type Scheme,
} from '@keystile/core/api'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { secret as appSecret, start } from '../support.ts'
import { hs256, isActive, withPeople } from './people.ts'
import { jsonOf, type Recorded, recorded, requestOf } from './recorded.ts'

interface JwtExchange extends Recorded {
  readonly case: string
  readonly transport?: 'cookie'
  readonly options: Readonly<Record<string, unknown>>
  readonly claims_relative_to_now?: Readonly<Record<string, number>>
}
interface Document {
  readonly components: { readonly securitySchemes: Scheme['securitySchemes'] }
  readonly paths: {
    readonly [path: string]: { readonly get: { readonly security: unknown; readonly responses: object } }
  }
}
const {
  secret_key: secret,
  exchanges,
  openapi: documents,
} = recorded<{ secret_key: string; exchanges: JwtExchange[]; openapi: Record<string, Document> }>('jwt')
const byHeader = exchanges.filter((one) => one.transport === undefined)

/** JwtHeaderOptions of the original under our names. */
const named: Readonly<Record<string, (value: never) => JwtHeaderOptions>> = {
  algorithm: (algorithm: JwtAlgorithm) => ({ algorithms: [algorithm] }),
  secret: (own: string) => ({ secret: own }),
  enforce_minimum_key_length: (enforceMinimumKeyLength: boolean) => ({ enforceMinimumKeyLength }),
  user_id_field: (userIdField: string) => ({ userIdField }),
  leeway: (leeway: number) => ({ leeway }),
  require_claims: (requireClaims: string[]) => ({ requireClaims }),
  accepted_issuers: (issuers: string[] | null) => ({ issuers: issuers ?? undefined }),
  accepted_audiences: (audiences: string[] | null) => ({ audiences: audiences ?? undefined }),
  strict_audience: (strictAudience: boolean) => ({ strictAudience }),
  verify_expiry: (verifyExpiry: boolean) => ({ verifyExpiry }),
  verify_issued_at: (verifyIssuedAt: boolean) => ({ verifyIssuedAt }),
  verify_not_before: (verifyNotBefore: boolean) => ({ verifyNotBefore }),
  // The types of sub and jti are always looked at.
  verify_subject: () => ({}),
  verify_jwt_id: () => ({}),
}

const alice = { user: 'alice', jti: null, extras: {} }
const refused = { detail: [{ msg: 'Not authenticated', type: 'security' }] }

/** Where we mean to answer otherwise: another status with its body, or a named error at start. */
const differs: Readonly<
  Record<string, { status: number; body: unknown; why: string } | { start: string; why: string }>
> = {
  'lower-case scheme': { status: 200, body: alice, why: 'the word before credentials has no case (RFC 9110, 11.1)' },
  'two spaces': { status: 200, body: alice, why: 'RFC 9110 allows several' },
  'trailing space': {
    status: 200,
    body: alice,
    why: 'a space around a header is no part of its value (RFC 9110, 5.5)',
  },
  'short secret of the auth': { start: 'JWT_SECRET_SHORT', why: 'said at start, not at every request' },
  'extras claim is a list': { status: 401, body: refused, why: 'extras must be an object' },
  'extras claim is null': { status: 401, body: refused, why: 'extras must be an object' },
  'sub empty': { status: 401, body: refused, why: 'no token is a 500' },
  'sub a number, check off': { status: 401, body: refused, why: 'no token is a 500' },
  'sub with spaces': { status: 401, body: refused, why: 'a sub is the exact text of a key' },
  'user looked up by a field that does not exist': { start: 'USER_FIELD', why: 'said at start, not at every request' },
  'jti a number, check off': { status: 401, body: refused, why: 'a token that does not hold is a 401' },
  'refresh token used as an access token': { status: 401, body: refused, why: 'access and refresh are kept apart' },
  'expired, check off': { status: 200, body: alice, why: 'as configured, where the original crashes' },
  'exp is beyond floats': { status: 401, body: refused, why: 'no token is a 500' },
  'iat in the future within leeway': { status: 200, body: alice, why: 'as configured, where the original crashes' },
  'iat in the future, check off': { status: 200, body: alice, why: 'as configured, where the original crashes' },
  'issuer wanted is empty list': { start: 'JWT_ACCEPTS_NOTHING', why: 'an empty list is no way to check nothing' },
  'strict, list accepted': { start: 'JWT_STRICT_AUDIENCE', why: 'said at start, not at every request' },
}

const people = withPeople()

function apiWith(options: JwtHeaderOptions) {
  return createApi({
    auth: people.auth,
    errors: 'detail',
    controllers: [
      controller('/c/', {
        auth: [jwt({ check: isActive, ...options })],
        endpoints: {
          get: endpoint({ method: 'GET' }, ({ request }) => {
            const { user, token } = requestAuth(request, { strict: true }).identity as JwtIdentity
            return { user: user.username, jti: token.jti ?? null, extras: token.extras }
          }),
        },
      }),
    ],
  })
}

/** The extras were recorded as text. */
const readable = (body: unknown) => {
  const { extras, ...rest } = body as { extras?: unknown }
  return typeof extras === 'string' ? { ...rest, extras: JSON.parse(extras) } : body
}

describe('JWT in a header, as recorded', () => {
  it.each(byHeader.map((one) => [one.case, one] as const))('%s', async (title, exchange) => {
    const { options: given, request, response, claims_relative_to_now: relative } = exchange
    const options = Object.entries(given).map(([name, value]) => {
      const own = named[name]
      if (!own) throw new Error(`the option ${name} of the original has no name here`)
      return own(value as never)
    })
    const all: JwtHeaderOptions = Object.assign({ secret }, ...options)
    const other = differs[title]
    if (other && 'start' in other) {
      expect(() => apiWith(all)).toThrow(expect.objectContaining({ name: 'ConfigError', code: other.start }))
      return
    }
    const headers = { ...request.headers }
    const times: Record<string, number> = {}
    if (relative) {
      for (const [claim, offset] of Object.entries(relative)) times[claim] = start / 1000 + offset
      headers.Authorization = `Bearer ${hs256({ sub: '1', exp: 4102444800, iat: 1735732800, extras: {}, ...times }, secret)}`
    }
    const answer = await apiWith(all).handler(requestOf({ ...request, headers }))
    const body = await jsonOf(answer)
    if (other) {
      expect({ status: answer.status, body }).toEqual({ status: other.status, body: other.body })
      expect(other.status, 'a difference that is none').not.toBe(response.status)
    } else {
      expect(answer.status).toBe(response.status)
      const expected = readable(response.body) as { extras?: Record<string, unknown> }
      if (times.nbf !== undefined && expected.extras) expected.extras.nbf = times.nbf
      expect(body).toEqual(expected)
    }
    const sent = /^bearer +[^ ]/i.test(headers.Authorization ?? '')
    const challenge = sent ? 'Bearer realm="api", error="invalid_token"' : 'Bearer realm="api"'
    expect(answer.headers.get('www-authenticate')).toBe(answer.status === 401 ? challenge : null)
    expect(answer.headers.get('vary')?.toLowerCase()).toContain('authorization')
  })

  it('every recorded exchange is replayed, here or among those of cookies', () => {
    expect([byHeader.length, exchanges.length]).toEqual([84, 89])
    const titles = new Set(byHeader.map((one) => one.case))
    expect(titles.size).toBe(84)
    expect(Object.keys(differs).filter((title) => !titles.has(title))).toEqual([])
  })
})

const claims = { sub: '1', exp: 4102444800, iat: 1735732800 }
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

type Pair = 'RS256' | 'PS384' | 'ES256' | 'ES384' | 'EdDSA'

const webNames = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS384: { name: 'RSA-PSS', hash: 'SHA-384' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  EdDSA: { name: 'Ed25519' },
}

function pairOf(algorithm: Pair): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519')
  if (algorithm === 'ES256' || algorithm === 'ES384') return generateKeyPairSync('ec', webNames[algorithm])
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** A token of these claims by Node's own signatures. */
function signedBy(key: KeyObject, algorithm: Pair, header: object = {}): string {
  const input = `${part({ alg: algorithm, typ: 'JWT', ...header })}.${part(claims)}`
  const hash = algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`
  const padding = algorithm === 'PS384' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 } : {}
  const how = algorithm.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' as const } : padding
  return `${input}.${sign(hash, Buffer.from(input), { key, ...how }).toString('base64url')}`
}

/** The status of a token at an endpoint that this scheme guards. */
function asking(scheme: Scheme, auth: Parameters<typeof createApi>[0]['auth'] = people.auth, more: object = {}) {
  const api = createApi({
    auth,
    ...more,
    controllers: [controller('/c', { auth: [scheme], endpoints: { c: endpoint({ method: 'GET' }, () => 'in') } })],
  })
  return async (token: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
    (await api.handler(new Request('http://localhost:3000/api/c', { headers }))).status
}

describe('keys', () => {
  it('old secrets verify, and are taken away at last', async () => {
    const [older, newer] = ['an older secret, long enough for HS256', 'a newer secret, long enough for HS256']
    const [byOlder, byNewer] = [hs256(claims, older), hs256(claims, newer)]
    const both = asking(jwt({ secrets: [newer, older] }))
    expect([await both(byOlder), await both(byNewer)]).toEqual([200, 200])
    const one = asking(jwt({ secrets: [newer] }))
    expect([await one(byOlder), await one(byNewer)]).toEqual([401, 200])
  })

  it('of older secrets of the app are derived too', async () => {
    const [older, newer] = [appSecret, 'newer-app-secret-0123456789abcdef-0123']
    const { auth } = withPeople({
      secret: undefined,
      secrets: [
        { version: 2, value: newer },
        { version: 1, value: older },
      ],
    } as never)
    const key = (of: string) => Buffer.from(hkdfSync('sha256', of, '', 'keystile/jwt/HS256/0', 32))
    const ask = asking(jwt(), auth)
    expect([await ask(hs256(claims, key(newer))), await ask(hs256(claims, key(older)))]).toEqual([200, 200])
  })

  it.each(['HS256', 'HS384', 'HS512'] as const)(
    'without any, one of the app secret alone is derived for %s',
    async (algorithm) => {
      const ask = asking(jwt({ algorithms: [algorithm] }))
      const [bits] = [Number(algorithm.slice(2))]
      const derived = [0, 1].map((i) =>
        Buffer.from(hkdfSync('sha256', appSecret, '', `keystile/jwt/${algorithm}/${i}`, 32)),
      )
      const key = Buffer.concat(derived).subarray(0, bits / 8)
      expect(await ask(hs256(claims, key, { alg: algorithm }))).toBe(200)
      expect(await ask(hs256(claims, appSecret, { alg: algorithm }))).toBe(401)
    },
  )

  it.each(['RS256', 'PS384', 'ES256', 'ES384', 'EdDSA'] as const)(
    'public keys of %s: a JWK, a PEM text, a key of Web Crypto',
    async (algorithm) => {
      const { publicKey, privateKey } = pairOf(algorithm)
      const token = signedBy(privateKey, algorithm)
      const jwk = { ...publicKey.export({ format: 'jwk' }), alg: algorithm } as JwtKey
      const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string
      expect(await asking(jwt({ key: jwk }))(token)).toBe(200)
      expect(await asking(jwt({ key: [pem], algorithms: [algorithm] }))(token)).toBe(200)
      const der = publicKey.export({ format: 'der', type: 'spki' })
      const web = await crypto.subtle.importKey('spki', der, webNames[algorithm], true, ['verify'])
      expect(await asking(jwt({ key: web as JwtKey, algorithms: [algorithm] }))(token)).toBe(200)
    },
  )

  it('several public keys: each under its algorithm, by kid where both have one', async () => {
    const [one, two] = [pairOf('ES256'), pairOf('RS256')]
    const jwkOf = (pair: typeof one, kid: string) => ({ ...pair.publicKey.export({ format: 'jwk' }), kid }) as JwtKey
    const ask = asking(jwt({ key: [jwkOf(one, 'one'), jwkOf(two, 'two')], algorithms: ['ES256', 'RS256'] }))
    expect(await ask(signedBy(one.privateKey, 'ES256', { kid: 'one' }))).toBe(200)
    expect(await ask(signedBy(one.privateKey, 'ES256'))).toBe(200)
    expect(await ask(signedBy(one.privateKey, 'ES256', { kid: 'two' }))).toBe(401)
    expect(await ask(signedBy(two.privateKey, 'RS256', { kid: 'two' }))).toBe(200)
  })
})

describe('public keys that cannot be used', () => {
  const [rsa, ec, ed] = [pairOf('RS256'), pairOf('ES256'), pairOf('EdDSA')]
  const pem = (key: KeyObject, type: 'spki' | 'pkcs8' = 'spki') => key.export({ format: 'pem', type }) as string
  const text = pem(ec.publicKey)
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const secp = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  const start = (options: JwtHeaderOptions) => () => asking(jwt({ algorithms: ['ES256'], ...options }))

  it.each([
    ['no PEM', { key: 'a key' }, 'no PEM text'],
    ['line breaks that are written out', { key: text.replaceAll('\n', '\\n') }, 'line breaks'],
    ['two keys in one text', { key: text + text }, 'several PEM blocks'],
    ['a text that is cut short', { key: text.replace(/.{8}\n-----END/, '\n-----END') }, 'cut short'],
    ['another PEM', { key: short.publicKey.export({ format: 'pem', type: 'pkcs1' }) as string }, '"RSA PUBLIC KEY"'],
    ['another curve', { key: pem(secp.publicKey) }, 'no key of RSA, P-256'],
    ['another kind, as PEM', { key: pem(rsa.publicKey) }, 'no public key of ES256'],
    ['another kind, as JWK', { key: rsa.publicKey.export({ format: 'jwk' }) as JwtKey }, 'no public key of ES256'],
    [
      'another algorithm of its own',
      { key: { ...ec.publicKey.export({ format: 'jwk' }), alg: 'ES384' } as JwtKey },
      'ES256',
    ],
    ['encryption', { key: { ...ec.publicKey.export({ format: 'jwk' }), use: 'enc' } as JwtKey }, 'not for signatures'],
    ['one of two that fits nothing', { key: [text, pem(ed.publicKey)] }, 'no public key of ES256'],
    ['a public key to sign with', { key: text, signingKey: text }, 'signingKey is no private key of ES256'],
    ['another kind to sign with', { key: text, signingKey: pem(rsa.privateKey, 'pkcs8') }, 'signingKey is no private'],
    ['no PEM to sign with', { key: text, signingKey: 'x' }, 'signingKey: it is no PEM'],
  ])('%s is an error at start', (_what, options, says) => {
    expect(start(options)).toThrow(says)
    expect(start(options)).toThrow(expect.objectContaining({ name: 'ConfigError', code: 'JWT_KEY_UNFIT' }))
  })

  it('a short one to sign with is an error at start', () => {
    const options = { key: pem(rsa.publicKey), signingKey: pem(short.privateKey, 'pkcs8') }
    expect(start({ ...options, algorithms: ['RS256'] })).toThrow('shorter than 2048')
  })

  it('a key of Web Crypto is for one algorithm', async () => {
    const der = rsa.publicKey.export({ format: 'der', type: 'spki' })
    const key = (await crypto.subtle.importKey('spki', der, webNames.RS256, true, ['verify'])) as JwtKey
    for (const one of ['PS256', 'RS384', 'ES256'] as const)
      expect(start({ key, algorithms: [one] })).toThrow('no public key')
    expect(start({ key, algorithms: ['PS256', 'RS256'] })).not.toThrow()
  })
})

/** Until 2126, of a key that nobody has kept; and a token by that key. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUU08yvd/cghJkoBgsZ01U7RTA6n8wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOaXNzdWVyLmV4YW1wbGUwIBcNMjYxMTIxMTQ0MjA3WhgPMjEy
NjEwMjgxNDQyMDdaMBkxFzAVBgNVBAMMDmlzc3Vlci5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE2UmLATv8qYA7tALpvtRoY2fV2e/2DZPIBim66B27
mXgdIJYjjW5rFY1rjYT1y7WMa7Zul04PVS8nOw4ju7qQxqNTMFEwHQYDVR0OBBYE
FJ6w+spLLFI59mJ2iqigbmNSIpJaMB8GA1UdIwQYMBaAFJ6w+spLLFI59mJ2iqig
bmNSIpJaMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgQ/PrOlRH
ZJ54b8gO/KsQryrVjzwHqL+FcaY+bJ8szZ4CIQCNTO+PzmnsHcjDRk+up4XuE6ws
xXwCMjVihgkoMU+vQQ==
-----END CERTIFICATE-----`
const byCertificate =
  'eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MzU3MzI4MDB9.' +
  'N_HPM52NIsU2FBIEPBbHgMwWg6qxrmXM8zojfy3UhQgKvRPrLYJBPynD4fKJzhNZB1gj01oyR9dhh4hF8Cm3eA'

it('a certificate has the key of its subject', async () => {
  const ask = asking(jwt({ key: certificate, algorithms: ['ES256'] }))
  expect([await ask(byCertificate), await ask(signedBy(pairOf('ES256').privateKey, 'ES256'))]).toEqual([200, 401])
  expect(() => asking(jwt({ key: certificate, algorithms: ['RS256'] }))).toThrow('no public key of RS256')
})

/** As much as anybody reads. */
const endless = () => new ReadableStream({ pull: (control) => control.enqueue(new Uint8Array(1 << 16)) })

describe('a JWKS URL', () => {
  const url = 'https://issuer.example/jwks.json'
  const minute = 60_000

  function issuer() {
    const pairs = new Map<string, ReturnType<typeof pairOf>>()
    const state = { fetched: 0, answer: undefined as (() => Promise<Response>) | undefined }
    const fetch: typeof globalThis.fetch = async (asked) => {
      expect(String(asked)).toBe(url)
      state.fetched++
      if (state.answer) return state.answer()
      return Response.json({
        keys: [...pairs].map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' })),
      })
    }
    const add = (kid: string) => {
      const pair = pairOf('ES256')
      pairs.set(kid, pair)
      return signedBy(pair.privateKey, 'ES256', { kid })
    }
    const own = withPeople({ fetch })
    return { ...own, state, add, pairs, ask: asking(jwt({ jwksUrl: url }), own.auth) }
  }

  it('is asked on first use, once for many, and again when its keys are old', async () => {
    const { ask, add, state, clock, pairs } = issuer()
    const token = add('a')
    expect(state.fetched).toBe(0)
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(token)))).toEqual(Array(20).fill(200))
    expect(state.fetched).toBe(1)
    pairs.delete('a')
    clock.now += 10 * minute - 1
    expect([await ask(token), state.fetched]).toEqual([200, 1])
    clock.now += 1
    expect([await ask(token), state.fetched]).toEqual([401, 2])
  })

  it('is asked for a key that is missing, twice a minute at most, whatever tokens name', async () => {
    const { ask, add, state, clock } = issuer()
    await ask(add('a'))
    const rotated = add('b')
    expect([await ask(rotated), state.fetched]).toEqual([401, 1])
    clock.now += minute / 2
    expect([await ask(rotated), state.fetched]).toEqual([200, 2])
    const unknown = Array.from({ length: 50 }, (_, i) =>
      signedBy(pairOf('ES256').privateKey, 'ES256', { kid: `x${i}` }),
    )
    for (const token of unknown) expect(await ask(token)).toBe(401)
    expect(state.fetched).toBe(2)
  })

  it.each([
    ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['500, whatever it says', async () => Response.json({ keys: [] }, { status: 500 })],
    ['a redirect', async () => Response.redirect('https://evil.example/jwks.json')],
    ['HTML', async () => new Response('<!doctype html>')],
    ['no set', async () => Response.json({ keys: 'none' })],
    ['more than a megabyte', async () => Response.json({ keys: [], filler: 'x'.repeat(1 << 20) })],
    ['more without end', async () => new Response(endless())],
  ] as const)('that gives %s: 503 at first, later the last keys for a day', async (_what, failing) => {
    const { ask, add, state, clock } = issuer()
    const token = add('a')
    state.answer = failing as () => Promise<Response>
    expect(await ask(token)).toBe(503)
    state.answer = undefined
    // Not asked again at once, whoever sends tokens.
    expect([await ask(token), state.fetched]).toEqual([503, 1])
    clock.now += 1000
    expect(await ask(token)).toBe(200)
    state.answer = failing as () => Promise<Response>
    clock.now += 10 * minute
    expect(await ask(token)).toBe(200)
    clock.now += 24 * 60 * minute
    expect(await ask(token)).toBe(503)
  })

  it('does not serve keys of a later time after the clock was put back', async () => {
    const { ask, add, state, clock } = issuer()
    const token = add('a')
    await ask(token)
    clock.now -= 60 * minute
    expect([await ask(token), state.fetched]).toEqual([200, 2])
  })

  it('declares its 503', () => {
    expect(jwt({ jwksUrl: url }).responses).toHaveProperty('503')
    expect(jwt().responses).not.toHaveProperty('503')
  })
})

describe('whose a token is', () => {
  it('a user of the auth, found by another unique field, or by a claim of the app', async () => {
    expect(
      await asking(jwt({ secret, userIdField: 'email' }))(hs256({ ...claims, sub: 'alice@example.com' }, secret)),
    ).toBe(200)
    expect(
      await asking(jwt({ secret, userIdField: 'email' }))(hs256({ ...claims, sub: 'ALICE@example.com' }, secret)),
    ).toBe(401)
    const claimed = jwt({ secret, claimFromToken: ({ extras }) => extras.uid as string | undefined })
    expect(await asking(claimed)(hs256({ ...claims, sub: 'x', extras: { uid: '1' } }, secret))).toBe(200)
    expect(await asking(claimed)(hs256({ ...claims }, secret))).toBe(401)
  })

  it('whoever the app says, with the type it says', async () => {
    const found = jwt({ secret, getUser: async ({ sub }) => (sub === '1' ? { nick: 'a' } : null) })
    expect(await asking(found)(hs256(claims, secret))).toBe(200)
    expect(await asking(found)(hs256({ ...claims, sub: '2' }, secret))).toBe(401)
    expectTypeOf(found).toExtend<Scheme<{ user: { nick: string }; token: JwtToken }, 'jwt'>>()
    expectTypeOf(jwt({ getUser: null, name: 'machine' })).toEqualTypeOf<Scheme<JwtIdentity<null>, 'machine'>>()
    expectTypeOf(jwt()).toEqualTypeOf<Scheme<JwtIdentity, 'jwt'>>()
  })

  it('nobody, where there is no auth and none is looked up', async () => {
    const ask = asking(jwt({ secret, getUser: null }), undefined, { clock: () => start })
    expect(await ask(hs256(claims, secret))).toBe(200)
  })
})

/** Descriptions are ours. */
const undescribed = (objects: Scheme['securitySchemes']) =>
  Object.fromEntries(Object.entries(objects).map(([name, { description: _, ...object }]) => [name, object]))

it('what stands at the top of a token is no word of its issuer about type and family', async () => {
  const token = hs256({ ...claims, type: 'access', family: 'a', nick: 'b', extras: { nick: 'c' } }, secret)
  const sent = new Request('http://localhost/api/c/', { headers: { authorization: `Bearer ${token}` } })
  expect(await jsonOf(await apiWith({ secret }).handler(sent))).toEqual({
    user: 'alice',
    jti: null,
    extras: { nick: 'c' },
  })
})

describe('another header', () => {
  it('carries the token behind its own word', async () => {
    const scheme = jwt({ secret, header: 'X-Token', scheme: 'JWT' })
    const ask = asking(scheme)
    const token = hs256(claims, secret)
    expect(await ask(token)).toBe(401)
    expect(await ask(token, { 'x-token': `jwt ${token}` })).toBe(200)
    expect(await ask(token, { 'x-token': token })).toBe(401)
    expect(scheme.challenge).toBeUndefined()
  })

  it('and every other name are in the document as recorded', () => {
    const objects: Record<string, Scheme> = {
      bearer: jwt(),
      'custom header': jwt({ header: 'X-Token', scheme: 'JWT' }),
      'custom scheme name': jwt({ name: 'access' }),
      'lower-case scheme': jwt({ scheme: 'bearer' }),
      cookie: jwtCookie(),
      async: jwt(),
    }
    expect(Object.keys(documents)).toEqual(Object.keys(objects))
    for (const [title, { securitySchemes, requirement, responses }] of Object.entries(objects)) {
      const theirs = documents[title]
      expect(undescribed(securitySchemes)).toEqual(undescribed(theirs?.components.securitySchemes ?? {}))
      const operation = theirs?.paths['/api/c/']?.get
      expect([requirement]).toEqual(operation?.security)
      for (const status of Object.keys(responses)) expect(operation?.responses).toHaveProperty(status)
    }
  })
})

it('a trace says why a token was refused, the answer does not', async () => {
  const api = apiWith({ secret })
  const token = hs256(claims, 'another secret, as long as it has to be')
  const answer = await api.handler(
    new Request('http://localhost/api/c/', { headers: { authorization: `Bearer ${token}` } }),
  )
  expect(await jsonOf(answer)).toEqual(refused)
  const [, path] = /<([^>]+)>/.exec(answer.headers.get('link') ?? '') ?? []
  const page = await (await api.handler(new Request(`http://localhost${path}`))).text()
  expect(page).toContain('its signature does not hold')
  expect(page).not.toContain(token.split('.')[1])
})

it.each([
  ['no key and no auth', { getUser: null }, 'JWT_WITHOUT_KEY'],
  ['nobody to ask', { secret, getUser: undefined }, 'JWT_WITHOUT_USERS'],
  ['two sources of keys', { secret, jwksUrl: 'https://a.example' }, 'JWT_KEYS_AMBIGUOUS'],
  ['no secrets', { secrets: [] }, 'JWT_SECRET_SHORT'],
  ['an empty secret', { secret: '', enforceMinimumKeyLength: false }, 'JWT_SECRET_SHORT'],
  [
    'a secret too short for one of its algorithms',
    { secret: 'x'.repeat(63), algorithms: ['HS256', 'HS512'] },
    'JWT_SECRET_SHORT',
  ],
  ['none as an algorithm', { secret, algorithms: ['none'] }, 'JWT_ALGORITHMS'],
  ['no algorithms', { secret, algorithms: [] }, 'JWT_ALGORITHMS'],
  ['a key whose algorithm is not told', { key: '-----BEGIN PUBLIC KEY-----' }, 'JWT_ALGORITHMS'],
  ['HMAC with a JWKS URL', { jwksUrl: 'https://a.example', algorithms: ['HS256'] }, 'JWT_ALGORITHMS'],
  ['a JWKS URL that others can read', { jwksUrl: 'http://a.example/jwks' }, 'JWKS_URL'],
  ['no URL', { jwksUrl: 'a.example' }, 'JWKS_URL'],
  ['an audience that is empty', { secret, audiences: [''] }, 'JWT_ACCEPTS_NOTHING'],
  ['a strict audience of nobody', { secret, strictAudience: true }, 'JWT_STRICT_AUDIENCE'],
  [
    'a blocklist that expiry does not end',
    { secret, blocklist: memoryBlocklist(), verifyExpiry: false },
    'JWT_BLOCKLIST_WITHOUT_EXPIRY',
  ],
])('%s is an error at start', (_what, options, code) => {
  const controllers = [
    controller('/c', {
      auth: [jwt({ getUser: null, ...options } as JwtHeaderOptions<null> & { getUser: null })],
      endpoints: { c: endpoint({ method: 'GET' }, () => 'in') },
    }),
  ]
  expect(() => createApi({ controllers })).toThrow(expect.objectContaining({ name: 'ConfigError', code }))
})
