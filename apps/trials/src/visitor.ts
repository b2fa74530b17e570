/** A browser as far as a server can tell: connections that are kept, and the origin of the pages that ask. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** The public address of every server that is visited, whatever port it listens on. */
export const origin = 'http://localhost:3000'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface Question {
  readonly cookie?: string | undefined
  /** Makes it a POST. */
  readonly body?: object | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface Visitor {
  /** Undefined where the connection ends before the whole answer has come. */
  ask(path: string, question?: Question): Promise<Answer | undefined>
  close(): void
}

export function visitor(port: number): Visitor {
  const agent = new Agent({ keepAlive: true })
  return {
    ask: (path, { cookie, body, headers } = {}) =>
      new Promise((resolve) => {
        const text = body && JSON.stringify(body)
        const asked = request({
          agent,
          host: '127.0.0.1',
          port,
          path: `/api/auth${path}`,
          method: text === undefined ? 'GET' : 'POST',
          headers: {
            origin,
            ...(cookie === undefined ? {} : { cookie }),
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            ...headers,
          },
        })
        asked.on('error', () => resolve(undefined))
        asked.on('response', (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', () => resolve(undefined))
          response.on('end', () => {
            const { statusCode: status = 0, headers } = response
            resolve({ status, headers, body: parse(Buffer.concat(chunks).toString()) })
          })
        })
        asked.end(text)
      }),
    close: () => agent.destroy(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The session's cookie as a browser sends it back, where the answer sets one. */
export function sessionCookie({ headers }: Answer): string | undefined {
  const line = headers['set-cookie']?.find((cookie) => cookie.startsWith('better-auth.session_token='))
  const [pair] = line?.split(';', 1) ?? []
  return pair?.endsWith('=') ? undefined : pair
}
