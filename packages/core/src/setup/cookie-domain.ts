/** Whether browsers keep a cookie of a domain (RFC 6265bis, 5.7). What needs the list of public suffixes comes later. */
import type { Problem } from '../lib/errors.ts'

const bare = (domain: string) => domain.replace(/^\./, '').toLowerCase()

/** A host of one label, or an IP address: no domain above it to share cookies on. */
export function hasNoParent(host: string): boolean {
  return !host.includes('.') || /^\d+(?:\.\d+){3}$/.test(host) || host.startsWith('[')
}

/** What is wrong with a cookie's domain as far as that shows at once. `hosts` are the public ones, `*` allowed. */
export function checkDomain(given: string, hosts: readonly string[]): Problem | undefined {
  const domain = bare(given)
  if (!/^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/.test(domain) || domain.includes('..')) {
    if (!domain.includes(':')) return notADomain(given)
  }
  if (hasNoParent(domain) || domain.includes(':')) {
    return publicSuffix(given, 'a name of one label or an IP address, for which browsers keep no shared cookie')
  }
  const below = (host: string) => host === '*' || host === domain || host.endsWith(`.${domain}`)
  if (hosts.length === 0 || hosts.some(below)) return undefined
  return {
    code: 'COOKIE_DOMAIN_FOREIGN',
    message: `The cookie domain ${given} is no parent of the public host`,
    seen: `${given} for ${hosts.join(', ')}`,
    expected: 'the public host or a domain above it',
    fix: `set advanced.crossSubDomainCookies.domain: '${parentOf(hosts[0] ?? '')}', or correct baseURL`,
  }
}

/** The domains for which browsers keep no cookie because anybody can have a name below them: `co.uk`, `github.io`. */
export async function checkSuffixes(domains: readonly string[]): Promise<Problem[]> {
  if (domains.length === 0) return []
  // A list of 100 kB, for apps that set a domain.
  const { getPublicSuffix } = await import('tldts')
  return domains
    .filter((domain) => getPublicSuffix(bare(domain), { allowPrivateDomains: true }) === bare(domain))
    .map((domain) => publicSuffix(domain, 'a public suffix, below which anybody can have a name'))
}

function publicSuffix(domain: string, seen: string): Problem {
  return {
    code: 'COOKIE_DOMAIN_PUBLIC',
    message: `No browser keeps a cookie for the domain ${domain}`,
    seen: `${domain}, ${seen}`,
    expected: 'a domain of your own',
    fix: "set advanced.crossSubDomainCookies.domain: 'example.com', with your own domain",
  }
}

function notADomain(domain: string): Problem {
  return {
    code: 'COOKIE_DOMAIN_INVALID',
    message: 'The cookie domain is no domain',
    seen: JSON.stringify(domain),
    expected: 'a domain name alone, without scheme, port or wildcard',
    fix: "set advanced.crossSubDomainCookies.domain: 'example.com'",
  }
}

function parentOf(host: string): string {
  const labels = host.replace(/^\*\./, '').split('.')
  return labels.length > 2 ? labels.slice(1).join('.') : labels.join('.')
}
