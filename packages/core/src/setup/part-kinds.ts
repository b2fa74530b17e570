/** What the parts of an API hold. Schemes and paths have checks of their own. */
import type { Controller, Group } from '../contract/controller.ts'
import type { OwnDeclaration, OwnEndpoint, Throttle } from '../contract/own-endpoint.ts'
import { anything, byName, call, flag, group, list, numberFrom, object, oneOf, schema, text } from '../lib/kinds.ts'

const level = { path: text, auth: anything, endpoints: byName(object), tags: list(text) }
export const controllerKind = group<Omit<Controller, '~accepts'>>(level, 'path', 'endpoints')
export const groupKind = group<Omit<Group, '~accepts'>>(level, 'endpoints')

/** How often one client may ask. */
const throttleKind = group<Throttle>({ window: numberFrom(1), max: numberFrom(0), beforeAuth: flag }, 'window', 'max')

// A rule of access is a mistake that is told apart.
export const endpointKind = group<Omit<OwnEndpoint, '~accepts' | 'access'> & { readonly access?: unknown }>(
  {
    method: oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
    path: text,
    access: anything,
    auth: anything,
    body: schema,
    query: schema,
    params: schema,
    headers: schema,
    cookies: schema,
    reply: schema,
    status: numberFrom(200, 599),
    errors: list(object),
    answers: byName(text),
    replyMedia: text,
    media: list(oneOf('application/x-www-form-urlencoded')),
    csrf: oneOf('form'),
    throttle: throttleKind,
    noStore: flag,
    summary: text,
    description: text,
    tags: list(text),
    deprecated: flag,
    operationId: text,
    examples: group<NonNullable<OwnDeclaration['examples']>>({ body: anything, reply: anything }),
    setsCookies: byName(text),
    setsHeaders: byName(text),
    handle: call,
    bind: call,
  },
  'method',
  'handle',
)
