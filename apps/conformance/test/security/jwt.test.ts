import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signWith,
  verify as verifyWith,
} from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { controller, createApi, endpoint, type JwtHeaderOptions, jwt, jwtBlocklist, jwtLogin } from '@keystile/core/api'
import { describe, expect, it } from 'vitest'
import { bestOf } from '../../../../packages/core/test/best-of.ts'
import { claimsOf, hs256 } from '../schemes/people.ts'
import { start } from '../support.ts'
import { secret as appSecret, dataName, open, type Site, v } from './support.ts'

const now = start / 1000
const secret = 'a secret of the issuer of these tokens, long enough'
const claims = { sub: 'v', exp: now + 60, iat: now, extras: { type: 'access' } }
const everybody = { getUser: ({ sub }: { sub: string }) => ({ sub }) }

type Ask = (token: string) => Promise<number>

/** A guarded endpoint of a site whose tokens are anybody's: what counts is whether they hold. */
function guarded(site: Site, options: JwtHeaderOptions<unknown, 'jwt'>): Ask {
  const api = createApi({
    auth: site.auth,
    controllers: [
      controller('/c', { auth: [jwt(options)], endpoints: { c: endpoint({ method: 'GET' }, () => 'in') } }),
    ],
  })
  return async (token) => {
    const answer = await api.handler(
      new Request('http://localhost:3000/api/c', { headers: { authorization: `Bearer ${token}` } }),
    )
    if (answer.status === 401) {
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"')
    }
    return answer.status
  }
}

const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A compact JWS by Node's own signatures. */
function signed(
  header: { readonly alg: string; readonly [name: string]: unknown },
  payload: object | string,
  key: KeyObject,
): string {
  const input = `${part({ typ: 'JWT', ...header })}.${part(payload)}`
  return `${input}.${signature(header.alg, Buffer.from(input), key).toString('base64url')}`
}

function signature(alg: string, input: Buffer, key: KeyObject): Buffer {
  if (alg === 'EdDSA') return signWith(null, input, key)
  if (alg.startsWith('ES')) return signWith(`sha${alg.slice(2)}`, input, { key, dsaEncoding: 'ieee-p1363' })
  const padding = alg.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
  return signWith(`sha${alg.slice(2)}`, input, { key, padding, saltLength })
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwkOf = (key: KeyObject) =>
  key.export({ format: 'jwk' }) as { kty: string; n: string; x: string; [name: string]: unknown }
const pemOf = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string

/** No key of a token is ever fetched, whatever its header points to. */
const noFetch: typeof fetch = () => {
  throw new Error('something was fetched')
}

describe('JW-01 what a token says of its own key', () => {
  it('none is no algorithm, however it is spelled', async () => {
    const ask = guarded(await open(), { ...everybody, secret })
    expect(await ask(hs256(claims, secret))).toBe(200)
    for (const alg of [
      'none',
      'None',
      'NONE',
      'nOnE',
      '',
      'HS256 ',
      'hs256',
      'HS384',
      'toString',
      '__proto__',
      null,
      1,
      [],
    ]) {
      const [, , mac] = hs256(claims, secret).split('.')
      const header = part({ alg, typ: 'JWT' })
      for (const tail of ['', mac]) expect(await ask(`${header}.${part(claims)}.${tail}`), String(alg)).toBe(401)
    }
    expect(await ask(`${part({ typ: 'JWT' })}.${part(claims)}.`)).toBe(401)
  })

  it('a public key is no secret', async () => {
    const key = pemOf(rsa.publicKey)
    const ask = guarded(await open({ fetch: noFetch }), { ...everybody, key, algorithms: ['RS256'] })
    expect(await ask(signed({ alg: 'RS256' }, claims, rsa.privateKey))).toBe(200)
    for (const form of [
      key,
      key.trim(),
      rsa.publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify(jwkOf(rsa.publicKey)),
    ]) {
      for (const alg of ['HS256', 'RS256'])
        expect(
          await ask(
            hs256(claims, form, { alg: 'HS256' }).replace(
              part({ alg: 'HS256', typ: 'JWT' }),
              part({ alg, typ: 'JWT' }),
            ),
          ),
        ).toBe(401)
    }
    expect(await ask(signed({ alg: 'PS256' }, claims, rsa.privateKey))).toBe(401)
    expect(() => guarded({ auth: undefined } as never, { ...everybody, key, algorithms: ['RS256', 'HS256'] })).toThrow(
      expect.objectContaining({ code: 'JWT_ALGORITHMS' }),
    )
  })

  it('a critical extension that nobody understands is refused', async () => {
    const ask = guarded(await open(), { ...everybody, secret })
    for (const header of [{ crit: ['exp'] }, { crit: ['x'], x: 1 }, { crit: [] }, { crit: 'x' }, { crit: null }]) {
      expect(await ask(hs256(claims, secret, header)), JSON.stringify(header)).toBe(401)
    }
  })

  it('a key that the token brings, or leads to, verifies nothing', async () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = jwkOf(rsa.publicKey)
    const ask = guarded(await open({ fetch: noFetch }), {
      ...everybody,
      key: { ...key, kid: 'a' },
      algorithms: ['RS256'],
    })
    const jwk = jwkOf(own.publicKey)
    const headers = [
      { jwk },
      { jwk, kid: 'a' },
      { jku: 'https://evil.example/jwks.json', kid: 'b' },
      { x5u: 'https://evil.example/x.pem' },
      { x5c: [own.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] },
      { kid: '../../../../dev/null' },
    ]
    for (const header of headers) {
      expect(await ask(signed({ alg: 'RS256', ...header }, claims, own.privateKey)), JSON.stringify(header)).toBe(401)
    }
    expect(await ask(signed({ alg: 'RS256', kid: 'a', jwk }, claims, rsa.privateKey))).toBe(200)
    expect(await ask(signed({ alg: 'RS256', kid: 'c' }, claims, rsa.privateKey))).toBe(401)
  })
})

