/** Each endpoint as an operation of the document. */
import type { Described, DescribedAuth, DescribedEndpoint, HttpMethod, Operation, Scheme } from '@keystile/core/api'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { Answers } from './answers.ts'
import { type Components, capital } from './components.ts'
import type { Content, Header, JsonSchema, OperationObject, Parameter, SchemaObject } from './document.ts'
import type { RefusalContent } from './errors.ts'
import { type Convert, type Direction, jsonSchemaOf, takesNothing } from './json-schema.ts'
import { objectOf, parametersOf, pathNames, pathParameters, requestBody, templateOf } from './requests.ts'
import { inputProperties } from './rows.ts'

/** An operation and where it stands. */
export interface Placed {
  readonly path: string
  readonly method: Lowercase<HttpMethod>
  /** What it calls itself; two of one name are told apart by method and path. */
  readonly id: { readonly name: string; readonly fixed: boolean }
  readonly schemes: readonly Scheme[]
  /** The rest, once its id is known. */
  readonly object: (operationId: string) => OperationObject
}

export interface Writing {
  readonly components: Components
  readonly convert: Convert | undefined
  readonly describeCsrfHeader: boolean
}

const json = 'application/json'

/** An app's own endpoint. */
export function ownOperation(
  { name, path, endpoint, tags }: Operation,
  { challenge, auth }: Described,
  refusal: RefusalContent,
  writing: Writing,
): Placed {
  const { method, auth: schemes, body, query, params, headers, cookies, reply, status, examples } = endpoint
  const { components } = writing
  const usual = status ?? (method === 'POST' ? 201 : 200)

  function object(id: string): OperationObject {
    const told = (schema: StandardSchemaV1) => jsonSchemaOf(schema, 'input', writing.convert)
    const adopted = (schema: StandardSchemaV1, part: string) => components.adopt(told(schema), capital(id) + part)

    const answers = new Answers(refusal)
    const set = { ...cookieHeader(Object.entries(endpoint.setsCookies ?? {})), ...headersOf(endpoint.setsHeaders) }
    if (usual === 204) answers.reply(204, undefined, set)
    else {
      const schema = reply ? adopted(reply, 'Reply') : {}
      answers.reply(usual, contentOf(json, schema, examples?.reply), set)
      if (status === undefined && (!reply || takesNothing(reply))) answers.reply(204, undefined, set)
    }
    answers.codes(endpoint.errors ?? [])
    answers.others(endpoint.answers)
    if (body || query || params || headers || cookies) answers.refuse(400, 'The request is not as described')
    if (auth?.hostsListed) answers.refuse(400, 'The host is not one of this service')
    refuseCallers(answers, schemes, challenge)
    if (endpoint.csrf === 'form') answers.refuse(403, 'The request comes from an origin that is not trusted')
    answers.refuse(406, `Accept leaves ${json} out`)
    if (body) refuseBodies(answers)
    if (endpoint.throttle) answers.refuse(429, 'Too many requests')

    const parameters = [
      ...pathParameters(pathNames(path), params && told(params), components, id),
      ...(query ? parametersOf(told(query), 'query', components, id) : []),
      ...(headers ? parametersOf(told(headers), 'header', components, id) : []),
      ...(cookies ? parametersOf(told(cookies), 'cookie', components, id) : []),
      ...csrfParameters(method, schemes, writing),
    ]
    return {
      operationId: id,
      ...(tags.length > 0 && { tags }),
      ...wordsOf(endpoint),
      ...security(schemes),
      ...(parameters.length > 0 && { parameters }),
      ...(body && {
        requestBody: requestBody(adopted(body, 'Body'), endpoint.media, !takesNothing(body), examples?.body),
      }),
      responses: answers.toObject(),
    }
  }
  const fixed = endpoint.operationId !== undefined
  return { path, method: lower(method), id: { name: endpoint.operationId ?? camel(name), fixed }, schemes, object }
}

