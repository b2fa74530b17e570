import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { ada, setup } from '../support.ts'

/** The base of the links that go out by mail: what the service takes for its public address. */
async function publicBase(options: Partial<Options>, url: string, headers: Record<string, string> = {}) {
  const links: string[] = []
  const { auth } = setup({
    baseURL: undefined,
    ...options,
    emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url: link }) => void links.push(link) },
  })
  const response = await auth.handler(
    new Request(url, {
      method: 'POST',
      body: JSON.stringify(ada),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  )
  await auth.idle()
  return { status: response.status, body: await response.text(), base: links[0]?.split('/verify-email')[0] }
}

const asked = 'http://here.example:8080/api/auth/sign-up/email'
const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example.com' }

describe('4.3 a static base URL', () => {
  const url = 'https://env.example'
  const cases: readonly [string, Partial<Options>, string][] = [
    ['the option', { baseURL: 'https://option.example', env: { BETTER_AUTH_URL: url } }, 'https://option.example'],
    ['KEYSTILE_URL first', { env: { KEYSTILE_URL: url, BETTER_AUTH_URL: 'https://other.example' } }, url],
    ['BETTER_AUTH_URL', { env: { BETTER_AUTH_URL: url, NEXT_PUBLIC_BETTER_AUTH_URL: 'https://other.example' } }, url],
    [
      'NEXT_PUBLIC_BETTER_AUTH_URL',
      { env: { NEXT_PUBLIC_BETTER_AUTH_URL: url, BASE_URL: 'https://other.example' } },
      url,
    ],
    ['PUBLIC_BETTER_AUTH_URL', { env: { PUBLIC_BETTER_AUTH_URL: url } }, url],
    ['NUXT_PUBLIC_BETTER_AUTH_URL', { env: { NUXT_PUBLIC_BETTER_AUTH_URL: url } }, url],
    ['NUXT_PUBLIC_AUTH_URL', { env: { NUXT_PUBLIC_AUTH_URL: url } }, url],
    ['BASE_URL', { env: { BASE_URL: url } }, url],
    ['BASE_URL of / is none', { env: { BASE_URL: '/' } }, 'http://here.example:8080'],
    ['an empty name is none', { env: { BETTER_AUTH_URL: '', BASE_URL: url } }, url],
    ['none: the request’s own', {}, 'http://here.example:8080'],
  ]
  it.each(cases)('%s', async (_title, options, base) => {
    expect(await publicBase(options, asked)).toMatchObject({ status: 200, base: `${base}/api/auth` })
  })

  it('a path of the environment is the base path', async () => {
    const { base } = await publicBase(
      { env: { BETTER_AUTH_URL: 'https://a.example/auth/' } },
      'http://here.example/auth/sign-up/email',
    )
    expect(base).toBe('https://a.example/auth')
  })

  it('each request derives its own', async () => {
    expect((await publicBase({}, 'https://one.example/api/auth/sign-up/email')).base).toBe(
      'https://one.example/api/auth',
    )
    expect((await publicBase({}, 'https://two.example/api/auth/sign-up/email')).base).toBe(
      'https://two.example/api/auth',
    )
  })

  it.each(['localhost:3000', 'app.example.com', 'ftp://app.example.com', 'javascript:alert(1)'])(
    '%s does not start',
    (baseURL) => {
      expect(() => setup({ baseURL })).toThrow(`Invalid base URL: ${baseURL}. URL must include 'http://' or 'https://'`)
    },
  )
})

describe('4.3 proxy headers', () => {
  const trusting: Partial<Options> = { advanced: { trustedProxyHeaders: true } }
  const own = 'http://here.example:8080'
  const cases: readonly [string, Partial<Options>, Record<string, string>, string][] = [
    ['not trusted', {}, forwarded, own],
    ['trusted', trusting, forwarded, 'https://app.example.com'],
    [
      'host with port',
      trusting,
      { ...forwarded, 'x-forwarded-host': 'app.example.com:8443' },
      'https://app.example.com:8443',
    ],
    ['IPv6', trusting, { ...forwarded, 'x-forwarded-host': '[2001:db8::1]:3000' }, 'https://[2001:db8::1]:3000'],
    ['no proto', trusting, { 'x-forwarded-host': 'app.example.com' }, own],
    ['no host', trusting, { 'x-forwarded-proto': 'https' }, own],
    ['proto of another kind', trusting, { ...forwarded, 'x-forwarded-proto': 'ftp' }, own],
    ['proto as a list', trusting, { ...forwarded, 'x-forwarded-proto': 'https,http' }, own],
    ['host as a list', trusting, { ...forwarded, 'x-forwarded-host': 'a.com, b.com' }, own],
    ['host with dots', trusting, { ...forwarded, 'x-forwarded-host': 'a..com' }, own],
    ['host with a leading dot', trusting, { ...forwarded, 'x-forwarded-host': '.a.com' }, own],
    ['host with a quote', trusting, { ...forwarded, 'x-forwarded-host': 'a.com"' }, own],
    ['host with a path', trusting, { ...forwarded, 'x-forwarded-host': 'a.com/evil' }, own],
    ['host with a user', trusting, { ...forwarded, 'x-forwarded-host': 'u@a.com' }, own],
    ['a configured one wins', { ...trusting, baseURL: 'https://set.example' }, forwarded, 'https://set.example'],
  ]
  it.each(cases)('%s', async (_title, options, headers, base) => {
    expect(await publicBase(options, asked, headers)).toMatchObject({ status: 200, base: `${base}/api/auth` })
  })
})

describe('4.3 a dynamic base URL', () => {
  const allowedHosts = ['app.example.com', '*.preview.example.com', 'localhost:*']
  const cases: readonly [
    string,
    NonNullable<Options['baseURL']>,
    url: string,
    Record<string, string>,
    base: string | 400,
  ][] = [
    ['the request’s host', { allowedHosts }, 'https://app.example.com', {}, 'https://app.example.com'],
    ['Host first', { allowedHosts }, 'http://10.0.0.1', { host: 'app.example.com' }, 'http://app.example.com'],
    ['any case', { allowedHosts }, 'http://10.0.0.1', { host: 'APP.example.com' }, 'http://app.example.com'],
    ['a wildcard', { allowedHosts }, 'https://pr-7.preview.example.com', {}, 'https://pr-7.preview.example.com'],
    ['a wildcard for ports', { allowedHosts }, 'http://localhost:5173', {}, 'http://localhost:5173'],
    [
      'the pattern’s scheme and path do not count',
      { allowedHosts: ['https://app.example.com/x'] },
      'http://app.example.com',
      {},
      'http://app.example.com',
    ],
    [
      'the protocol given',
      { allowedHosts, protocol: 'https' },
      'http://app.example.com',
      {},
      'https://app.example.com',
    ],
    [
      'the protocol given, http',
      { allowedHosts, protocol: 'http' },
      'https://app.example.com',
      {},
      'http://app.example.com',
    ],
    [
      'forwarded headers are not trusted',
      { allowedHosts },
      'http://app.example.com',
      { ...forwarded, 'x-forwarded-host': 'pr.preview.example.com' },
      'http://app.example.com',
    ],
    ['another host', { allowedHosts }, 'https://evil.example', {}, 400],
    ['the bare domain of a wildcard', { allowedHosts }, 'https://preview.example.com', {}, 400],
    ['a host that only ends like one', { allowedHosts }, 'https://app.example.com.evil.example', {}, 400],
    [
      'another host, with a fallback',
      { allowedHosts, fallback: 'https://app.example.com' },
      'https://evil.example',
      {},
      'https://app.example.com',
    ],
  ]
  it.each(cases)('%s', async (_title, baseURL, from, headers, base) => {
    const answer = await publicBase({ baseURL }, `${from}/api/auth/sign-up/email`, headers)
    if (base === 400) expect(answer).toMatchObject({ status: 400, base: undefined })
    else expect(answer).toMatchObject({ status: 200, base: `${base}/api/auth` })
  })

  it('forwarded headers, trusted', async () => {
    const options: Partial<Options> = { baseURL: { allowedHosts }, advanced: { trustedProxyHeaders: true } }
    expect((await publicBase(options, asked, forwarded)).base).toBe('https://app.example.com/api/auth')
    expect((await publicBase(options, asked, { ...forwarded, 'x-forwarded-host': 'evil.example' })).status).toBe(400)
  })

  it('no allowed hosts does not start', () => {
    expect(() => setup({ baseURL: { allowedHosts: [] } })).toThrow('allowedHosts')
  })

  it('a server call takes the host of its headers', async () => {
    const links: string[] = []
    const { auth } = setup({
      baseURL: { allowedHosts, protocol: 'https' },
      emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url }) => void links.push(url) },
    })
    await auth.api.signUpEmail({ body: ada, headers: { host: 'app.example.com' } })
    await auth.idle()
    expect(links[0]).toMatch(/^https:\/\/app\.example\.com\/api\/auth\/verify-email/)
  })
})
