/**
 * The page in the browser: shows the document beside it and sends its requests. Everything of the document is text
 * here, never markup. Credentials live as long as the page does.
 */
import type {
  JsonSchema,
  MediaType,
  OpenApiDocument,
  OperationObject,
  Parameter,
  SecurityRequirement,
} from '../document.ts'

type SecurityScheme = OpenApiDocument['components']['securitySchemes'][string]

interface Shown {
  readonly document: OpenApiDocument
  readonly path: string
  readonly method: string
  readonly operation: OperationObject
}

/** What has been typed for each scheme. */
const credentials = new Map<string, { user: string; secret: string }>()

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

const field = (label: string, input: HTMLElement) => element('label', {}, label, input)

void start()

async function start(): Promise<void> {
  const main = document.querySelector('main') as HTMLElement
  try {
    const answer = await fetch('openapi.json')
    if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`)
    main.append(...content(await answer.json()))
  } catch (error) {
    main.append(element('p', { role: 'alert' }, `The document cannot be shown: ${error}`))
  }
}

function content(shown: OpenApiDocument): Node[] {
  const { info, components, paths, tags = [] } = shown
  const schemes = Object.entries(components.securitySchemes)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ document: shown, path, method, operation })),
  )
  const groups = ['', ...tags.map(({ name }) => name)].map(
    (tag) => [tag, operations.filter(({ operation }) => (operation.tags?.[0] ?? '') === tag)] as const,
  )
  return [
    element('h1', {}, info.title),
    element('p', { class: 'quiet' }, `Version ${info.version} · `, link('openapi.json'), ' · ', link('openapi.yaml')),
    ...(info.description ? [element('p', {}, info.description)] : []),
    ...(schemes.length > 0 ? [element('h2', {}, 'Credentials'), ...schemes.map((one) => credentialForm(...one))] : []),
    ...groups
      .filter(([, members]) => members.length > 0)
      .flatMap(([tag, members]) => [element('h2', {}, tag || 'Operations'), ...members.map(operationPart)]),
  ]
}

const link = (to: string) => element('a', { href: to }, to)

function credentialForm(name: string, scheme: SecurityScheme): HTMLElement {
  const typed = { user: '', secret: '' }
  credentials.set(name, typed)
  const input = (label: string, key: 'user' | 'secret') => {
    const type = key === 'secret' ? 'password' : 'text'
    const made = element('input', { type, autocomplete: 'off', spellcheck: 'false' })
    made.addEventListener('input', () => {
      typed[key] = made.value
    })
    return field(label, made)
  }
  const [what, inputs] = inputsOf(scheme, input)
  return element('fieldset', {}, element('legend', {}, name), element('p', { class: 'quiet' }, what), ...inputs)
}

type MakeInput = (label: string, key: 'user' | 'secret') => HTMLElement

function inputsOf(scheme: SecurityScheme, input: MakeInput): [what: string, inputs: HTMLElement[]] {
  if (scheme.in === 'cookie') return [`The cookie ${scheme.name}: sign in below, and the browser sends it`, []]
  if (scheme.type === 'apiKey') return [`The header ${scheme.name}`, [input('Value', 'secret')]]
  if (isBasic(scheme)) return ['HTTP Basic', [input('User name', 'user'), input('Password', 'secret')]]
  return ['A bearer token', [input('Token', 'secret')]]
}

const isBasic = ({ scheme }: SecurityScheme) => String(scheme).toLowerCase() === 'basic'

function operationPart(shown: Shown): HTMLElement {
  const { path, method, operation } = shown
  const { summary = '', deprecated } = operation
  const inside = element('div', { class: 'inside' })
  const part = element(
    'details',
    { id: operation.operationId },
    element(
      'summary',
      deprecated ? { class: 'old' } : {},
      element('span', { class: `method ${method}` }, method.toUpperCase()),
      element('code', {}, path),
      element('span', { class: 'quiet' }, deprecated ? `${summary} (deprecated)` : summary),
    ),
    inside,
  )
  // Made when it is opened: a document may have hundreds.
  part.addEventListener('toggle', () => inside.hasChildNodes() || inside.append(...operationContent(shown)))
  return part
}

function operationContent(shown: Shown): Node[] {
  const { operation } = shown
  return [
    ...(operation.description ? [element('p', {}, operation.description)] : []),
    element('h3', {}, 'Try it'),
    tryForm(shown),
    element('h3', {}, 'Answers'),
    ...Object.entries(operation.responses).map(([status, { description, content: body, headers = {} }]) =>
      element(
        'details',
        {},
        element('summary', {}, element('code', {}, status), element('span', {}, description.split('\n')[0] ?? '')),
        element(
          'div',
          { class: 'inside' },
          element('p', {}, description),
          ...Object.entries(headers).map(([name, { description: text = '' }]) =>
            element('p', {}, element('code', {}, name), ` ${text}`),
          ),
          ...Object.entries(body ?? {}).map(([type, media]) => schemaPart(type, media, shown.document)),
        ),
      ),
    ),
  ]
}

const schemaPart = (type: string, media: MediaType, shown: OpenApiDocument) =>
  element(
    'div',
    {},
    element('span', { class: 'quiet' }, type),
    element('pre', {}, pretty(resolved(media.schema, shown))),
  )

const pretty = (value: unknown) => JSON.stringify(value, undefined, 2)

/** A request, filled in. */
interface Filled {
  readonly parameters: ReadonlyMap<Parameter, HTMLInputElement>
  readonly body: HTMLTextAreaElement | undefined
  readonly requirement: HTMLSelectElement | undefined
}

function tryForm(shown: Shown): HTMLElement {
  const { operation, document: whole } = shown
  const { parameters = [], requestBody, security = [] } = operation
  const inputs = new Map(
    parameters
      .filter((parameter) => parameter.in !== 'cookie')
      .map((parameter) => {
        const required = parameter.required ? { required: '' } : {}
        return [parameter, element('input', { autocomplete: 'off', spellcheck: 'false', ...required })] as const
      }),
  )
  const media = requestBody?.content['application/json']
  const sample = media && (media.example ?? sampleOf(media.schema, whole))
  const filled: Filled = {
    parameters: inputs,
    body: media && element('textarea', { spellcheck: 'false' }, pretty(sample)),
    requirement: security.length > 0 ? requirementSelect(security) : undefined,
  }
  const outcome = element('div', { 'aria-live': 'polite' })
  const form = element(
    'form',
    {},
    ...(filled.requirement ? [field('Credentials', filled.requirement)] : []),
    ...[...inputs].map(([{ name, in: where, required, description = '' }, input]) =>
      field(`${name} (${where}${required ? ', required' : ''})${description && `: ${description}`}`, input),
    ),
    ...(filled.body ? [field('Body', filled.body)] : []),
    element('button', {}, 'Send'),
    outcome,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(shown, filled).then((nodes) => outcome.replaceChildren(...nodes))
  })
  return form
}

function requirementSelect(security: readonly SecurityRequirement[]): HTMLSelectElement {
  const options = security.map((one, index) =>
    element('option', { value: String(index) }, Object.keys(one).join(' and ') || 'none'),
  )
  return element('select', {}, ...options, element('option', { value: 'none' }, 'none'))
}

async function send(shown: Shown, filled: Filled): Promise<Node[]> {
  try {
    const started = performance.now()
    const answer = await fetch(...requestOf(shown, filled))
    const text = await answer.text()
    const took = Math.round(performance.now() - started)
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    return [
      element('h3', {}, `${answer.status} ${answer.statusText}`),
      element('p', { class: 'quiet' }, `${took} ms`, ...helpOf(answer)),
      element('pre', { 'aria-label': 'Headers of the answer', tabindex: '0' }, headers),
      ...(text ? [element('pre', { 'aria-label': 'Body of the answer', tabindex: '0' }, readable(text))] : []),
    ]
  } catch (error) {
    return [element('p', { role: 'alert' }, `Nothing came back: ${error}`)]
  }
}

/** While developing, the service says where it tells why it refused. */
function helpOf({ headers }: Response): Node[] {
  const [, page] = /<(\/[^>]+)>; rel="help"/.exec(headers.get('link') ?? '') ?? []
  return page ? [element('span', {}, ' · ', element('a', { href: page }, 'Why?'))] : []
}

function readable(text: string): string {
  try {
    return pretty(JSON.parse(text))
  } catch {
    return text
  }
}

function requestOf(shown: Shown, { parameters, body, requirement }: Filled): [url: string, init: RequestInit] {
  const { path, method, operation, document: whole } = shown
  const headers = new Headers({ accept: 'application/json' })
  const query = new URLSearchParams()
  let filledPath = path
  for (const [{ name, in: where }, { value }] of parameters) {
    if (where === 'path') filledPath = filledPath.replace(`{${name}}`, encodeURIComponent(value))
    else if (value === '') continue
    else if (where === 'query') query.append(name, value)
    else headers.set(name, value)
  }
  const chosen = operation.security?.[Number(requirement?.value)] ?? {}
  const sent = Object.keys(chosen).map((name) => sign(headers, name, whole.components.securitySchemes[name]))
  // Only a cookie that is asked for goes along, so that it is the chosen credential that counts. One may be set by an
  // operation that is open to all.
  const open = operation.security === undefined
  if (body?.value) headers.set('content-type', 'application/json')
  const base = (whole.servers?.[0]?.url ?? '').replace(/\/$/, '')
  return [
    `${base}${filledPath}${query.size > 0 ? `?${query}` : ''}`,
    {
      method: method.toUpperCase(),
      headers,
      credentials: open || sent.includes('cookie') ? 'same-origin' : 'omit',
      ...(body?.value && { body: body.value }),
    },
  ]
}

/** Adds what a scheme asks for, and says where. */
function sign(headers: Headers, name: string, scheme: SecurityScheme | undefined): 'cookie' | 'header' {
  const { user = '', secret = '' } = credentials.get(name) ?? {}
  if (scheme?.in === 'cookie') return 'cookie'
  if (scheme?.type === 'apiKey') headers.set(String(scheme.name), secret)
  else if (scheme && isBasic(scheme)) headers.set('authorization', `Basic ${base64(`${user}:${secret}`)}`)
  else headers.set('authorization', `Bearer ${secret}`)
  return 'header'
}

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

/** A schema with the components that it refers to, each once on the way down. */
function resolved(schema: JsonSchema, shown: OpenApiDocument, above: readonly string[] = []): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, shown, above))
  const name = typeof schema.$ref === 'string' ? schema.$ref.replace('#/components/schemas/', '') : undefined
  if (name === undefined) {
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => [key, resolved(value as JsonSchema, shown, above)]),
    )
  }
  if (above.includes(name)) return schema
  return resolved(shown.components.schemas[name] ?? {}, shown, [...above, name])
}

/** Something to start from. */
function sampleOf(schema: JsonSchema, shown: OpenApiDocument): unknown {
  return sample(resolved(schema, shown) as Readonly<Record<string, unknown>>)
}

function sample(schema: Readonly<Record<string, unknown>>): unknown {
  const [choice] = (schema.anyOf ?? schema.oneOf ?? schema.enum ?? schema.examples ?? []) as unknown[]
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (choice !== undefined) return schema.enum || schema.examples ? choice : sample(choice as typeof schema)
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object': {
      const properties = Object.entries((schema.properties ?? {}) as Record<string, typeof schema>)
      const required = (schema.required ?? []) as readonly string[]
      return Object.fromEntries(
        properties.filter(([name]) => required.includes(name)).map(([name, one]) => [name, sample(one)]),
      )
    }
    case 'array':
      return []
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'boolean':
      return false
    case 'string':
      return schema.format === 'date-time' ? '2030-01-01T00:00:00Z' : schema.format === 'email' ? 'ada@example.com' : ''
    default:
      return null
  }
}