/** The order of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

describe('JW-02 signatures of ES256', () => {
  it('r = s = 0, the DER form, and other forms of 64 bytes are refused', async () => {
    const ask = guarded(await open(), { ...everybody, key: jwkOf(ec.publicKey), algorithms: ['ES256'] })
    const good = signed({ alg: 'ES256' }, claims, ec.privateKey)
    expect(await ask(good)).toBe(200)
    const input = good.slice(0, good.lastIndexOf('.'))
    const n = Buffer.from(order.toString(16), 'hex')
    const forms = [
      Buffer.alloc(64),
      Buffer.concat([n, n]),
      Buffer.concat([Buffer.alloc(32), n]),
      Buffer.alloc(64, 0xff),
      Buffer.alloc(0),
      signWith('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'der' }),
    ]
    for (const form of forms) expect(await ask(`${input}.${form.toString('base64url')}`)).toBe(401)
  })

  it('the twin of a token is blocked with it: tokens are known by jti, not by their text', async () => {
    const revoked = jwtBlocklist()
    const site = await open({ plugins: [revoked] as never })
    const ask = guarded(site, { ...everybody, key: jwkOf(ec.publicKey), algorithms: ['ES256'], blocklist: revoked })
    const token = signed({ alg: 'ES256' }, { ...claims, jti: 'twin' }, ec.privateKey)
    const at = token.lastIndexOf('.') + 1
    const bytes = Buffer.from(token.slice(at), 'base64url')
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const other = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')
    const twin = token.slice(0, at) + Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url')
    expect(twin).not.toBe(token)
    expect([await ask(token), await ask(twin)]).toEqual([200, 200])
    await revoked.blocklist({ jti: 'twin', exp: claims.exp })
    expect([await ask(token), await ask(twin)]).toEqual([401, 401])
  })
})

it('JW-03 refuses what would cost work before doing it', async () => {
  let looked = 0
  const site = await open()
  const ask = guarded(site, {
    secret,
    getUser: ({ sub }) => {
      looked++
      return { sub }
    },
  })
  const bomb = deflateRawSync(Buffer.alloc(10_000_000)).toString('base64url')
  const filler = Buffer.alloc(16).toString('base64url')
  const unencoded = `${part({ alg: 'HS256', b64: false, crit: ['b64'] })}.${JSON.stringify({ sub: 'v' })}.${filler}`
  const costly = [
    hs256(claims, secret, { b64: false, crit: ['b64'] }),
    hs256(claims, secret, { b64: false }),
    hs256(claims, secret, { b64: true, crit: ['b64'] }),
    unencoded,
    [part({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }), '', filler, bomb, filler].join('.'),
    [part({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2s: filler, p2c: 1e9 }), filler, filler, filler, filler].join(
      '.',
    ),
    `${part({ alg: 'PBES2-HS512+A256KW', p2c: 1e9, p2s: filler })}.${part(claims)}.${filler}`,
    hs256({ ...claims, filler: 'x'.repeat(1_000_000) }, secret),
    hs256(`${'['.repeat(5000)}${']'.repeat(5000)}`, secret),
    `${part('['.repeat(6000))}.${part(claims)}.${filler}`,
    '.'.repeat(100_000),
    '..',
    '...',
  ]
  const judged = await bestOf(2, async () => {
    for (const token of costly) expect(await ask(token), token.slice(0, 60)).toBe(401)
  })
  expect(judged).toBeLessThan(2000)
  expect(looked).toBe(0)
})

describe('JW-04 keys that nobody should trust', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const { x } = jwkOf(ec.publicKey)
  const smallOrder = [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    `00${'00'.repeat(30)}80`,
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}ff`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ].map((hex) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') }))
  const { n } = jwkOf(rsa.publicKey)
  const weak = [
    ['RSA of 1024 bits', jwkOf(short.publicKey), 'RS256'],
    ['RSA of 1024 bits behind zeros', { ...jwkOf(short.publicKey), n: paddedModulus(short.publicKey) }, 'RS256'],
    ['RSA whose exponent is 1', { kty: 'RSA', n, e: 'AQ' }, 'RS256'],
    ['RSA without a modulus', { kty: 'RSA', e: 'AQAB' }, 'RS256'],
    ...smallOrder.map((jwk, i) => [`a point of small order, ${i}`, jwk, 'EdDSA'] as const),
  ] as const
  /** Found when they are imported. */
  const broken = [
    ['a point off the curve', { kty: 'EC', crv: 'P-256', x, y: x }, 'ES256'],
    ['the point of zeros', { kty: 'EC', crv: 'P-256', x: part('\0'.repeat(32)), y: part('\0'.repeat(32)) }, 'ES256'],
  ] as const

  it.each([...weak])('%s is an error at start', async (_what, key, algorithm) => {
    const site = await open()
    expect(() => guarded(site, { ...everybody, key: key as never, algorithms: [algorithm] })).toThrow(
      expect.objectContaining({ code: 'JWT_KEY_UNFIT' }),
    )
  })

  it('a secret, or a private key, in place of a public one is an error at start', async () => {
    const site = await open()
    for (const key of [
      { kty: 'oct', k: 'c2VjcmV0' },
      jwkOf(ec.privateKey),
      ec.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
      rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    ]) {
      expect(() => guarded(site, { ...everybody, key, algorithms: ['ES256', 'RS256'] })).toThrow(
        expect.objectContaining({ code: 'JWT_KEY_UNFIT' }),
      )
    }
  })

  it('a short key as PEM is an error at start, too', async () => {
    const site = await open()
    expect(() => guarded(site, { ...everybody, key: pemOf(short.publicKey), algorithms: ['RS256'] })).toThrow(
      'RSA of 1024 bits',
    )
  })

  it.each([...broken])('%s lets nobody in, and the log says why', async (_what, key, algorithm) => {
    const site = await open()
    const ask = guarded(site, { ...everybody, key, algorithms: [algorithm] })
    expect(await ask(signed({ alg: algorithm }, claims, ec.privateKey))).toBe(500)
    expect(site.logged.join()).toContain('a request failed unexpectedly')
  })

  it('among the keys that an issuer publishes they are passed over: a token of theirs is refused', async () => {
    const all = [...weak, ...broken].map(([, key], i) => ({ ...key, kid: `k${i}` }))
    const sound = { ...jwkOf(rsa.publicKey), kid: 'sound' }
    const keys = [...all, { kty: 'oct', k: part(secret), kid: 'oct' }, null, 'key', {}, { kty: 1 }, sound]
    const site = await open({ fetch: async () => Response.json({ keys }) })
    const ask = guarded(site, { ...everybody, jwksUrl: 'https://issuer.example/jwks' })
    expect(await ask(signed({ alg: 'RS256', kid: 'sound' }, claims, rsa.privateKey))).toBe(200)
    expect(await ask(signed({ alg: 'RS256' }, claims, rsa.privateKey))).toBe(200)
    expect(await ask(signed({ alg: 'RS256', kid: 'k0' }, claims, short.privateKey))).toBe(401)
    expect(await ask(signed({ alg: 'RS256' }, claims, short.privateKey))).toBe(401)
    for (const [i, [, , alg]] of [...weak, ...broken].entries()) {
      const zero = Buffer.alloc(64).toString('base64url')
      const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]).toString('base64url')
      const input = `${part({ alg, kid: `k${i}` })}.${part(claims)}`
      expect([await ask(`${input}.${zero}`), await ask(`${input}.${identity}`)]).toEqual([401, 401])
    }
  })

  it('a small point is one for which a signature of nobody holds, whatever is said', () => {
    const key = createPublicKey({ key: smallOrder[1] as never, format: 'jwk' })
    const nobody = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
    expect(verifyWith(null, randomBytes(16), key, nobody)).toBe(true)
  })
})

