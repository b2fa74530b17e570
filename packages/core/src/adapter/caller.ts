/** Guards made of schemes, for a host's own routes: they ask as an API's endpoints do. */
import type { Mountable } from '../contract/auth.ts'
import type { Identified, SchemeList } from '../contract/levels.ts'
import type { SchemeApp } from '../contract/scheme.ts'
import { Exchange, type HeaderSource } from '../domain/exchange.ts'
import { Asking, type Chain, type ChainOptions, chainOf } from '../http/chain.ts'
import type { FormatError } from '../http/error-format.ts'
import { rememberCaller } from '../http/request-auth.ts'
import { APIError, ConfigError, type Problem } from '../lib/errors.ts'
import { guardingOf } from '../setup/guarding.ts'
import { resolveLevels } from '../setup/levels.ts'
import { schemeBinder } from '../setup/schemes.ts'
import { readFailure } from './failure.ts'
import type { Read } from './guard.ts'
import { isForbidden, methodNotAllowed, Refusal } from './refusal.ts'
import { peerOf, type Sessions } from './sessions.ts'

/**
 * Who makes a request, by the first of the schemes that knows.
 *
 * @throws ConfigError where something in the list is no scheme, or a scheme lacks what it needs.
 */
export function callerReader<C extends object>(
  sessions: Sessions<C>,
  mounted: Mountable,
  schemes: SchemeList,
): Read<C, Identified> {
  const { app, chain: options, checkOrigin, originOf, format, trace } = guardingOf(mounted)
  const chain = chainFor(schemes, app, options)

  return async (ctx, unknown) => {
    const host = sessions.hostOf(ctx, mounted)
    const headers = host.headers(ctx)
    const [method, url] = [host.method(ctx), host.url(ctx)]
    if (isForbidden(method)) return { refusal: written(new APIError(405, JSON.parse(methodNotAllowed.body)), format) }
    const exchange = new Exchange({ headers, info: peerOf(ctx, host) })
    const asking = new Asking(
      exchange,
      method,
      // Made now: most requests need no object of Fetch.
      ({ origin }) => checkOrigin(new Exchange({ headers, origin, request: requestOf(method, url, headers) })),
      trace && [],
    )
    try {
      exchange.origin = originOf(headers, url)
      const caller = await chain.ask(asking)
      await exchange.conclude(200)
      rememberCaller(ctx, caller)
      rememberCaller(host.raw(ctx), caller)
      return { who: caller }
    } catch (error) {
      if (!(error instanceof APIError)) throw readFailure(error, mounted)
      const { statusCode: status } = error
      await exchange.conclude(status)
      if (status === 401 && unknown.status !== 401) return { refusal: unknown }
      const { steps = [] } = asking
      const refused = trace && steps.length > 0 && (status === 401 || status === 403)
      return { refusal: written(error, format, refused && trace.keep({ method, url, headers, steps, status })) }
    } finally {
      for (const [name, value] of exchange.outgoing ?? []) host.setHeader(ctx, name, value)
      for (const name of asking.varies) host.setHeader(ctx, 'vary', name)
      for (const line of exchange.setCookies) host.setHeader(ctx, 'set-cookie', line)
    }
  }
}

function chainFor(schemes: SchemeList, app: SchemeApp, options: ChainOptions): Chain {
  const problems: Problem[] = []
  const declared = resolveLevels([{ title: 'requireAuth', auth: schemes }], problems)
  if (declared.length === 0 && problems.length === 0) problems.push(noSchemes)
  const chain = chainOf(declared.map(schemeBinder(app, problems)), options)
  if (problems.length > 0) throw new ConfigError(problems)
  return chain
}

const noSchemes: Problem = {
  code: 'GUARD_WITHOUT_SCHEMES',
  message: 'a guard has no scheme that it could ask',
  seen: 'an empty list',
  expected: 'at least one scheme',
  fix: 'name them: gate.requireAuth([session(), …]); an open route needs no guard',
}

function written(error: APIError, format: FormatError, link?: string | false | undefined): Refusal {
  const { body, contentType = 'application/json' } = format(error)
  const headers = new Headers(error.headers)
  headers.set('content-type', contentType)
  if (link) headers.append('link', link)
  return new Refusal(error.statusCode, Object.fromEntries(headers), JSON.stringify(body))
}

/** What came, but for the body. */
function requestOf(method: string, url: string, headers: HeaderSource): Request {
  const pairs = [...(headers.keys?.() ?? [])].map((name): [string, string] => [name, headers.get(name) ?? ''])
  return new Request(url, { method, headers: pairs })
}
