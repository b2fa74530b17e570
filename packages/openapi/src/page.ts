/** The page that shows a document and tries its operations: our own, or Scalar or Swagger UI of the app's own copy. */
import type { Problem } from '@keystile/core'
import type { OpenApiDocument } from './document.ts'
import { script } from './generated/script.ts'
import { style } from './style.ts'

/** A file of the app's own; one of another host must have its hash. */
export interface Asset {
  readonly url: string
  /** `sha384-…` (Subresource Integrity). */
  readonly integrity?: string | undefined
}

/** Another viewer in our page's place, from the app's own copy of its files. */
export interface PageOptions {
  readonly viewer?: 'scalar' | 'swagger' | undefined
  /** The viewer's bundle for browsers. */
  readonly script?: Asset | undefined
  /** The viewer's style sheet: Swagger UI has one. */
  readonly style?: Asset | undefined
}

export function pageProblems({ viewer, script: code, style: sheet }: PageOptions): Problem[] {
  const unhashed = [code, sheet].filter((asset) => asset && originOf(asset.url) && !asset.integrity)
  return [...(viewer && !code ? [noScript(viewer)] : []), ...unhashed.map((asset) => noIntegrity(asset?.url ?? ''))]
}

/** As a browser reads it: `//host`, `/\\host` and a tab in between are hosts too. */
function originOf(url: string): string | undefined {
  const { origin } = new URL(url, here)
  return origin === here ? undefined : origin
}
const here = 'http://here.invalid'

interface Showing {
  readonly document: OpenApiDocument
  readonly head: boolean
  readonly random: (size: number) => Uint8Array
}

export function pageOf(options: PageOptions, { document, head, random }: Showing): Response {
  const nonce = btoa(String.fromCharCode(...random(18)))
  const { title } = document.info
  const html = options.viewer ? viewerPage(options, title, nonce) : ownPage(title, nonce)
  return new Response(head ? null : html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(options, document, nonce),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  })
}

/** Requests may go to the service itself and to the servers that the document names. */
function policy({ viewer, style: sheet }: PageOptions, { servers = [] }: OpenApiDocument, nonce: string): string {
  const origins = servers.flatMap(({ url }) => (URL.canParse(url) ? new URL(url).origin : []))
  const connect = [...new Set(["'self'", ...origins.filter((origin) => origin !== 'null')])].join(' ')
  const always = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  const scripts = `script-src 'nonce-${nonce}'; connect-src ${connect}`
  // Both viewers style their elements as they go, and carry pictures and fonts within themselves.
  const styles = ["'self'", sheet && originOf(sheet.url), "'unsafe-inline'"].filter(Boolean).join(' ')
  return viewer
    ? `${always}; ${scripts}; style-src ${styles}; img-src 'self' data:; font-src 'self' data:`
    : `${always}; ${scripts}; style-src 'nonce-${nonce}'`
}

const shell = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${body}
</html>
`

const ownPage = (title: string, nonce: string) =>
  shell(
    title,
    `<style nonce="${nonce}">${style}</style>
</head>
<body>
<noscript>This page needs JavaScript. The document itself is <a href="openapi.json">here</a>.</noscript>
<main id="main"></main>
<script nonce="${nonce}">${script}</script>
</body>`,
  )

const starts = {
  scalar:
    "Scalar.createApiReference('#viewer', { url: 'openapi.json', telemetry: false, withDefaultFonts: false, agent: { disabled: true } })",
  swagger: "SwaggerUIBundle({ url: 'openapi.json', dom_id: '#viewer', validatorUrl: null })",
} as const

function viewerPage({ viewer = 'swagger', script: code, style: sheet }: PageOptions, title: string, nonce: string) {
  const link = sheet ? `<link rel="stylesheet" href="${escapeHtml(sheet.url)}"${hashOf(sheet)}>\n` : ''
  return shell(
    title,
    `${link}</head>
<body>
<div id="viewer"></div>
<script nonce="${nonce}" src="${escapeHtml(code?.url ?? '')}"${code ? hashOf(code) : ''}></script>
<script nonce="${nonce}">${starts[viewer]}</script>
</body>`,
  )
}

const hashOf = ({ integrity }: Asset) =>
  integrity ? ` integrity="${escapeHtml(integrity)}" crossorigin="anonymous"` : ''

const escapes: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '&': '&amp;',
}
const escapeHtml = (text: string) => text.replace(/[<>"'&]/g, (c) => escapes[c] ?? c)

const noScript = (viewer: string): Problem => ({
  code: 'VIEWER_WITHOUT_SCRIPT',
  message: `the page is to be ${viewer}, and nothing says where its script is`,
  seen: 'no script',
  expected: "the address of the app's own copy",
  fix: `page: { viewer: '${viewer}', script: { url: '/assets/${viewer}.js' } }`,
})

const noIntegrity = (url: string): Problem => ({
  code: 'REMOTE_WITHOUT_INTEGRITY',
  message: 'a file of the page comes from another host, and nothing says what must be in it',
  seen: url,
  expected: "a path of this service, or the file's hash",
  fix: "serve the file yourself, or give its hash: { url, integrity: 'sha384-…' }",
})
