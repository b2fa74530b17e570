import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf, type Recorded, recorded, recordedVersions, replay } from '../testing/recorded.ts'
import { since } from '../version.ts'
import { type CsrfCheckOptions, type CsrfDecision, csrfCheck } from './check.ts'
import { type CsrfCookieOptions, csrfCookie, csrfSecret } from './secret.ts'
import { csrfSecretOf, maskCsrfSecret, newCsrfSecret, sameCsrfSecret } from './token.ts'

const SECRET = 'abcdefghijklmnopqrstuvwxyzABCDEF'
const CASES_42 = new Map<string, Recorded>(recorded('csrf', '4.2').requests.map((r: Recorded) => [r.case, r]))

/** Django's name of a header among the variables of CGI, as the header is named. */
const headerName = (name: string) =>
  name
    .replace(/^HTTP_/, '')
    .replaceAll('_', '-')
    .toLowerCase()

/** What the middleware is told by settings. Before 4.0 trusted origins were hosts without a scheme. */
function optionsOf(settings: Recorded): CsrfCheckOptions {
  const proxy = settings.SECURE_PROXY_SSL_HEADER
  const trusted: string[] = settings.CSRF_TRUSTED_ORIGINS ?? []
  return {
    allowedHosts: settings.ALLOWED_HOSTS,
    useForwardedHost: settings.USE_X_FORWARDED_HOST,
    secureProxyHeader: proxy && { name: headerName(proxy[0]), value: proxy[1] },
    trustedOrigins: trusted.map((entry) => (entry.includes('://') ? entry : `https://${entry.replace(/^\./, '*.')}`)),
    cookieDomain: settings.CSRF_COOKIE_DOMAIN,
    ...(settings.CSRF_HEADER_NAME && { headerName: headerName(settings.CSRF_HEADER_NAME) }),
  }
}

/** Our decision on a request that was recorded. Headers are given as they were sent: `Headers` would trim them. */
function decide(record: Recorded): CsrfDecision {
  const {
    method,
    secure,
    host,
    csrf_cookie,
    x_csrftoken,
    form_token,
    origin,
    referer,
    settings,
    meta = {},
    body,
  } = record
  const header = headerName(settings.CSRF_HEADER_NAME ?? 'HTTP_X_CSRFTOKEN')
  const headers: Record<string, string | null> = { host, origin, referer, [header]: x_csrftoken }
  for (const [name, value] of Object.entries(meta)) headers[headerName(name)] ??= String(value)
  const secret = (settings.CSRF_USE_SESSIONS ? record.session_csrf_secret : csrf_cookie) ?? undefined
  const formToken = body === 'json' ? undefined : (form_token ?? undefined)
  const check = csrfCheck(optionsOf(settings))
  return check({ method, secure, headers: { get: (name) => headers[name.toLowerCase()] ?? null }, secret, formToken })
}

const asRecorded = ({ accepted, reason }: Recorded): CsrfDecision => (accepted ? { accepted } : { accepted, reason })

describe.each(recordedVersions)('as recorded of Django %s', (djangoVersion) => {
  const csrf = recorded('csrf', djangoVersion)

  it('masks', () => {
    replay(csrf.mask, ({ secret, mask, masked, unmasked }) => {
      const codes = Array.from(mask as string, (character) => csrf.allowed_chars.indexOf(character))
      expect(maskCsrfSecret(secret, (size) => Uint8Array.from({ length: size }, (_, at) => codes[at % 32] ?? 0))).toBe(
        masked,
      )
      expect(csrfSecretOf(masked)).toBe(unmasked)
    })
  })

  it('decides', () => {
    const requests: Recorded[] = csrf.requests.filter((record: Recorded) => !record.view_csrf_exempt)
    // Which views are exempt is for routes to say.
    expect(csrf.requests.length - requests.length).toBe(1)

    if (since(djangoVersion, '4.0')) {
      replay(requests, (record) => expect(decide(record)).toEqual(asRecorded(record)))
      return
    }
    const plain = 'a plain secret in the session is taken, as from 4.1 on it is stored'
    replay(
      requests,
      (record) => {
        const newer = CASES_42.get(record.case) as Recorded
        if (record.origin !== null || record.error) {
          // Older releases looked at no Origin; here it is looked at whatever release is beside.
          return expect(decide({ ...record, settings: newer.settings })).toEqual(asRecorded(newer))
        }
        const ours = decide(record)
        // They had one reason for all that is wrong with a token.
        if (record.reason !== 'CSRF token missing or incorrect.') return expect(ours).toEqual(asRecorded(record))
        expect(ours).toEqual({ accepted: false, reason: expect.stringMatching(/^CSRF (token|cookie has) /) })
      },
      { 'sessions: secret in session, header masked': plain, 'sessions: secret in session, cookie ignored': plain },
    )
  })

  it('sends the secret', () => {
    replay(
      csrf.get_token,
      ({ cookie_in, view_calls_get_token, settings, token, token_unmasked, set_cookie, cookie_out, vary }) => {
        const secret = csrfSecret(cookie_in ?? undefined, { djangoVersion })
        if (view_calls_get_token) {
          expect(csrfSecretOf(secret.token())).toHaveLength(token_unmasked.length)
          expect(secret.token()).toHaveLength(token.length)
        }
        const value = secret.toStore()
        expect(value !== undefined).toBe(vary === 'Cookie')
        if (value === undefined) return expect(set_cookie ?? null).toBeNull()
        expect(value).toHaveLength(cookie_out.length)
        // A secret that came in goes out; a new one differs each time.
        const known = cookie_in && cookie_in !== 'short'
        if (known) expect(csrfSecretOf(value)).toBe(csrfSecretOf(cookie_out))
        const now = Date.UTC(2025, 0, 1, 12)
        expect(csrfCookie(cookie_out, cookieOf(settings), now)).toBe(set_cookie)
      },
      since(djangoVersion, '4.0')
        ? {}
        : { 'malformed cookie, token not used': 'a malformed cookie is replaced at once, as from 4.0 on' },
    )
  })

  it('keeps the names and lengths', () => {
    expect(csrf.session_key).toBe('_csrftoken')
    expect(newCsrfSecret()).toHaveLength(csrf.secret_length)
    expect(maskCsrfSecret(newCsrfSecret())).toHaveLength(csrf.token_length)
  })
})

