/** What an app's types cost the compiler, over published declarations. */
import { budgets, countTypes } from '@keystile/types'
import { atMost, type Figure, type Table, tableOf } from './report.ts'

export async function types(): Promise<Table[]> {
  const figures: Figure[] = []
  for (const { app, most } of budgets) {
    const peer = await countTypes('better-auth', app)
    const own = await countTypes('keystile', app)
    figures.push({
      measure: app.plugins === 0 ? 'no plugin' : `${app.plugins} plugins, ${app.endpoints} endpoints`,
      values: { 'better-auth': peer.instantiations, keystile: own.instantiations },
      goals: [{ ...atMost(own.instantiations, most), required: true }],
    })
  }
  return [tableOf('Types', 'instantiations, TypeScript 5.9', figures)]
}