/** One of the auth's own endpoints, as often as it has methods. */
export function authOperations(
  { name, plugin, endpoint }: DescribedEndpoint,
  auth: DescribedAuth,
  refusal: RefusalContent,
  writing: Writing,
): Placed[] {
  const { access, body, query, reply, path = '' } = endpoint
  const { components } = writing
  const open = access === 'public'
  const schemes = open ? [] : [auth.session]
  const methods = [endpoint.method].flat()

  function object(id: string, method: HttpMethod): OperationObject {
    const told = (schema: StandardSchemaV1, way: Direction) => jsonSchemaOf(schema, way, writing.convert)
    const answers = new Answers(refusal)
    const names = (endpoint.setsCookies ?? []).map((cookie) => [auth.makeCookie(cookie).name, ''] as const)
    const content = contentOf(
      endpoint.replyMedia ?? json,
      components.adopt(told(reply, 'output'), `${capital(id)}Reply`),
    )
    answers.reply(200, content, { ...cookieHeader(names), ...headersOf(endpoint.setsHeaders) })
    answers.codes(endpoint.errors ?? [])
    answers.others(endpoint.answers)
    if (body || query) answers.refuse(400, 'The request is not as described')
    if (auth.hostsListed) answers.refuse(400, 'The host is not one of this service')
    refuseCallers(answers, schemes, false)
    if (access === 'fresh') answers.refuse(403, 'The session is too old for this')
    if (method !== 'GET') answers.refuse(403, 'The request comes from an origin that is not trusted')
    if (body) refuseBodies(answers)
    if (auth.limited) answers.refuse(429, 'Too many requests')

    const parameters: Parameter[] = [
      ...pathParameters(pathNames(path), undefined, components, id),
      ...(query ? parametersOf(told(query, 'input'), 'query', components, id) : []),
    ]
    return {
      operationId: id,
      tags: [plugin ?? 'auth'],
      ...wordsOf(endpoint),
      ...security(schemes),
      ...(parameters.length > 0 && { parameters }),
      ...(body && {
        requestBody: requestBody(
          components.adopt(opened(told(body, 'input'), endpoint.open, auth, writing), `${capital(id)}Body`),
          endpoint.media,
          !takesNothing(body),
          undefined,
        ),
      }),
      responses: answers.toObject(),
    }
  }

  return methods.map((method, index) => ({
    path: auth.basePath + path,
    method: lower(method),
    // The server call's name; further methods say which.
    id: { name: index === 0 ? name : name + capital(lower(method)), fixed: true },
    schemes,
    object: (id) => object(id, method),
  }))
}

/** A body that takes the app's additional fields beside its own. */
function opened(
  body: SchemaObject,
  act: 'create' | 'update' | undefined,
  auth: DescribedAuth,
  { components: { adopt }, convert }: Writing,
): SchemaObject {
  if (!act) return body
  const own = objectOf(body)
  const added = inputProperties(auth.added, act, { adopt, convert, place: 'UserInput' })
  return {
    ...body,
    properties: { ...own.properties, ...added.properties },
    required: [...own.required, ...added.required],
  }
}

function refuseCallers(answers: Answers, schemes: readonly Scheme[], challenge: boolean): void {
  if (schemes.length === 0) return
  const challenged = challenge && schemes.some((scheme) => scheme.challenge)
  answers.refuse(401, 'Not authenticated', challenged ? wwwAuthenticate : {})
  for (const { responses } of schemes) {
    for (const [status, text] of Object.entries(responses)) answers.refuse(Number(status), text)
  }
}

function refuseBodies(answers: Answers): void {
  answers.refuse(408, 'The body took too long to arrive')
  answers.refuse(413, 'The body is too large')
  answers.refuse(415, 'The body is of another type')
}

const wwwAuthenticate: Readonly<Record<string, Header>> = {
  'WWW-Authenticate': { description: 'One challenge for each scheme that has one', schema: { type: 'string' } },
}

function cookieHeader(cookies: readonly (readonly [name: string, word: string])[]): Record<string, Header> {
  if (cookies.length === 0) return {}
  const description = cookies.map(([name, word]) => `\`${name}\`${word && `: ${word}`}`).join('\n\n')
  return { 'Set-Cookie': { description, schema: { type: 'string' } } }
}

const headersOf = (headers: { readonly [name: string]: string } = {}): Record<string, Header> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  )

function csrfParameters(method: HttpMethod, schemes: readonly Scheme[], { describeCsrfHeader }: Writing): Parameter[] {
  if (!describeCsrfHeader || method === 'GET') return []
  const names = new Set(schemes.flatMap(({ csrfHeader }) => csrfHeader ?? []))
  const required = schemes.length === 1 && { required: true }
  const description = 'The token of the CSRF cookie, where a cookie is the credential'
  return [...names].map((name) => ({ name, in: 'header', ...required, description, schema: { type: 'string' } }))
}

interface Words {
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly deprecated?: boolean | undefined
}

const wordsOf = ({ summary, description, deprecated }: Words) => ({
  ...(summary !== undefined && { summary }),
  ...(description !== undefined && { description }),
  ...(deprecated && { deprecated: true as const }),
})

const security = (schemes: readonly Scheme[]) =>
  schemes.length > 0 && { security: schemes.map(({ requirement }) => requirement) }

function contentOf(media: string, schema: JsonSchema, example?: unknown): Content {
  return { [media]: { schema, ...(example !== undefined && { example }) } }
}

/** `notes.admin.remove` as `notesAdminRemove`. */
const camel = (name: string) =>
  name.replaceAll(/[^A-Za-z\d]+(\w?)/g, (_, next: string) => next.toUpperCase()).replace(/^\d/, '_$&')

const lower = (method: HttpMethod) => method.toLowerCase() as Lowercase<HttpMethod>

/** An id that only this method and path can have. */
export const idOf = ({ method, path }: Placed) => camel(`${method}.${templateOf(path).replaceAll(/\{/g, '.by.')}`)
