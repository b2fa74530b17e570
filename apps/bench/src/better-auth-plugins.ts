import type { BetterAuthPlugin } from 'better-auth'
import { createAuthEndpoint, createAuthMiddleware, sessionMiddleware } from 'better-auth/api'
import * as v from 'valibot'

/** Plugins of the usual size: five endpoints, a hook and a field of the user each. */
export function betterAuthPlugins(count: number): BetterAuthPlugin[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `plugin${i}`,
    endpoints: Object.fromEntries(
      Array.from({ length: 5 }, (_, j) => [
        `call${i}x${j}`,
        createAuthEndpoint(
          `/plugin-${i}/call-${j}`,
          {
            method: 'POST',
            body: v.object({ id: v.string(), name: v.optional(v.string()) }),
            use: [sessionMiddleware],
          },
          async () => ({ status: true }),
        ),
      ]),
    ),
    hooks: {
      after: [{ matcher: ({ path }) => path === `/plugin-${i}/call-0`, handler: createAuthMiddleware(async () => {}) }],
    },
    schema: { user: { fields: { [`field${i}`]: { type: 'string', required: false } } } },
  }))
}
