/** The controllers of an app, flattened: every endpoint with its path, its name and its chain, resolved once. */
import type { Controller, Group } from '../contract/controller.ts'
import type { SchemeList } from '../contract/levels.ts'
import type { OwnEndpoint } from '../contract/own-endpoint.ts'
import type { Scheme, SchemeApp } from '../contract/scheme.ts'
import type { Chain } from '../http/chain.ts'
import type { Operation } from '../http/operation.ts'
import { checkedOptions } from '../lib/check-options.ts'
import type { Problem } from '../lib/errors.ts'
import { type DeclaredLevel, resolveLevels } from './levels.ts'
import { controllerKind, endpointKind, groupKind } from './part-kinds.ts'
import { isPattern, noPattern, shapeOf } from './patterns.ts'
import { collected } from './schemes.ts'

export interface OperationsOptions {
  readonly controllers: readonly Controller[]
  /** Before every controller's path. */
  readonly basePath: string
  /** Where the auth instance answers, before any endpoint here. */
  readonly taken: string | undefined
  /** Of the settings. */
  readonly auth: SchemeList | undefined
  readonly app: SchemeApp
  readonly bind: (scheme: Scheme) => Scheme
  readonly chainOf: (schemes: readonly Scheme[]) => Chain
}

export function allOperations(
  { controllers, basePath, taken, auth, app, bind, chainOf }: OperationsOptions,
  problems: Problem[],
): Operation[] {
  const settings: DeclaredLevel = { title: 'the settings', auth: auth ?? undefined }
  if (auth === null) problems.push(nullSettings)
  const operations: Operation[] = []
  const routes = new Map<string, string>()

  function collect(
    level: Group,
    path: string,
    names: readonly string[],
    outer: readonly DeclaredLevel[],
    tags: readonly string[],
  ) {
    for (const [key, given] of Object.entries(level.endpoints ?? {})) {
      const name = [...names, key].join('.')
      const member: OwnEndpoint | Group = checkedOptions(
        given,
        isGroup(given) ? groupKind : endpointKind,
        problems,
        name,
      )
      const below = joined(path, member.path ?? '')
      const own = [...tags, ...(member.tags ?? [])]
      if (isGroup(member)) {
        collect(member, below, [...names, key], [{ title: `the group ${name}`, auth: member.auth }, ...outer], own)
      } else if (member.method) {
        add(member, below, name, outer, own)
      }
    }
  }

  function add(
    declared: OwnEndpoint,
    path: string,
    name: string,
    outer: readonly DeclaredLevel[],
    tags: readonly string[],
  ) {
    const endpoint = { ...declared, ...collected(() => declared.bind?.(app), problems) }
    const route = `${endpoint.method} ${path}`
    const shape = shapeOf(route)
    const other = routes.get(shape)
    if (other !== undefined) problems.push(routeTaken(route, other, name))
    routes.set(shape, name)
    if (!isPattern(path)) problems.push(noPattern(path, name))
    if (taken !== undefined && `${path}/`.startsWith(`${taken}/`)) problems.push(routeBelow(route, name, taken))
    if (endpoint.access !== undefined) problems.push(accessRule(name, endpoint.access))
    const own = { title: `${route} (${name})`, auth: endpoint.auth }
    const schemes = resolveLevels([own, ...outer], problems).map(bind)
    const resolved = { ...endpoint, auth: schemes }
    operations.push({ name, path, endpoint: resolved, chain: chainOf(schemes), tags: [...new Set(tags)] })
  }

  for (const given of controllers) {
    const controller = checkedOptions(given, controllerKind, problems, `the controller ${given.path}`)
    if (controller.path === undefined) continue
    const level = { title: `the controller ${controller.path}`, auth: controller.auth }
    collect(
      controller,
      joined(basePath, controller.path),
      [nameOf(controller.path)],
      [level, settings],
      controller.tags ?? [],
    )
  }
  return operations
}

const isGroup = (member: OwnEndpoint | Group | undefined): member is Group =>
  typeof member === 'object' && member !== null && 'endpoints' in member

/** `/notes/:id` is named `notes`. */
const nameOf = (path: string) =>
  path
    .split('/')
    .filter((part) => part && !part.startsWith(':'))
    .join('_') || 'root'

const joined = (path: string, below: string) =>
  below === '' ? path : `${path.replace(/\/$/, '')}${below.startsWith('/') ? '' : '/'}${below}`

const nullSettings: Problem = {
  code: 'SETTINGS_AUTH_NULL',
  message: 'schemes of the settings are null: that would open every endpoint',
  seen: 'null',
  expected: 'a list of schemes',
  fix: 'leave schemes out of createApi, and set auth: null on the endpoints that are open',
}

const routeBelow = (route: string, name: string, basePath: string): Problem => ({
  code: 'ROUTE_TAKEN',
  message: `${name} (${route}) lies where the auth instance answers`,
  seen: `auth.basePath ${basePath || '/'}`,
  expected: 'a path outside it',
  fix: 'give the controller another path, or createAuth another basePath',
})

/** Nobody would look at the rule, and the endpoint would be open. */
const accessRule = (name: string, access: unknown): Problem => ({
  code: 'ENDPOINT_WITH_ACCESS',
  message: `${name} has an access rule, which holds in a plugin alone`,
  seen: `access: ${JSON.stringify(access)}`,
  expected: 'auth: a list of schemes',
  fix: "write auth: [session()] in access's place",
})

const routeTaken = (route: string, other: string, name: string): Problem => ({
  code: 'ROUTE_TAKEN',
  message: `${other} and ${name} are both ${route}`,
  seen: `${route} twice`,
  expected: 'one endpoint for a method and a path',
  fix: 'give one of them another path or method',
})
