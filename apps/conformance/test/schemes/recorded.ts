/** What was recorded of django-modern-rest, read as data. */
import { readFileSync } from 'node:fs'

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Recorded {
  readonly case?: string
  readonly request: RecordedRequest
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly set_cookie: readonly string[]
    readonly body: unknown
  }
}

export function recorded<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/dmr/${name}.json`, import.meta.url), 'utf8'))
}

/** A recorded request as one of Fetch; text bodies go out as they are. */
export function requestOf({ method, path, headers, cookies, body }: RecordedRequest): Request {
  const sent = new Headers(headers)
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
  if (cookie.length > 0) sent.set('cookie', cookie.join('; '))
  if (body !== undefined && !sent.has('content-type')) sent.set('content-type', 'application/json')
  return new Request(`http://localhost${path}`, {
    method,
    headers: sent,
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
}

export async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