function paddedModulus(key: KeyObject): string {
  const { n } = jwkOf(key)
  return Buffer.concat([Buffer.alloc(256), Buffer.from(n, 'base64url')]).toString('base64url')
}

describe('JW-08 times', () => {
  const times: readonly (readonly [string, string, number])[] = [
    ['exp', `"${now + 60}"`, 401],
    ['exp', '"soon"', 401],
    ['exp', 'null', 401],
    ['exp', 'true', 401],
    ['exp', `[${now + 60}]`, 401],
    ['exp', '1e18', 401],
    ['exp', '1e400', 401],
    ['exp', '-1', 401],
    ['exp', `${now}`, 401],
    ['exp', `${now}.9`, 401],
    ['exp', `${now + 1}.5`, 200],
    ['iat', `"${now}"`, 401],
    ['iat', 'null', 401],
    ['iat', '-1', 401],
    ['iat', '1e18', 401],
    ['iat', `${now + 1}`, 401],
    ['iat', `${now}.9`, 200],
    ['nbf', `"${now}"`, 401],
    ['nbf', 'null', 401],
    ['nbf', '{}', 401],
    ['nbf', '1e18', 401],
    ['nbf', `${now + 1}`, 401],
    ['nbf', `${now}`, 200],
  ]

  it.each(times)('%s: %s is %s', async (claim, value, status) => {
    const ask = guarded(await open(), { ...everybody, secret })
    // As text: some of these are no number of JavaScript.
    const payload = JSON.stringify({ ...claims, [claim]: 'HERE' }).replace('"HERE"', value)
    expect(await ask(hs256(payload, secret))).toBe(status)
  })

  it.each(['sub', 'exp', 'iat'] as const)('a token without %s is refused', async (claim) => {
    const { [claim]: _, ...others } = claims
    const ask = guarded(await open(), { ...everybody, secret })
    expect(await ask(hs256(others, secret))).toBe(401)
  })

  it.each([{ sub: '' }, { iss: 1 }, { iss: ['a'] }, { aud: 1 }, { aud: ['a', 1] }, { jti: 1 }, { extras: 'access' }])(
    'beside %o, whose type is wrong, none helps',
    async (wrong) => {
      const ask = guarded(await open(), { ...everybody, secret })
      expect(await ask(hs256({ ...claims, ...wrong }, secret))).toBe(401)
    },
  )

  it('leeway is a minute at most, an hour where that is asked for by name', async () => {
    const site = await open()
    for (const leeway of [61, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => guarded(site, { ...everybody, secret, leeway })).toThrow(
        expect.objectContaining({ code: 'JWT_LEEWAY' }),
      )
    }
    expect(() => guarded(site, { ...everybody, secret, leeway: 3601, allowLongLeeway: true })).toThrow(
      expect.objectContaining({ code: 'JWT_LEEWAY' }),
    )
    const ask = guarded(site, { ...everybody, secret, leeway: 60 })
    const ago = (seconds: number) => hs256({ ...claims, iat: now - 100, exp: now - seconds }, secret)
    expect([await ask(ago(59)), await ask(ago(60))]).toEqual([200, 401])
    const longer = guarded(site, { ...everybody, secret, leeway: 3600, allowLongLeeway: true })
    expect([await longer(ago(3599)), await longer(ago(3600))]).toEqual([200, 401])
  })
})

