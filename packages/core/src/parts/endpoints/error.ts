import * as v from 'valibot'
import { endpoint } from '../../contract/endpoint.ts'
import { redirect } from '../../lib/errors.ts'
import { escapeHtml } from '../../lib/html.ts'

const plainCode = /^['A-Za-z0-9_-]+$/

/** The page that a failed redirect flow ends on, unless the app has one of its own. */
export const error = endpoint(
  {
    method: 'GET',
    path: '/error',
    access: 'public',
    summary: 'Show why a sign-in failed',
    query: v.optional(v.looseObject({ error: v.optional(v.unknown()), error_description: v.optional(v.unknown()) })),
    reply: v.unknown(),
    replyMedia: 'text/html',
    answers: { 302: 'To the page of the app, in production or where one is set' },
  },
  ({ query, domain }) => {
    const given = typeof query?.error === 'string' ? query.error : ''
    const code = plainCode.test(given) ? given : 'UNKNOWN'
    const description = typeof query?.error_description === 'string' ? query.error_description : ''
    const { errorURL, production } = domain.settings
    if (errorURL || production) {
      const parameters = new URLSearchParams({
        error: code,
        ...(description ? { error_description: description } : {}),
      })
      const target = errorURL ?? '/'
      throw redirect(`${target}${target.includes('?') ? '&' : '?'}${parameters}`)
    }
    return new Response(page(code, description), { headers: pageHeaders })
  },
)

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

function page(code: string, description: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign-in failed</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; color: #1c1c1c }
  code { background: #eee; padding: 0.1em 0.4em; border-radius: 0.25em }
</style>
<h1>Something went wrong</h1>
<p>Code: <code>${escapeHtml(code)}</code></p>
${description ? `<p>${escapeHtml(description)}</p>\n` : ''}<p><a href="/">Go Home</a></p>
</html>
`
}
