/** What several endpoints take or answer, said once. */
import * as v from 'valibot'
import { userOut } from '../contract/model.ts'
import { isEmail } from '../domain/email.ts'

/** A person's name: may be empty, at most 256 units, no control characters. */
export const name = v.pipe(
  v.string(),
  v.maxLength(256),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  v.check((text) => !/[\u0000-\u001f\u007f]/.test(text) && text.isWellFormed(), 'Invalid input: control characters'),
)

/** The address of a picture: http(s) or a path of the app's own. */
export const image = v.pipe(v.string(), v.maxLength(2048), v.check(isImage, 'Invalid image URL'))

export const email = v.pipe(v.string(), v.check(isEmail, 'Invalid email address'))
/** Half a surrogate pair has no UTF-8: two such passwords could have one hash. */
export const password = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed(), 'Invalid input: not plain text'),
)
export const newPassword = v.pipe(password, v.minLength(1))
export const callbackURL = v.optional(v.pipe(v.string(), v.maxLength(4096)))
export const rememberMe = v.optional(v.boolean())

/** For the document: wrong passwords are counted, whoever sends them. */
export const tooManyGuesses = { 429: 'Too many wrong passwords for this account' } as const

/** Cookies of a session that is opened, renewed or ended. */
export const sessionCookies = ['session_token', 'session_data', 'dont_remember'] as const

export const status = v.object({ status: v.boolean() })
export const tokenAndUser = v.object({ token: v.nullable(v.string()), user: userOut })

function isImage(text: string): boolean {
  if (text === '') return true
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\s\\\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) return false
  if (text.startsWith('/')) return !text.startsWith('//')
  return /^https?:\/\//i.test(text) && URL.canParse(text)
}