it('JW-09 an audience is a member of the list, to the letter', async () => {
  const site = await open()
  const api = 'https://api.example.com'
  const ask = guarded(site, { ...everybody, secret, audiences: [api, 'other'] })
  const strict = guarded(site, { ...everybody, secret, audiences: api, strictAudience: true })
  const auds: readonly (readonly [unknown, number, number])[] = [
    [api, 200, 200],
    [[api], 200, 401],
    [['x', api], 200, 401],
    ['other', 200, 401],
    [`${api}/`, 401, 401],
    [`${api}.evil.example`, 401, 401],
    ['https://api', 401, 401],
    [api.toUpperCase(), 401, 401],
    [` ${api}`, 401, 401],
    [[], 401, 401],
    [[[api]], 401, 401],
    [{ 0: api }, 401, 401],
    [[api, 1], 401, 401],
    [null, 401, 401],
    ['', 401, 401],
    [undefined, 401, 401],
  ]
  for (const [aud, loose, exact] of auds) {
    const token = hs256({ ...claims, aud }, secret)
    expect([aud, await ask(token), await strict(token)]).toEqual([aud, loose, exact])
  }
})

describe('JW-10 tokens of another kind', () => {
  it('an ID token of the same issuer is no access token', async () => {
    const site = await open({ fetch: async () => Response.json({ keys: [{ ...jwkOf(ec.publicKey), kid: '1' }] }) })
    const jwksUrl = 'https://issuer.example/jwks'
    const iss = 'https://issuer.example'
    const ask = guarded(site, { ...everybody, jwksUrl, issuers: iss, audiences: 'api', typ: 'at+jwt' })
    const token = (header: object, more: object) =>
      ask(signed({ alg: 'ES256', kid: '1', ...header }, { ...claims, iss, aud: 'api', ...more }, ec.privateKey))
    expect(await token({ typ: 'at+jwt' }, {})).toBe(200)
    expect(await token({ typ: 'application/at+JWT' }, {})).toBe(200)
    expect(await token({ typ: 'at+jwt' }, { aud: 'client-id', nonce: 'n' })).toBe(401)
    for (const typ of ['JWT', 'id_token+jwt', undefined, null, ['at+jwt'], 'at+jwt2']) {
      expect(await token({ typ }, {}), String(typ)).toBe(401)
    }
  })

  it('no other thing that the app signs opens the API', async () => {
    const mailed: string[] = []
    const site = await open({
      session: { cookieCache: { enabled: true } },
      emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ token }) => void mailed.push(token) },
    })
    await site.auth.idle()
    const one = await site.signedIn()
    const [user] = await site.rows('user')
    const ask = guarded(site, {})
    const login = createApi({
      auth: site.auth,
      controllers: [controller('/token', { endpoints: { login: jwtLogin() } })],
    })
    const answer = await login.handler(
      new Request('http://localhost:3000/api/token', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: v.email, password: v.password }),
      }),
    )
    const pair = (await answer.json()) as { access_token: string; refresh_token: string }
    expect(claimsOf(pair.access_token).payload.sub).toBe(user?.id)
    expect([await ask(pair.access_token), await ask(pair.refresh_token)]).toEqual([200, 401])
    const ours = { ...claims, sub: user?.id }
    const others = [
      mailed[0] ?? '',
      decodeURIComponent(one.jar.get(dataName) ?? ''),
      hs256(ours, appSecret),
      hs256(ours, Buffer.from(appSecret, 'base64')),
      hs256(ours, ''),
    ]
    for (const token of others) expect([token.length > 0, await ask(token)]).toEqual([true, 401])
  })

  it('a token that does not say its type is taken, unless it must', async () => {
    const site = await open()
    const { extras: _, ...plain } = claims
    const tokens = [plain, { ...plain, extras: {} }, { ...plain, type: 'access' }].map((one) => hs256(one, secret))
    const of = async (ask: Ask) => [await ask(tokens[0] ?? ''), await ask(tokens[1] ?? ''), await ask(tokens[2] ?? '')]
    expect(await of(guarded(site, { ...everybody, secret }))).toEqual([200, 200, 200])
    expect(await of(guarded(site, { ...everybody, secret, requireType: true }))).toEqual([401, 401, 401])
    for (const type of ['refresh', 'ACCESS', '', null, 1, ['access']]) {
      const token = hs256({ ...plain, extras: { type } }, secret)
      expect(await guarded(site, { ...everybody, secret })(token), String(type)).toBe(401)
      expect(await guarded(site, { ...everybody, secret, tokenType: null })(token), String(type)).toBe(200)
    }
  })
})

