/** What Django's managers make of names and addresses before they are stored. Signing in makes nothing of them. */

/** `normalize_username`: NFKC. */
export const normaliseUsername = (username: string): string => username.normalize('NFKC')

/** `normalize_email`: what comes after the last `@` in small letters; of nothing the empty text. */
export function normaliseEmail(email: string | null | undefined): string {
  const text = email ?? ''
  const bare = strip(text)
  const at = bare.lastIndexOf('@')
  return at < 0 ? text : bare.slice(0, at) + bare.slice(at).toLowerCase()
}

/** What Python takes for space and JavaScript does not; the one that is the other way round. */
const MORE = '\x1c\x1d\x1e\x1f\x85'
const LESS = '\ufeff'

const isSpace = (letter: string) => letter !== LESS && (MORE.includes(letter) || letter.trim() === '')

/** `str.strip` of Python. */
function strip(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isSpace(text.charAt(start))) start++
  while (end > start && isSpace(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
