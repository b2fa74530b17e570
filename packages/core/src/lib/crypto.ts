/**
 * What `crypto.node.ts` and `crypto.web.ts` share. Everyone else imports `#crypto`, which is one of those two:
 * `node:crypto` where there is Node, plain JavaScript elsewhere. Both are synchronous, because WebCrypto's promises
 * cost twenty times the HMAC itself and queue behind password hashes.
 */

/** A key ready to sign. The secret is in a closure, so that no log or inspector shows it. */
export interface HmacKey {
  /** HMAC-SHA256 (RFC 2104) of the UTF-8 of `text`, as standard base64: 44 characters. */
  mac(text: string): string
}

/** Constant-time equality of two texts or two byte strings; of different lengths they are never equal. */
export function timingSafeEqual<T extends string | Uint8Array>(a: T, b: T): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  if (typeof a === 'string') {
    for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ (b as string).charCodeAt(i)
  } else {
    for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  }
  return difference === 0
}

const POOL_SIZE = 4096

/**
 * Random bytes from a pool that `fill` renews: one call of the system's generator serves many tokens. Bytes are copied
 * out and wiped, so none is handed out twice or seen through the pool's buffer.
 */
export function pooled(fill: (bytes: Uint8Array<ArrayBuffer>) => void): (size: number) => Uint8Array<ArrayBuffer> {
  const pool = new Uint8Array(POOL_SIZE)
  let used = POOL_SIZE
  return (size) => {
    if (size > POOL_SIZE / 4) {
      const bytes = new Uint8Array(size)
      fill(bytes)
      return bytes
    }
    if (used + size > POOL_SIZE) {
      fill(pool)
      used = 0
    }
    const bytes = pool.slice(used, used + size)
    pool.fill(0, used, used + size)
    used += size
    return bytes
  }
}
