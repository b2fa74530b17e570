/** The bench, a request of each kind: what it compares is answered alike, and what never flickers is as it must be. */
import { describe, expect, it } from 'vitest'
import { contenderNames } from '../src/contender.ts'
import { countStatements } from '../src/count-statements.ts'
import { openContender } from '../src/open.ts'
import { scenarios } from '../src/scenarios.ts'
import { wanted } from '../src/statements.ts'

/** The names and kinds of all that an answer holds; what is missing in one and null in another is the same. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value === null ? null : 'a value'
  const entries = Object.entries(value).filter(([, field]) => field !== null)
  return Object.fromEntries(entries.map(([name, field]) => [name, shape(field)]))
}

describe('the bench', () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'compares like with like: %s',
    async (_, scenario) => {
      const answers: Record<string, unknown> = {}
      for (const name of contenderNames) {
        if (name === 'floor' && scenario.cookieCache) continue
        const contender = await openContender(name, { path: ':memory:', cookieCache: scenario.cookieCache })
        const act = await scenario.prepare(contender)
        const answer = await act.run(act.input ? await act.input() : '')
        answers[name] = shape(typeof answer === 'string' ? JSON.parse(answer) : answer)
      }
      expect(answers.keystile).toBeDefined()
      for (const answer of Object.values(answers)) expect(answer).toEqual(answers.keystile)
    },
  )

  it('counts as few statements as promised', async () => {
    const counts = await countStatements('keystile')
    const found = Object.fromEntries(Object.entries(counts).map(([act, { statements }]) => [act, statements]))
    expect(found).toEqual(wanted)
  })
})