describe('DJ-13 tokens as the original makes them', () => {
  const theirs = {
    sub: '1',
    exp: now + 86_400,
    iat: now,
    jti: randomBytes(16).toString('hex'),
    extras: { type: 'access' },
  }

  it('hold here, and each that is wrong in one thing is refused', async () => {
    const revoked = jwtBlocklist()
    const site = await open({ plugins: [revoked] as never })
    const ask = guarded(site, {
      ...everybody,
      secret,
      issuers: 'site',
      audiences: 'api',
      leeway: 30,
      blocklist: revoked,
    })
    const token = (more: object = {}, header: object = {}) =>
      ask(hs256({ ...theirs, iss: 'site', aud: 'api', ...more }, secret, header))
    expect(await token()).toBe(200)
    expect(await token({ exp: now - 29 })).toBe(200)
    const wrong: readonly (readonly [object, object?])[] = [
      [{}, { alg: 'HS512' }],
      [{}, { alg: 'HS384' }],
      [{ aud: 'other' }],
      [{ aud: [] }],
      [{ iss: 'other' }],
      [{ iss: ['site'] }],
      [{ iss: undefined }],
      [{ exp: now - 30 }],
      [{ iat: now + 31 }],
      [{ nbf: now + 31 }],
      [{ extras: { type: 'refresh' } }],
      [{ extras: [] }],
      [{ jti: undefined }],
      [{ jti: '' }],
      [{ jti: 1 }],
      [{ jti: 'x\0' }],
      [{ sub: 1 }],
      [{ sub: '' }],
    ]
    for (const [more, header] of wrong) expect([more, header, await token(more, header)]).toEqual([more, header, 401])
    await revoked.blocklist(theirs)
    expect(await token()).toBe(401)
    expect(await token({ jti: 'another' })).toBe(200)
  })

  it.each(['serial', 'uuid'] as const)('name a user by the exact text of a key, %s', async (generateId) => {
    const site = await open({ advanced: { database: { generateId } } })
    const [user] = await site.rows('user')
    const id = String(user?.id)
    const ask = guarded(site, { secret })
    const of = (sub: string) => ask(hs256({ ...theirs, sub }, secret))
    expect(await of(id)).toBe(200)
    const near = [
      ` ${id} `,
      `${id} `,
      `0${id}`,
      `+${id}`,
      `${id}.0`,
      `${id}e0`,
      `0x${id}`,
      `${id}\0`,
      `${id}\ud800`,
      `-${id}`,
    ]
    for (const sub of [...near, '１', '2', 'nobody', '9'.repeat(40)])
      expect(await of(sub), JSON.stringify(sub)).toBe(401)
  })
})
