import { type Scheme, type SchemeContext, schemeProblem } from '../../contract/scheme.ts'
import { checkOptions } from '../../lib/check-options.ts'
import { APIError } from '../../lib/errors.ts'
import { call, numberFrom, text } from '../../lib/kinds.ts'
import { settled } from '../../lib/settled.ts'
import { checkPlace, isNobody } from '../credentials.ts'

export interface ApiKeyOptions<Identity, Name extends string = 'api_key'> {
  /** Whose a key is; `null`, or `false`, for nobody. Look it up by its hash, so that a leaked table opens nothing. */
  readonly lookup?: ((key: string, context: SchemeContext) => Identity | null | Promise<Identity | null>) | undefined
  /** Its name in chains and in the OpenAPI document. Default `api_key`. */
  readonly name?: Name | undefined
  /** The header that carries the key. Default `x-api-key`. */
  readonly header?: string | undefined
  /** A cookie instead of a header: then unsafe methods must come from a trusted origin. */
  readonly cookie?: string | undefined
  /** Characters; longer keys are not looked up. Default 512. */
  readonly maxLength?: number | undefined
}

/** A key in one header, or in one cookie; never in a URL, which ends up in logs. */
export function apiKey<Identity = never, const Name extends string = 'api_key'>(
  options: ApiKeyOptions<Identity, Name> = {},
): Scheme<Identity, NoInfer<Name>> {
  checkOptions<ApiKeyOptions<Identity, string>>(
    options,
    { lookup: call, name: text, header: text, cookie: text, maxLength: numberFrom(1) },
    'apiKey()',
  )
  const { lookup, header = 'x-api-key', cookie, maxLength = 512 } = options
  const name = (options.name ?? 'api_key') as Name
  const place = cookie === undefined ? header : `the cookie ${cookie}`
  const missing = () =>
    schemeProblem(name, {
      code: 'SCHEME_WITHOUT_CHECK',
      message: 'nothing tells whose a key is',
      seen: 'no lookup',
      expected: 'a function',
      fix: 'apiKey({ lookup: (key) => … })',
    })

  const scheme: Scheme<Identity, Name> = {
    name,
    authenticate(context) {
      if (!lookup) throw missing()
      const { exchange } = context
      const sent = cookie === undefined ? exchange.headers.get(header)?.trim() : exchange.cookies(cookie)[0]
      if (!sent) return context.pass(`no key in ${place}`)
      // Headers of one name arrive joined.
      if (cookie === undefined && sent.includes(', ')) throw new APIError(400, { message: `Two keys in ${header}` })
      if (sent.length > maxLength) return context.pass(`what is in ${place} is no key`)
      return settled(lookup(sent, context), (identity) => {
        if (isNobody(identity)) return context.pass('nobody has this key')
        return cookie === undefined ? { identity } : settled(context.checkOrigin(), () => ({ identity }))
      })
    },
    securitySchemes: {
      [name]: {
        type: 'apiKey',
        in: cookie === undefined ? 'header' : 'cookie',
        name: cookie ?? header,
        description: 'API key',
      },
    },
    requirement: { [name]: [] },
    responses: {
      401: 'No key that holds',
      ...(cookie === undefined
        ? { 400: 'More than one key' }
        : { 403: 'The request comes from an origin that is not trusted' }),
    },
    varies: cookie === undefined ? header.toLowerCase() : 'cookie',
    bind() {
      if (!lookup) throw missing()
      checkPlace(name, cookie === undefined ? { header } : { cookie })
      return scheme
    },
  }
  return scheme
}
