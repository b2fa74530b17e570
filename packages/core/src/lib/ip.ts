/** Addresses of clients: read through trusted proxies, in one canonical form. */

export interface AddressOptions {
  /** Headers that trusted proxies fill, the first that is there counts. Default `['x-forwarded-for']`. */
  readonly ipAddressHeaders?: readonly string[] | undefined
  /** Addresses and CIDR ranges of the proxies in front. Without any, headers are not looked at. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Bits of an IPv6 address that count as one client, 0 to 128. Default 64. */
  readonly ipv6Subnet?: number | undefined
  /** No address is ever read. */
  readonly disableIpTracking?: boolean | undefined
}

/** Reads the client's address from a request's headers and the peer's address as the adapter gives it. */
export type AddressReader = (
  headers: { get(name: string): string | null } | undefined,
  remoteAddress: string | undefined,
) => string | null

/**
 * Compiles the options once. Without `trustedProxies` the peer is the client. With them, a peer that is known must be
 * one of them for headers to count; the chain is then walked from its right end, and the first hop that is no trusted
 * proxy is the client. A hop that is no address, or a chain of proxies alone, gives `null`.
 */
export function addressReader(options: AddressOptions = {}): AddressReader {
  if (options.disableIpTracking) return () => null
  const subnet = options.ipv6Subnet ?? 64
  const names = options.ipAddressHeaders ?? ['x-forwarded-for']
  const proxies = (options.trustedProxies ?? []).map(parseRange).filter((range) => range !== null)
  const isProxy = (address: Address) => proxies.some((range) => contains(range, address))

  if (!options.trustedProxies?.length) {
    return (_headers, remoteAddress) => {
      const peer = remoteAddress === undefined ? null : parseAddress(remoteAddress)
      return peer && canonical(peer, subnet)
    }
  }
  return (headers, remoteAddress) => {
    if (remoteAddress !== undefined) {
      const peer = parseAddress(remoteAddress)
      if (peer === null) return null
      if (!isProxy(peer)) return canonical(peer, subnet)
    }
    for (const name of names) {
      const chain = headers?.get(name)
      if (!chain) continue
      const client = lastUntrusted(chain, isProxy)
      return client && canonical(client, subnet)
    }
    return null
  }
}

/** Whether an address lies in a CIDR range (or is the one address that `cidr` names). */
export function inRange(ip: string, cidr: string): boolean {
  const address = parseAddress(ip)
  const range = parseRange(cidr)
  return address !== null && range !== null && contains(range, address)
}

/** Those entries of a list that are neither an address nor a CIDR range. */
export function invalidRanges(list: readonly string[]): string[] {
  return list.filter((entry) => parseRange(entry) === null)
}

/** The bytes of an address: 4, or 16. IPv4 written as IPv6 (RFC 4291, 2.5.5.2) is IPv4. */
type Address = readonly number[]
type Range = { readonly address: Address; readonly bits: number }

function lastUntrusted(chain: string, isProxy: (address: Address) => boolean): Address | null {
  for (let end = chain.length; end >= 0; ) {
    const comma = end === 0 ? -1 : chain.lastIndexOf(',', end - 1)
    const hop = parseAddress(chain.slice(comma + 1, end).trim())
    if (hop === null || !isProxy(hop)) return hop
    end = comma
  }
  return null
}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const V4_PORT = /^([\d.]+):\d{1,5}$/
const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/

/** An address with or without port, brackets and zone (RFC 4007: the zone means something to its own host only). */
function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return parseV4(text)
  const withPort = V4_PORT.exec(text)
  if (withPort) return parseV4(withPort[1] as string)
  const bare = text.startsWith('[') ? BRACKETED.exec(text)?.[1] : text
  if (bare === undefined) return null
  const zone = bare.indexOf('%')
  if (zone === bare.length - 1) return null
  return parseV6(zone === -1 ? bare : bare.slice(0, zone))
}

function parseV4(text: string): Address | null {
  const match = V4.exec(text)
  if (match === null) return null
  const bytes: number[] = []
  for (const part of match.slice(1)) {
    // A leading zero means octal to some and decimal to others.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return null
    bytes.push(Number(part))
  }
  return bytes
}

function parseV6(text: string): Address | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0] as string, halves.length === 1)
  const tail = halves[1] === undefined ? [] : parseGroups(halves[1], true)
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null
  const bytes = [...head, ...new Array<number>(missing).fill(0), ...tail]
  const mapped = bytes[10] === 255 && bytes[11] === 255 && bytes.every((byte, i) => i > 9 || byte === 0)
  return mapped ? bytes.slice(12) : bytes
}

/** The bytes of groups between colons; the last may be IPv4 where `last` says that nothing follows. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 255)
    } else {
      const v4 = last && i === groups.length - 1 ? parseV4(group) : null
      if (v4 === null) return null
      bytes.push(...v4)
    }
  }
  return bytes
}

function parseRange(text: string): Range | null {
  const slash = text.indexOf('/')
  const name = slash === -1 ? text : text.slice(0, slash)
  const address = /[[\]%]|\d\.\d+:/.test(name) ? null : parseAddress(name)
  if (address === null) return null
  const whole = address.length * 8
  if (slash === -1) return { address, bits: whole }
  if (!/^\d{1,3}$/.test(text.slice(slash + 1))) return null
  // The prefix of a mapped IPv4 range counts the 96 bits that are gone.
  const bits = Number(text.slice(slash + 1)) - (address.length === 4 && name.includes(':') ? 96 : 0)
  return bits >= 0 && bits <= whole ? { address, bits } : null
}

function contains(range: Range, address: Address): boolean {
  if (range.address.length !== address.length) return false
  for (let i = 0, left = range.bits; left > 0; i++, left -= 8) {
    if ((((range.address[i] as number) ^ (address[i] as number)) & maskOf(left)) !== 0) return false
  }
  return true
}

/** The mask of a byte of which the first `bits` count. */
function maskOf(bits: number): number {
  return bits >= 8 ? 255 : bits <= 0 ? 0 : (255 << (8 - bits)) & 255
}

/** `1.2.3.4`; IPv6 as eight groups of four lower-case digits, all but the subnet zero. */
function canonical(address: Address, subnet: number): string {
  if (address.length === 4) return address.join('.')
  const hex = address.map((byte, i) => (byte & maskOf(subnet - 8 * i)).toString(16).padStart(2, '0')).join('')
  return (hex.match(/.{4}/g) as string[]).join(':')
}
