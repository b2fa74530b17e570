import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64 } from '../../lib/bytes.ts'
import { currentPrefix, readStored } from './stored.ts'

const key = (bytes: number) => toBase64(new Uint8Array(bytes).fill(7))
const bare = (bytes: number) => key(bytes).replaceAll('=', '')
const argon2 = (m: string, t: string, p: string) => `$argon2id$v=19$m=${m},t=${t},p=${p}$${bare(16)}$${bare(32)}`
const bcrypt = (cost: string) => `$2b$${cost}$abcdefghijklmnopqrstuuqXYpzrHdq/GQDRDZpcNTxdbndpFhZlW`
const pbkdf2 = (iterations: string) => `pbkdf2_sha256$${iterations}$salt$${key(32)}`
const scrypt = (N: string, r: string, p: string) => `scrypt$${N}$salt$${r}$${p}$${key(64)}`
const longest = pbkdf2('1000').replace('salt', 's'.repeat(516 - pbkdf2('1000').length))
const betterAuth = `${'0f'.repeat(16)}:${'a1'.repeat(64)}`

describe('a stored hash', () => {
  it.each([
    ['ours', `${currentPrefix}${bare(16)}$${bare(32)}`, true],
    ['ours with a longer salt', `${currentPrefix}${bare(24)}$${bare(32)}`, false],
    ['ours with a shorter key', `${currentPrefix}${bare(16)}$${bare(16)}`, false],
    ['argon2id of other cost', argon2('19456', '3', '1'), false],
    ['ours as Django writes it', `argon2${currentPrefix}${bare(16)}$${bare(32)}`, false],
    ["better-auth's scrypt", betterAuth, false],
    ['bcrypt', bcrypt('12'), false],
    ['bcrypt of PHP', bcrypt('10').replace('$2b$', '$2y$'), false],
    ['the dearest bcrypt', bcrypt('16'), false],
    ['the dearest PBKDF2', pbkdf2('10000000'), false],
    ['the dearest argon2', argon2('262144', '8', '16'), false],
    ['the dearest scrypt', scrypt('32768', '64', '2'), false],
    ["Django's scrypt", scrypt('16384', '8', '5'), false],
    ['the longest text', longest, false],
  ])('is read: %s', (_, text, current) => {
    expect(readStored(text)?.current).toBe(current)
  })

  it.each([
    ['nothing', ''],
    ['a word', 'password'],
    ['unusable', '!abcdef'],
    ['md5', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99'],
    ['bare md5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['sha1', 'sha1$salt$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8'],
    ['no colon', betterAuth.replace(':', '')],
    ['odd hex', betterAuth.slice(0, -1)],
    ['upper-case hex', betterAuth.toUpperCase()],
    ['a NUL byte', `${betterAuth}\0`],
    ['a newline', `${betterAuth}\n`],
    ['one character too many', longest.replace('s$', 'ss$')],
    ['megabytes of salt', pbkdf2('1000').replace('salt', 'salt'.repeat(250_000))],
    ['argon2: 256 MiB and more', argon2('262145', '1', '1')],
    ['argon2: the product of memory and passes', argon2('262144', '9', '1')],
    ['argon2: passes', argon2('8', '4294967295', '1')],
    ['argon2: lanes', argon2('65536', '1', '17')],
    ['argon2: under eight blocks a lane', argon2('31', '1', '4')],
    ['argon2: zero passes', argon2('65536', '0', '1')],
    ['argon2: a negative', argon2('-65536', '1', '1')],
    ['argon2: a leading zero', argon2('065536', '1', '1')],
    ['argon2: an unknown version', argon2('65536', '1', '1').replace('v=19', 'v=18')],
    ['argon2: a short salt', `${currentPrefix}${bare(7)}$${bare(32)}`],
    ['argon2: a short key', `${currentPrefix}${bare(16)}$${bare(15)}`],
    ['argon2: padding', `${currentPrefix}${bare(16)}$${key(32)}`],
    ['argon2: base64 of no length', `${currentPrefix}${bare(16)}$${bare(32)}AA`],
    ['argon2: bits beyond the key', `${currentPrefix}${bare(16)}$${bare(32).slice(0, -1)}d`],
    ['bcrypt: cost 3', bcrypt('03')],
    ['bcrypt: cost 17', bcrypt('17')],
    ['bcrypt: cost 31', bcrypt('31')],
    ['bcrypt: cut', bcrypt('12').slice(0, -1)],
    ['bcrypt: of the flawed kind', bcrypt('12').replace('$2b$', '$2x$')],
    ['pbkdf2: zero', pbkdf2('0')],
    ['pbkdf2: one too many', pbkdf2('10000001')],
    ['pbkdf2: 10⁹', pbkdf2('1000000000')],
    ['pbkdf2: a sign', pbkdf2('+1')],
    ['pbkdf2: an exponent', pbkdf2('1e6')],
    ['pbkdf2: a shorter key', `pbkdf2_sha256$1000$salt$${key(18)}`],
    ['pbkdf2: no salt', `pbkdf2_sha256$1000$$${key(32)}`],
    ['pbkdf2: another digest', pbkdf2('1000').replace('sha256', 'md5')],
    ['scrypt: no power of two', scrypt('16383', '8', '1')],
    ['scrypt: one', scrypt('1', '8', '1')],
    ['scrypt: N too great for r', scrypt('65536', '1', '1')],
    ['scrypt: memory', scrypt('262144', '16', '1')],
    ['scrypt: block size', scrypt('2', '65', '1')],
    ['scrypt: time', scrypt('262144', '8', '3')],
    ['scrypt: lanes', scrypt('16', '8', '17')],
    ['scrypt: a short key', scrypt('16', '8', '1').replace(key(64), key(48))],
  ])('is not read: %s', (_, text) => {
    expect(readStored(text)).toBeNull()
  })

  it('is never an exception', () => {
    const real = fc.constantFrom(betterAuth, argon2('64', '2', '2'), bcrypt('04'), pbkdf2('1'), scrypt('16', '8', '1'))
    const mangled = fc
      .tuple(real, fc.nat(140), fc.nat(3), fc.string({ maxLength: 3, unit: 'binary' }))
      .map(([text, at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))
    fc.assert(fc.property(fc.oneof(mangled, fc.string({ unit: 'binary' })), (text) => void readStored(text)))
  })
})
