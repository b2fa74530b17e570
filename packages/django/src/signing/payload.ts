import { deflateSync, inflateSync } from 'node:zlib'
import { DjangoError } from '../errors.ts'
import { fromBase64Url } from '../primitives/base64.ts'
import { type JsonValue, parsePythonJson, pythonJson } from '../sessions/json.ts'
import { type TimestampSignerOptions, timestampSigner } from './signer.ts'

/** What `dumps` and `loads` are told. */
export interface PayloadOptions extends Omit<TimestampSignerOptions, 'separator'> {
  /** Default `django.core.signing`. */
  readonly salt?: string | undefined
  /** Compresses what gets shorter by it. Default `false`; what is compressed is read in any case. */
  readonly compress?: boolean | undefined
  /** The most bytes that a payload may inflate to. Default 1 MiB. */
  readonly maxInflated?: number | undefined
}

const SALT = 'django.core.signing'
const MAX_INFLATED = 1024 * 1024

/** Django's `signing.dumps`: a value as a signed text that may stand in a URL. */
export function dumps(value: JsonValue, options: PayloadOptions): string {
  const json = Buffer.from(pythonJson(value), 'latin1')
  const deflated = options.compress ? deflateSync(json) : json
  const text = deflated.length < json.length - 1 ? `.${deflated.toString('base64url')}` : json.toString('base64url')
  return timestampSigner({ ...options, salt: options.salt ?? SALT }).sign(text)
}

/**
 * Django's `signing.loads`: the value of a text that `dumps` made, here or there.
 *
 * @param maxAge seconds; any age by default
 * @throws {DjangoError} `BAD_SIGNATURE`, `SIGNATURE_EXPIRED`, or `BAD_PAYLOAD` where what was signed is not a value
 */
export function loads(text: string, options: PayloadOptions, maxAge?: number): JsonValue {
  const payload = timestampSigner({ ...options, salt: options.salt ?? SALT }).unsign(text, maxAge)
  try {
    const bytes = payload.startsWith('.')
      ? inflateSync(decoded(payload.slice(1)), { maxOutputLength: options.maxInflated ?? MAX_INFLATED })
      : decoded(payload)
    return parsePythonJson(bytes.toString('latin1'))
  } catch (cause) {
    throw new DjangoError('BAD_PAYLOAD', 'what was signed cannot be decoded', { cause })
  }
}

function decoded(base64: string): Buffer {
  const bytes = fromBase64Url(base64)
  if (bytes) return bytes
  throw new SyntaxError('not base64url')
}
