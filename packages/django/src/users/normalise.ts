/** What Django's managers make of names and addresses before they are stored. Signing in makes nothing of them. */

/** `normalize_username`: NFKC. */
export const normaliseUsername = (username: string): string => username.normalize('NFKC')

/** `normalize_email`: what comes after the last `@` in small letters; of nothing the empty text. */
export function normaliseEmail(email: string | null | undefined): string {
  const text = email ?? ''
  const bare = text.replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, '')
  const at = bare.lastIndexOf('@')
  return at < 0 ? text : bare.slice(0, at) + bare.slice(at).toLowerCase()
}
