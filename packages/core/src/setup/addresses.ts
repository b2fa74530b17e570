/** Whether what is said of proxies and of clients' addresses means something. */
import type { Options } from '../contract/options.ts'
import type { Problem } from '../lib/errors.ts'
import { invalidRanges } from '../lib/ip.ts'

export function checkAddresses({ advanced }: Options, problems: Problem[]): void {
  const { trustedProxies = [], ipv6Subnet = 64 } = advanced?.ipAddress ?? {}
  const wrong = invalidRanges(trustedProxies)
  if (wrong.length > 0) {
    problems.push({
      code: 'PROXY_RANGE_INVALID',
      message: 'advanced.ipAddress.trustedProxies holds what is neither an address nor a range',
      seen: wrong.map((entry) => JSON.stringify(entry)).join(', '),
      expected: 'IP addresses and CIDR ranges',
      fix: "write trustedProxies: ['10.0.0.0/8', '2001:db8::/32'], with the ranges of your own proxies",
    })
  }
  if (!Number.isInteger(ipv6Subnet) || ipv6Subnet < 0 || ipv6Subnet > 128) {
    problems.push({
      code: 'IPV6_SUBNET_INVALID',
      message: 'advanced.ipAddress.ipv6Subnet is no length of a prefix',
      seen: String(ipv6Subnet),
      expected: 'a whole number from 0 to 128',
      fix: 'write ipv6Subnet: 64, or leave it out',
    })
  }
}
