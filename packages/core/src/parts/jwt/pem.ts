/** Keys in PEM texts (RFC 7468), told apart when the app starts: importing one takes a promise. */
import type { JWK } from 'jose'
import { fromBase64, toBase64Url, toHex } from '../../lib/bytes.ts'
import { type Element, elementAt, elementsOf } from './der.ts'

/** The public half, and whether there is a private one beside it. */
export interface PemKey {
  readonly jwk: JWK
  readonly isPrivate: boolean
}

/** What a text holds, or why it is of no use. */
export function readPem(text: string): PemKey | string {
  const [, label = '', base64 = '', more = ''] = block.exec(text.trim()) ?? []
  const read = readers[label]
  if (more !== '') return 'several PEM blocks are in one text: give each as a text of its own'
  if (!read) return label === '' ? noPem : `a PEM text of "${label}" is none of PUBLIC KEY, PRIVATE KEY and CERTIFICATE`
  const der = fromBase64(base64.replace(/\s/g, ''))
  if (!der) return noPem
  try {
    const jwk = read(elementsOf(elementAt(elementsOf(der), 0)))
    return jwk ? { jwk, isPrivate: label === 'PRIVATE KEY' } : 'it is no key of RSA, P-256, P-384, P-521 or Ed25519'
  } catch (error) {
    if (error instanceof RangeError) return 'its PEM text is cut short, or was changed'
    throw error
  }
}

const noPem = 'it is no PEM text; are its line breaks written out as \\n?'
const block = /^-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----(.*)$/s

const readers: Readonly<Record<string, (inside: readonly Element[]) => JWK | undefined>> = {
  // SubjectPublicKeyInfo (RFC 5280, 4.1)
  'PUBLIC KEY': (inside) => publicKey(elementAt(inside, 0), elementAt(inside, 1).subarray(1)),
  // PrivateKeyInfo (RFC 5208, 5)
  'PRIVATE KEY': (inside) => privateKey(elementAt(inside, 1), elementAt(inside, 2)),
  // The subject's key is the seventh field, the first of which may be left out (RFC 5280, 4.1).
  CERTIFICATE(inside) {
    const fields = elementsOf(elementAt(inside, 0))
    const subject = elementsOf(elementAt(fields, fields[0]?.tag === version ? 6 : 5))
    return publicKey(elementAt(subject, 0), elementAt(subject, 1).subarray(1))
  },
}

const version = 0xa0

/** By the object identifiers of algorithm and curve, in hex. */
const kinds: Readonly<Record<string, { readonly kty: string; readonly crv?: string }>> = {
  '2a864886f70d010101': { kty: 'RSA' },
  '2a8648ce3d0201 2a8648ce3d030107': { kty: 'EC', crv: 'P-256' },
  '2a8648ce3d0201 2b81040022': { kty: 'EC', crv: 'P-384' },
  '2a8648ce3d0201 2b81040023': { kty: 'EC', crv: 'P-521' },
  '2b6570': { kty: 'OKP', crv: 'Ed25519' },
}

const objectIdentifier = 0x06

function kindOf(algorithm: Uint8Array) {
  const names = elementsOf(algorithm).filter(({ tag }) => tag === objectIdentifier)
  return kinds[names.map(({ content }) => toHex(content)).join(' ')]
}

function publicKey(algorithm: Uint8Array, key: Uint8Array): JWK | undefined {
  const kind = kindOf(algorithm)
  switch (kind?.kty) {
    case 'RSA':
      return { ...kind, ...modulus(elementsOf(elementAt(elementsOf(key), 0)), 0) }
    case 'EC': {
      // Uncompressed: 4, then both coordinates.
      const half = (key.length - 1) / 2
      return key[0] === 4
        ? { ...kind, x: toBase64Url(key.slice(1, 1 + half)), y: toBase64Url(key.slice(1 + half)) }
        : kind
    }
    case 'OKP':
      return { ...kind, x: toBase64Url(key.slice()) }
    default:
      return undefined
  }
}

/** Of RSA alone the public half stands beside the private one, whatever made the file. */
function privateKey(algorithm: Uint8Array, key: Uint8Array): JWK | undefined {
  const kind = kindOf(algorithm)
  return kind?.kty === 'RSA' ? { ...kind, ...modulus(elementsOf(elementAt(elementsOf(key), 0)), 1) } : kind
}

const modulus = (numbers: readonly Element[], at: number) => ({
  n: toBase64Url(elementAt(numbers, at).slice()),
  e: toBase64Url(elementAt(numbers, at + 1).slice()),
})
