import { fromBase64Url } from '../primitives/base64.ts'

/** Django's `uidb64`: the text of a primary key, as links that reset a password have it. */
export function encodeUid(id: string): string {
  return Buffer.from(id).toString('base64url')
}

/** The primary key of a `uidb64`, with padding or without; `undefined` where it is none. */
export function decodeUid(uid: string): string | undefined {
  const padding = /={0,2}$/.exec(uid)?.[0].length ?? 0
  const bytes = padding > 0 && uid.length % 4 !== 0 ? undefined : fromBase64Url(uid.slice(0, uid.length - padding))
  if (!bytes) return undefined
  const id = bytes.toString()
  return Buffer.from(id).equals(bytes) ? id : undefined
}
