import { APIError, checkOptions, type Exchange, kinds } from '@keystile/core'
import {
  credentialsBody,
  endpoint,
  type LoginCredentials,
  loginReply,
  notAuthenticated,
  type Throttle,
} from '@keystile/core/api'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Django } from '../django.ts'
import type { DjangoUser } from '../users/user.ts'
import { boundTo, needDjango } from './no-django.ts'
import { answering, requestOn } from './request-on.ts'

export interface DjangoLoginOptions<
  B extends StandardSchemaV1 = typeof credentialsBody,
  R extends StandardSchemaV1 = typeof loginReply,
> {
  /** What `django(…)` returned. */
  readonly django?: Django | undefined
  /** A last word on who may come in, once the password was right; `false` is answered as a wrong one. */
  readonly check?: ((user: DjangoUser) => boolean | Promise<boolean>) | undefined
  /** How often one address may try. Default ten times a minute. */
  readonly throttle?: Throttle | undefined
  /** Default `{ username, password }`, both texts. */
  readonly bodySchema?: B | undefined
  readonly responseSchema?: R | undefined
  /** Credentials from the body. */
  readonly convertAuthPayload?:
    | ((body: StandardSchemaV1.InferOutput<B>, exchange: Exchange) => LoginCredentials | Promise<LoginCredentials>)
    | undefined
  /** The reply, of the user who came in. */
  readonly makeApiResponse?:
    | ((
        user: DjangoUser,
        exchange: Exchange,
      ) => StandardSchemaV1.InferInput<R> | Promise<StandardSchemaV1.InferInput<R>>)
    | undefined
}

const loginKinds = {
  django: kinds.object,
  check: kinds.call,
  throttle: kinds.object,
  bodySchema: kinds.schema,
  responseSchema: kinds.schema,
  convertAuthPayload: kinds.call,
  makeApiResponse: kinds.call,
}

/**
 * An endpoint that signs in to Django: POST `{ username, password }`, answered with `{ user_id }`, the session's cookie
 * and a new CSRF cookie. A page of another origin cannot use it.
 *
 * @example controller('/login', { endpoints: { login: djangoLogin({ django }) } })
 */
export function djangoLogin<
  B extends StandardSchemaV1 = typeof credentialsBody,
  R extends StandardSchemaV1 = typeof loginReply,
>(options: DjangoLoginOptions<B, R> = {}) {
  checkOptions(options, loginKinds, 'djangoLogin()')
  const { django, check, bodySchema = credentialsBody, responseSchema = loginReply, makeApiResponse } = options
  const { throttle = { window: 60, max: 10 } } = options
  const convert = (options.convertAuthPayload ?? asItIs) as (body: unknown, exchange: Exchange) => LoginCredentials
  const { sessionCookie, csrfCookie } = django?.names ?? {}

  const owner = 'endpoint djangoLogin()'
  const declared = endpoint(
    {
      method: 'POST',
      auth: null,
      status: 200,
      body: bodySchema as StandardSchemaV1,
      reply: responseSchema as StandardSchemaV1,
      csrf: 'form',
      noStore: true,
      throttle,
      errors: [notAuthenticated],
      setsCookies: {
        ...(sessionCookie !== undefined && { [sessionCookie]: 'The session' }),
        ...(csrfCookie !== undefined && { [csrfCookie]: 'CSRF protection' }),
      },
      summary: 'Sign in to Django with a name and a password',
    },
    async ({ body, exchange, request: { method } }) => {
      const site = needDjango(django, owner)
      const { username, password } = await convert(body, exchange)
      const user = await answering(site.authenticate(username, password))
      if (!user || (check && !(await check(user)))) throw new APIError(notAuthenticated.status, notAuthenticated)
      await answering(requestOn(site, exchange, method).login(user))
      exchange.setHeader('vary', 'Cookie')
      return makeApiResponse ? makeApiResponse(user, exchange) : { user_id: user.id }
    },
  )
  return boundTo(django, owner, declared)
}

const asItIs = (body: unknown) => body
