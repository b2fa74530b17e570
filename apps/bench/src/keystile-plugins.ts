import { endpoint, fields, type Plugin } from '@keystile/core'
import * as v from 'valibot'

/** Plugins of the usual size: five endpoints, a hook and a field of the user each. */
export function keystilePlugins(count: number): Plugin[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `plugin${i}`,
    endpoints: Object.fromEntries(
      Array.from({ length: 5 }, (_, j) => [
        `call${i}x${j}`,
        endpoint(
          {
            method: 'POST',
            path: `/plugin-${i}/call-${j}`,
            access: 'session',
            summary: 'A call',
            body: v.object({ id: v.string(), name: v.optional(v.string()) }),
            reply: v.object({ status: v.boolean() }),
          },
          () => ({ status: true }),
        ),
      ]),
    ),
    hooks: [{ at: `/plugin-${i}/call-0`, after: () => {} }],
    fields: { user: { [`field${i}`]: fields.optionalText() } },
  }))
}
