import { toBase64, utf8 } from '../lib/bytes.ts'

/**
 * The header value of a name and a password (RFC 7617), for clients and tests.
 *
 * @throws TypeError for a name with a colon, which would end it.
 * @example basicAuth('admin', 'pass') // 'Basic YWRtaW46cGFzcw=='
 */
export function basicAuth(username: string, password: string, options: { readonly prefix?: string } = {}): string {
  if (username.includes(':')) throw new TypeError('a user name of HTTP Basic holds no colon')
  return (options.prefix ?? 'Basic ') + toBase64(utf8(`${username}:${password}`))
}