function cookieOf(settings: Recorded): CsrfCookieOptions {
  const map: Record<string, string> = { NAME: 'name', DOMAIN: 'domain', PATH: 'path', SECURE: 'secure' }
  Object.assign(map, { HTTPONLY: 'httpOnly', SAMESITE: 'sameSite', AGE: 'maxAge' })
  const pairs = Object.entries(settings).map(([name, value]) => [
    map[name.replace('CSRF_COOKIE_', '')],
    value ?? undefined,
  ])
  return Object.fromEntries(pairs)
}

describe('tokens', () => {
  it('are masked and unmasked, whatever the mask', () => {
    const characters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')
    const secrets = fc.array(characters, { minLength: 32, maxLength: 32 }).map((all) => all.join(''))
    fc.assert(
      fc.property(secrets, (secret) => {
        const masked = maskCsrfSecret(secret)
        expect(csrfSecretOf(masked)).toBe(secret)
        expect(sameCsrfSecret(masked, secret)).toBe(true)
        expect(maskCsrfSecret(secret)).not.toBe(masked)
      }),
    )
  })
})

describe('csrfSecret', () => {
  it('refuses the tokens of before a rotation', () => {
    const secret = csrfSecret(SECRET)
    const before = secret.token()
    secret.rotate()
    const after = secret.toStore() as string
    expect(sameCsrfSecret(before, after)).toBe(false)
    expect(sameCsrfSecret(secret.token(), after)).toBe(true)
  })

  it('stays the same during a request', () => {
    const secret = csrfSecret(undefined)
    expect(sameCsrfSecret(secret.token(), secret.token())).toBe(true)
    expect(secret.toStore()).toBe(secret.toStore())
  })
})

describe('csrfCheck', () => {
  const check = (options: Partial<CsrfCheckOptions>, headers: Record<string, string>, secure = true) =>
    csrfCheck({ allowedHosts: ['example.com'], ...options })({
      method: 'POST',
      secure,
      headers: new Headers({ host: 'example.com', 'x-csrftoken': SECRET, ...headers }),
      secret: SECRET,
    }).accepted

  it.each(['example.com', '.example.com', '//example.com', 'https://', ''])(
    'does not trust the origin %j',
    (origin) => {
      expect(codeOf(() => csrfCheck({ allowedHosts: [], trustedOrigins: [origin] }))).toBe('UNTRUSTWORTHY_ORIGIN')
    },
  )

  it('takes the headers of a request as they are', () => {
    expect(check({}, { origin: 'https://example.com' })).toBe(true)
    expect(check({}, { referer: 'https://example.com/form' })).toBe(true)
    expect(check({}, {})).toBe(false)
    expect(check({}, {}, false)).toBe(true)
  })

  it.each([
    ['[::1]:8000', ['[::1]'], true],
    ['example.com.', ['example.com'], true],
    ['a.example.com', ['.example.com'], true],
    ['anything.test', ['*'], true],
    ['anything.test', [], false],
    ['example.com:80@evil.test', ['example.com'], false],
    ['example.com/evil', ['*'], false],
    ['', ['*'], false],
  ])('a request to %s where %j is allowed: %s', (host, allowedHosts, accepted) => {
    expect(check({ allowedHosts }, { host, origin: `https://${host}` })).toBe(accepted)
  })

  it('looks at what a proxy says only when told to', () => {
    const headers = { 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'example.com', host: '10.0.0.1' }
    const secureProxyHeader = { name: 'X-Forwarded-Proto', value: 'https' }
    const origin = 'https://example.com'
    expect(check({ secureProxyHeader, useForwardedHost: true }, { ...headers, origin }, false)).toBe(true)
    expect(check({ useForwardedHost: true }, { ...headers, origin }, false)).toBe(false)
    expect(check({ secureProxyHeader }, { ...headers, origin }, false)).toBe(false)
    expect(check({ secureProxyHeader }, { 'x-forwarded-proto': 'http', origin: 'http://example.com' })).toBe(true)
  })
})
