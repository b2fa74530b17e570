/** What Django's forms ask of new names and passwords. Optional: nothing here is asked when rows are written. */

/** The codes of Django's errors. */
export type UsernameProblem = 'required' | 'invalid' | 'max_length'

/** `UnicodeUsernameValidator`, and the room in the column: letters and digits of any script, and `@ . + - _`. */
export function usernameProblem(username: string, maxLength = 150): UsernameProblem | null {
  if (username === '') return 'required'
  if (!/^[\p{L}\p{N}_.@+-]+$/u.test(username)) return 'invalid'
  return lengthOf(username) > maxLength ? 'max_length' : null
}

/** The codes of Django's errors. */
export type PasswordProblem =
  | 'password_too_similar'
  | 'password_too_short'
  | 'password_too_common'
  | 'password_entirely_numeric'

export interface PasswordRules {
  /** Fewest characters. Default 8. */
  readonly minLength?: number | undefined
  /** Common passwords in small letters, such as those of Django's `common-passwords.txt.gz`. Default: none are. */
  readonly common?: ReadonlySet<string> | undefined
  /** The user's name, address and the like, which the password is not to resemble. */
  readonly attributes?: Iterable<string | null | undefined> | undefined
  /** How like one of them it may be, from 0.1 to 1. Default 0.7. */
  readonly maxSimilarity?: number | undefined
}

/** Which of Django's four validators a password does not pass. */
export function passwordProblems(password: string, rules: PasswordRules = {}): PasswordProblem[] {
  const { minLength = 8, common, attributes = [], maxSimilarity = 0.7 } = rules
  const problems: PasswordProblem[] = []
  for (const attribute of attributes) {
    if (attribute && isLike(password.toLowerCase(), attribute.toLowerCase(), maxSimilarity)) {
      problems.push('password_too_similar')
      break
    }
  }
  if (lengthOf(password) < minLength) problems.push('password_too_short')
  if (common?.has(password.toLowerCase().trim())) problems.push('password_too_common')
  if (DIGITS.test(password)) problems.push('password_entirely_numeric')
  return problems
}

/** `str.isdigit` of Python: digits of any script, raised, lowered and in circles too. */
const DIGITS =
  /^[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]+$/u

const lengthOf = (text: string) => [...text].length

/** The whole of an attribute, or one of its words. */
function isLike(password: string, attribute: string, most: number): boolean {
  const length = lengthOf(password)
  return [...attribute.split(/[^\p{L}\p{N}_]+/u), attribute].some((part) => {
    const partLength = lengthOf(part)
    if (length >= 10 * partLength && partLength < (most / 2) * length) return false
    return similarity(password, part) >= most
  })
}

/** `SequenceMatcher.quick_ratio` of Python: the letters in common, wherever they are. */
function similarity(a: string, b: string): number {
  const left = new Map<string, number>()
  for (const letter of b) left.set(letter, (left.get(letter) ?? 0) + 1)
  let [common, all] = [0, lengthOf(b)]
  for (const letter of a) {
    const count = left.get(letter) ?? 0
    if (count > 0) common++
    left.set(letter, count - 1)
    all++
  }
  return all === 0 ? 1 : (2 * common) / all
}
