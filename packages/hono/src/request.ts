import type { Context } from 'hono'

/**
 * The request with a body that can be read: the raw one, or one made from what Hono kept when a middleware read it
 * through `c.req`. Undefined where the raw request itself was read and nothing was kept.
 */
export async function requestOf(c: Context): Promise<Request | undefined> {
  const { raw } = c.req
  if (!raw.bodyUsed) return raw
  const headers = new Headers(raw.headers)
  headers.delete('content-length')
  try {
    return new Request(raw.url, { method: raw.method, headers, body: await keptBody(c) })
  } catch {
    return undefined
  }
}

async function keptBody(c: Context): Promise<ArrayBuffer | string> {
  if (!/^application\/x-www-form-urlencoded/i.test(c.req.header('content-type') ?? '')) return c.req.arrayBuffer()
  // A form that was parsed would be written again as multipart, which is not what its content type says.
  try {
    const fields = new URLSearchParams()
    for (const [name, value] of await c.req.formData()) fields.append(name, String(value))
    return fields.toString()
  } catch {
    // Hono before 4.13 makes no form of what was read as something else.
    return c.req.text()
  }
}
