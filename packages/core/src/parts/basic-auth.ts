import { toBase64, utf8 } from '../lib/bytes.ts'

/**
 * The header value of a name and a password (RFC 7617), for clients and tests.
 *
 * @example basicAuth('admin', 'pass') // 'Basic YWRtaW46cGFzcw=='
 */
export function basicAuth(username: string, password: string, options: { readonly prefix?: string } = {}): string {
  return (options.prefix ?? 'Basic ') + toBase64(utf8(`${username}:${password}`))
}
