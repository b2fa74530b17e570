import * as v from 'valibot'

const required = v.object({ refresh_token: v.string() })
const optional = v.optional(v.partial(required))

export type RefreshBody = typeof required

/** The body that carries a refresh token; where a cookie may carry it, there need be none. */
export const refreshBody = {
  schema: (inCookie: boolean) => (inCookie ? optional : required),
  token: (body: unknown) => (body as v.InferOutput<typeof optional>)?.refresh_token,
}
