import { type Scheme, type SchemeContext, schemeProblem } from '../../contract/scheme.ts'
import { fromBase64 } from '../../lib/bytes.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { call, text } from '../../lib/kinds.ts'
import { settled } from '../../lib/settled.ts'
import { checkPlace, checkRealm, credentialsOf, isNobody, quoted } from '../credentials.ts'

export interface BasicOptions<Identity, Name extends string = 'basic'> {
  /**
   * Who these credentials belong to; `null`, or `false`, for nobody. Compare both parts in constant time, whoever is named.
   */
  readonly authenticate?:
    | ((username: string, password: string, context: SchemeContext) => Identity | null | Promise<Identity | null>)
    | undefined
  /** Its name in chains and in the OpenAPI document. Default `basic`. */
  readonly name?: Name | undefined
  /** Another header, where the scheme's word before the credentials may be left out. Default `Authorization`. */
  readonly header?: string | undefined
  /** What a browser's dialog names. Default `api`. */
  readonly realm?: string | undefined
}

/** HTTP Basic (RFC 7617), in UTF-8. The password may hold colons. */
export function basic<Identity = never, const Name extends string = 'basic'>(
  options: BasicOptions<Identity, Name> = {},
): Scheme<Identity, NoInfer<Name>> {
  checkOptions<BasicOptions<Identity, string>>(
    options,
    { authenticate: call, name: text, header: text, realm: text },
    'basic()',
  )
  const { authenticate, header = 'Authorization', realm = 'api' } = options
  const name = (options.name ?? 'basic') as Name
  const standard = header.toLowerCase() === 'authorization'
  const missing = () =>
    schemeProblem(name, {
      code: 'SCHEME_WITHOUT_CHECK',
      message: 'nothing tells whose a name and a password are',
      seen: 'no authenticate',
      expected: 'a function',
      fix: 'basic({ authenticate: (username, password) => … })',
    })

  const scheme: Scheme<Identity, Name> = {
    name,
    authenticate(context) {
      if (!authenticate) throw missing()
      const { headers } = context.exchange
      const bare = standard ? undefined : (headers.get(header)?.trim() ?? undefined)
      const sent = credentialsOf(headers, header, 'Basic') ?? bare
      if (sent === undefined) return context.pass(`no Basic credentials in ${header}`)
      const pair = decoded(sent)
      if (!pair) return context.pass('the credentials are no base64 of a name, a colon and a password in UTF-8')
      return settled(authenticate(...pair, context), (identity) =>
        isNobody(identity) ? context.pass('nobody has these credentials') : { identity },
      )
    },
    securitySchemes: {
      [name]: standard
        ? { type: 'http', scheme: 'basic', description: 'HTTP Basic' }
        : { type: 'apiKey', in: 'header', name: header, description: 'HTTP Basic in another header' },
    },
    requirement: { [name]: [] },
    responses: { 401: 'No name and password that hold' },
    varies: header.toLowerCase(),
    ...(standard ? { challenge: () => `Basic realm=${quoted(realm)}, charset="UTF-8"` } : {}),
    bind() {
      if (!authenticate) throw missing()
      checkPlace(name, { header })
      checkRealm(name, realm)
      return scheme
    },
  }
  return scheme
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(base64: string): readonly [username: string, password: string] | undefined {
  const unpadded = base64.replace(/=+$/, '')
  const bytes = fromBase64(unpadded + '='.repeat((4 - (unpadded.length % 4)) % 4))
  if (!bytes) return undefined
  try {
    const text = utf8.decode(bytes)
    const colon = text.indexOf(':')
    // Neither part holds control characters (RFC 7617, 2).
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    return colon === -1 || /[\u0000-\u001f\u007f]/.test(text)
      ? undefined
      : [text.slice(0, colon), text.slice(colon + 1)]
  } catch {
    return undefined
  }
}
