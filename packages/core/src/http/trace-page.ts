import { escapeHtml } from '../lib/html.ts'
import type { Step } from './chain.ts'

/** A refusal as the page tells it. */
export interface Told {
  readonly at: Date
  readonly method: string
  readonly path: string
  readonly status: number
  readonly steps: readonly Step[]
  /** Names, and what may be said of their values. */
  readonly headers: readonly (readonly [name: string, masked: string])[]
}

const meanings: Readonly<Record<Step['outcome'], string>> = {
  passed: 'passed on to the next',
  identified: 'knew the caller',
  refused: 'refused the caller: nobody else was asked',
  failed: 'broke',
}

const row = (cells: readonly string[]) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`

/** The page of a refusal; undefined for one that is kept no longer. */
export function tracePage(told: Told | undefined, nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Why this request was refused</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere }
</style>
${told ? content(told) : '<h1>Not kept</h1>\n<p>The last refusals are kept, until the server ends.</p>'}
</html>
`
}

const content = ({ at, method, path, status, steps, headers }: Told) => `<h1>Why this request was refused</h1>
<p><strong>${status}</strong> to <code>${escapeHtml(`${method} ${path}`)}</code> at ${at.toISOString()}</p>
<h2>Schemes asked, in order</h2>
<table>
<tr><th>scheme</th><th>outcome</th><th>reason</th></tr>
${steps.map(({ scheme, outcome, reason }) => row([scheme, meanings[outcome], reason])).join('\n')}
</table>
<h2>Headers that came</h2>
<table>
<tr><th>name</th><th>value</th></tr>
${headers.map(row).join('\n')}
</table>
<p>Only outside production. Nothing of a value is kept.</p>`
