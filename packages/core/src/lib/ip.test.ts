import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestOf } from '../../test/best-of.ts'
import { type AddressOptions, addressReader, inRange, invalidRanges } from './ip.ts'

const direct = (address: string, options: AddressOptions = {}) => addressReader(options)(undefined, address)
const forwarded = (chain: string, options: AddressOptions = {}, peer?: string) =>
  addressReader({ trustedProxies: ['10.0.0.0/8', 'fd00::/8'], ...options })(
    new Headers({ 'x-forwarded-for': chain }),
    peer,
  )

describe('an address', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['[::ffff:1.2.3.4]:80', '1.2.3.4'],
    ['0:0:0:0:0:ffff:1.2.3.4', '1.2.3.4'],
    ['::1', '0000:0000:0000:0000:0000:0000:0000:0000'],
    ['2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0000'],
    ['2001:DB8:1:2:3:4:5:6', '2001:0db8:0001:0002:0000:0000:0000:0000'],
    ['2001:db8:1:2:3:4:5::', '2001:0db8:0001:0002:0000:0000:0000:0000'],
    ['[2001:db8::1]', '2001:0db8:0000:0000:0000:0000:0000:0000'],
    ['[2001:db8::1]:443', '2001:0db8:0000:0000:0000:0000:0000:0000'],
    ['fe80::1%eth0', 'fe80:0000:0000:0000:0000:0000:0000:0000'],
    ['[fe80::1%25eth0]:80', 'fe80:0000:0000:0000:0000:0000:0000:0000'],
    ['64:ff9b::1.2.3.4', '0064:ff9b:0000:0000:0000:0000:0000:0000'],
  ])('%s is %s', (address, expected) => {
    expect(direct(address)).toBe(expected)
    expect(forwarded(address)).toBe(expected)
  })

  it.each([
    ...[
      '',
      'unknown',
      'localhost',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.4:',
      '1.2.3.4:x',
      '0x1.2.3.4',
      '1.2.3.4/8',
    ],
    ...[
      ':',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '::12345',
      '::g',
      ':1::',
      '1:',
      '::1%',
    ],
    ...[
      '[::1',
      '::1]',
      '[::1]x',
      '[1.2.3.4',
      '1.2.3.4::',
      '::1.2.3.4:5',
      '::1.2.3',
      '_hidden',
      '"1.2.3.4"',
      '1.2.3.4 5',
      'é',
    ],
  ])('%j is none', (address) => {
    expect(direct(address)).toBeNull()
    expect(forwarded(address)).toBeNull()
  })

  it('is masked to the subnet', () => {
    const address = '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'
    expect(direct(address, { ipv6Subnet: 128 })).toBe('2001:0db8:ffff:ffff:ffff:ffff:ffff:ffff')
    expect(direct(address, { ipv6Subnet: 60 })).toBe('2001:0db8:ffff:fff0:0000:0000:0000:0000')
    expect(direct(address, { ipv6Subnet: 33 })).toBe('2001:0db8:8000:0000:0000:0000:0000:0000')
    expect(direct(address, { ipv6Subnet: 0 })).toBe('0000:0000:0000:0000:0000:0000:0000:0000')
    expect(direct('1.2.3.4', { ipv6Subnet: 0 })).toBe('1.2.3.4')
  })

  it('is read from any text without throwing, and is its own canonical form', () => {
    const piece = fc.constantFrom('1', '255', '.', ':', '::', 'f', 'ffff', '%', '[', ']', '/', ',', ' ', '0', 'é')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV6(),
          fc.ipV4(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const address = direct(text)
          if (address !== null) expect(direct(address)).toBe(address)
          forwarded(text.replaceAll('é', ''))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is recognised whenever it is one', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => void expect(direct(text)).not.toBeNull()))
  })
})

