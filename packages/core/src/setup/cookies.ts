/** How cookies are named and marked, from the options, and whether a browser would keep them. */
import type { Options } from '../contract/options.ts'
import { type CookieOptions, cookieMaker } from '../domain/cookies.ts'
import type { BaseURL } from '../http/base-url.ts'
import { isCookieName, serializeCookie } from '../lib/cookies.ts'
import type { Logger } from '../lib/environment.ts'
import type { Problem } from '../lib/errors.ts'
import { checkDomain, hasNoParent } from './cookie-domain.ts'

const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/
/** The cookies of the core, by their logical names. */
const ours = ['session_token', 'session_data', 'dont_remember']

export interface CookieSetup {
  readonly cookies: CookieOptions
  /** Every domain that a cookie is set for. */
  readonly domains: readonly string[]
}

export function cookieSettings(
  { advanced = {}, preset }: Options,
  base: BaseURL,
  production: boolean,
  logger: Logger,
  problems: Problem[],
): CookieSetup {
  const host = base.origin === undefined ? undefined : new URL(base.origin).hostname
  const onLoopback = host !== undefined && loopback.test(host)
  const shared = advanced.crossSubDomainCookies
  // A machine of one name has no subdomains to share with, which while developing is nobody's mistake.
  const derived = host !== undefined && !production && hasNoParent(host) ? undefined : host
  const cookies: CookieOptions = {
    prefix: advanced.cookiePrefix ?? 'better-auth',
    secure: advanced.useSecureCookies ?? base.secure ?? production,
    hostPrefix: preset === 'strict',
    domain: shared?.enabled ? (shared.domain ?? derived) : undefined,
    defaults: advanced.defaultCookieAttributes ?? {},
    overrides: advanced.cookies ?? {},
  }
  if (shared?.enabled && shared.domain === undefined && host === undefined) {
    problems.push({
      code: 'COOKIE_DOMAIN_UNKNOWN',
      message: 'baseURL is required when crossSubdomainCookies are enabled.',
      seen: 'neither baseURL nor a domain',
      expected: 'one of them',
      fix: "set baseURL, or advanced.crossSubDomainCookies.domain, e.g. 'example.com'",
    })
  }
  if (base.secure === false && host !== undefined && !onLoopback && (production || cookies.secure)) {
    logger.warn(
      cookies.secure
        ? `cookies are Secure, but baseURL is ${base.origin}: a browser keeps none of them; set baseURL: 'https://${host}'`
        : `baseURL is ${base.origin}: cookies and passwords cross the network in clear; set baseURL: 'https://${host}', or advanced.useSecureCookies: true where TLS ends before us`,
    )
  }

  const domains = new Set<string>()
  // What is wrong with all cookies is said once.
  const found = new Map<string, Problem>()
  for (const name of new Set([...ours, ...Object.keys(cookies.overrides)])) {
    const domain = checkCookie(name, cookies, (problem) => found.set(problem.message, problem))
    if (domain) domains.add(domain)
  }
  problems.push(...found.values())
  const hosts = base.ownOrigins.map(hostOf)
  for (const domain of domains) {
    const problem = checkDomain(domain, hosts)
    // Signing in on a developer's machine fails with it, which the app may not care for.
    if (problem?.code === 'COOKIE_DOMAIN_FOREIGN' && onLoopback && !production) {
      logger.warn(`${problem.message} (${problem.code}): a browser drops the cookie; ${problem.fix}`)
    } else if (problem) problems.push(problem)
  }
  return { cookies, domains: [...domains] }
}

/** Adds what is wrong with the cookie of a logical name; gives the domain it is set for. */
function checkCookie(logical: string, options: CookieOptions, tell: (problem: Problem) => void): string | undefined {
  const own = Object.hasOwn(options.overrides, logical) ? options.overrides[logical] : undefined
  const named = own?.name ?? `${options.prefix}.${logical}`
  if (!isCookieName(named)) {
    const ofPrefix = own?.name === undefined && !isCookieName(options.prefix)
    const place = ofPrefix ? 'cookiePrefix' : `cookies.${logical}.name`
    tell({
      code: 'COOKIE_NAME_INVALID',
      message: `advanced.${place} is no name of a cookie`,
      seen: JSON.stringify(ofPrefix ? options.prefix : named),
      expected: "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110)",
      fix: `write a name such as 'my-app', or leave advanced.${place} out`,
    })
    return undefined
  }
  const { name, attributes } = cookieMaker(options)(logical)
  const { domain, secure, sameSite, partitioned } = attributes
  const place = own ? `advanced.cookies.${logical}` : 'the cookies'
  if (!options.secure && /^__(?:secure|host)-/i.test(name)) {
    tell({
      code: 'COOKIE_PREFIX_INSECURE',
      message: `The name of ${place} begins with a prefix that browsers take over https alone`,
      seen: name,
      expected: 'a name without __Secure- or __Host-',
      fix: 'leave the prefix out: it is added wherever cookies are Secure, as with a baseURL of https',
    })
  }
  if (!secure && (String(sameSite).toLowerCase() === 'none' || partitioned)) {
    tell({
      code: 'COOKIE_INSECURE',
      message: `Browsers drop ${place}: ${partitioned ? 'Partitioned' : 'SameSite=None'} needs Secure`,
      seen: `${partitioned ? 'partitioned: true' : "sameSite: 'none'"} without secure: true`,
      expected: 'both, or neither',
      fix: 'add secure: true beside it and set a baseURL of https, or use sameSite: "lax"',
    })
  }
  try {
    serializeCookie(name, '', attributes)
  } catch (error) {
    tell({
      code: 'COOKIE_INVALID',
      message: `The attributes of ${place} make no cookie`,
      seen: (error as Error).message,
      expected: 'a domain and a path of plain characters, at most 400 days',
      fix: `correct the attributes of ${place}`,
    })
    return undefined
  }
  return domain
}

/** The host of an origin that may hold wildcards. */
function hostOf(origin: string): string {
  return origin
    .replace(/^[a-z]+:\/\//, '')
    .replace(/:[\d*?]+$/, '')
    .toLowerCase()
}
