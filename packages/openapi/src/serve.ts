/** The document served beside what it describes: as JSON, as YAML, and as a page. */
import { ConfigError, checkOptions, kinds } from '@keystile/core'
import { described } from '@keystile/core/api'
import { type Describable, type OpenApiOptions, openapi, openapiKinds } from './openapi.ts'
import { type Asset, type PageOptions, pageOf, pageProblems } from './page.ts'

export interface ServeOptions extends OpenApiOptions {
  /** Serve it at all. Default: outside production. */
  readonly enabled?: boolean | undefined
  /** Below it lie `openapi.json`, `openapi.yaml` and `docs`. Default: the base path of what is described. */
  readonly path?: string | undefined
  /** `false`: no page. Default: our own, made of files of this package. */
  readonly page?: PageOptions | false | undefined
}

const { either, flag, group, oneOf, text } = kinds
const asset = group<Asset>({ url: text, integrity: text })
const serveKinds: kinds.Members<ServeOptions> = {
  ...openapiKinds,
  enabled: flag,
  path: text,
  page: either(group<PageOptions>({ viewer: oneOf('scalar', 'swagger'), script: asset, style: asset }), oneOf(false)),
}

interface Served {
  readonly type: string
  readonly text: () => string | Promise<string>
}

/**
 * The API, or the auth instance, with its document below its base path: to be mounted in its place. In production it
 * comes back as it is unless `enabled` says otherwise.
 *
 * @throws ConfigError as `openapi` does, and for a page's file of another host without its hash.
 */
export function withOpenapi<T extends Describable>(api: T, options: ServeOptions): T {
  checkOptions(options, serveKinds, 'withOpenapi()')
  const { production, random } = described(api)
  const { enabled = !production, path = api.basePath, page = {}, ...rest } = options
  if (!enabled) return api
  const document = openapi(api, rest)
  const problems = page ? pageProblems(page) : []
  if (problems.length > 0) throw new ConfigError(problems)

  const files = new Map<string, Served>([
    [`${path}/openapi.json`, { type: 'application/json', text: () => JSON.stringify(document, undefined, 2) }],
    [`${path}/openapi.yaml`, { type: 'application/yaml', text: () => yamlOf(document) }],
  ])
  const entities = new Map<string, Promise<Entity>>()
  const pagePath = page ? `${path}/docs` : undefined

  function entityOf(at: string, { text }: Served): Promise<Entity> {
    const known = entities.get(at) ?? Promise.resolve(text()).then(makeEntity)
    entities.set(at, known)
    return known
  }

  async function answer(request: Request): Promise<Response | undefined> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    const { pathname } = new URL(request.url)
    if (page && pathname === pagePath) return pageOf(page, { document, head: request.method === 'HEAD', random })
    const file = files.get(pathname)
    return file && conditional(request, file.type, await entityOf(pathname, file))
  }

  const own = [...files.keys(), ...(pagePath === undefined ? [] : [pagePath])]
  const handler: T['handler'] = async (request, info) => (await answer(request)) ?? api.handler(request, info)
  return over(api, {
    handler,
    fetch: (request: Request) => handler(request),
    owns: (at: string) => own.includes(at) || (api.owns?.(at) ?? isBelow(api.basePath, at)),
    paths: [...own, ...(api.paths ?? [api.basePath, `${api.basePath}/*`])],
  })
}

/** Another object with all that one has, getters unread, and some of it in another way. */
function over<T extends object>(one: T, changes: object): T {
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(one),
      ...Object.getOwnPropertyDescriptors(changes),
    },
  ) as T
}

const isBelow = (base: string, path: string) => path === base || path.startsWith(`${base}/`)

/** Loaded with the first question for it: few ask. */
async function yamlOf(document: object): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(document, { aliasDuplicateObjects: false })
}

interface Entity {
  readonly body: Uint8Array<ArrayBuffer>
  /** Strong: the hash of every byte. */
  readonly etag: string
}

async function makeEntity(text: string): Promise<Entity> {
  const body = new TextEncoder().encode(text)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
  return { body, etag: `"${btoa(String.fromCharCode(...hash)).replace(/=+$/, '')}"` }
}

/** The entity, or 304 to who has it already (RFC 9110, 13.1.2). */
function conditional({ method, headers }: Request, type: string, { body, etag }: Entity): Response {
  const known = headers.get('if-none-match')
  const unchanged = known?.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
  const sent = { etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }
  if (unchanged) return new Response(null, { status: 304, headers: sent })
  return new Response(method === 'HEAD' ? null : body, {
    headers: { ...sent, 'content-type': type, 'content-length': String(body.byteLength) },
  })
}