describe('without trusted proxies', () => {
  it('headers are ignored', () => {
    const headers = new Headers({ 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6', 'cf-connecting-ip': '6.6.6.6' })
    for (const trustedProxies of [undefined, []]) {
      const read = addressReader({ trustedProxies, ipAddressHeaders: ['cf-connecting-ip'] })
      expect(read(headers, '1.2.3.4')).toBe('1.2.3.4')
      expect(read(headers, undefined)).toBeNull()
    }
  })
})

describe('behind trusted proxies', () => {
  it.each([
    ['9.9.9.9, 1.2.3.4, 10.0.0.1', '1.2.3.4'],
    ['6.6.6.6,1.2.3.4,10.0.0.1,10.9.9.9', '1.2.3.4'],
    ['6.6.6.6', '6.6.6.6'],
    ['1.2.3.4, bad, 10.0.0.1', null],
    ['bad, 1.2.3.4', '1.2.3.4'],
    ['1.2.3.4,,10.0.0.1', null],
    ['1.2.3.4,', null],
    ['10.0.0.1, 10.0.0.2', null],
    ['10.0.0.1', null],
    ['1.2.3.4, ::ffff:10.0.0.1', '1.2.3.4'],
    ['1.2.3.4:99, [fd00::1]:443', '1.2.3.4'],
    ['2001:db8::1, fd00::2', '2001:0db8:0000:0000:0000:0000:0000:0000'],
  ])('%j comes from %s', (chain, expected) => {
    expect(forwarded(chain)).toBe(expected)
    expect(forwarded(chain, {}, '10.1.1.1')).toBe(expected)
    expect(forwarded(chain, {}, '::ffff:10.1.1.1')).toBe(expected)
  })

  it('a peer that is no proxy is the client, whatever it claims', () => {
    expect(forwarded('6.6.6.6', {}, '1.2.3.4')).toBe('1.2.3.4')
    expect(forwarded('6.6.6.6', {}, 'not an address')).toBeNull()
  })

  it('the first header that is there counts', () => {
    const read = addressReader({
      trustedProxies: ['10.0.0.1'],
      ipAddressHeaders: ['cf-connecting-ip', 'x-forwarded-for'],
    })
    const chain = { 'x-forwarded-for': '1.1.1.1' }
    expect(read(new Headers({ ...chain, 'cf-connecting-ip': '2.2.2.2' }), '10.0.0.1')).toBe('2.2.2.2')
    expect(read(new Headers(chain), '10.0.0.1')).toBe('1.1.1.1')
    expect(read(new Headers({ ...chain, 'cf-connecting-ip': 'bad' }), '10.0.0.1')).toBeNull()
    expect(read(new Headers(), '10.0.0.1')).toBeNull()
    expect(read(undefined, undefined)).toBeNull()
  })

  it('a list of nothing but invalid ranges trusts nobody', () => {
    const read = addressReader({ trustedProxies: ['nonsense'] })
    expect(read(new Headers({ 'x-forwarded-for': '6.6.6.6' }), '1.2.3.4')).toBe('1.2.3.4')
  })

  it('long chains take no time', async () => {
    for (const chain of [
      '10.0.0.1,'.repeat(11_000),
      '1:'.repeat(50_000),
      'a'.repeat(100_000),
      `[${':'.repeat(100_000)}`,
    ]) {
      expect(await bestOf(8, () => forwarded(chain))).toBeLessThan(250)
    }
  })
})

it('disableIpTracking reads no address', () => {
  const read = addressReader({ disableIpTracking: true, trustedProxies: ['10.0.0.1'] })
  expect(read(new Headers({ 'x-forwarded-for': '6.6.6.6' }), '10.0.0.1')).toBeNull()
})

describe('inRange', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.0.0.127', '10.0.0.0/25', true],
    ['10.0.0.128', '10.0.0.0/25', false],
    ['1.2.3.4', '0.0.0.0/0', true],
    ['1.2.3.4', '1.2.3.4', true],
    ['1.2.3.5', '1.2.3.4/32', false],
    ['1.2.3.5', '1.2.3.4/31', true],
    ['2001:db8:8000::1', '2001:db8::/32', true],
    ['2001:db8:8000::1', '2001:db8::/33', false],
    ['::1', '::1', true],
    ['::1', '::/0', true],
    ['1.2.3.4', '::/0', false],
    ['::ffff:10.0.0.1', '10.0.0.0/8', true],
    ['10.0.0.1', '::ffff:10.0.0.0/104', true],
    ['11.0.0.1', '::ffff:10.0.0.0/104', false],
    ['bad', '0.0.0.0/0', false],
    ['1.2.3.4', 'bad', false],
  ])('%s in %s: %s', (ip, cidr, expected) => {
    expect(inRange(ip, cidr)).toBe(expected)
  })
})

it('invalidRanges names what is no range', () => {
  const valid = ['10.0.0.0/8', '1.2.3.4', '::1', 'fd00::/8', '::ffff:10.0.0.0/104', '0.0.0.0/0', '::/128']
  const invalid = [
    '',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'a.com',
    '1.2.3.4:80',
    '[::1]',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/8',
    '1.2.3.4/1e1',
  ]
  expect(invalidRanges([...valid, ...invalid])).toEqual(invalid)
})
