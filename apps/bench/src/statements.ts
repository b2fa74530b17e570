import { type ContenderName, contenderNames } from './contender.ts'
import { withContestants } from './contestants.ts'
import type { Statements } from './count-statements.ts'
import { type Table, tableOf } from './report.ts'

/** At most so many of each act. */
export const wanted: Readonly<Record<string, number>> = {
  'sign-up': 3,
  'sign-in': 2,
  'get-session': 1,
  'get-session, forged cookie': 0,
  'get-session, refresh due': 2,
  'list-sessions': 2,
  'sign-out': 1,
}

/** Statements of each act, begin and commit apart. */
export function statements(): Promise<Table[]> {
  return withContestants(contenderNames, [], async (contestants) => {
    const counts = new Map<ContenderName, Statements>()
    for (const contestant of contestants) counts.set(contestant.name, await contestant.tasks.statements())
    const figures = Object.entries(wanted).map(([act, most]) => {
      const of = (name: ContenderName) => counts.get(name)?.[act]
      const own = of('keystile')
      const note = own?.brackets ? `, and ${own.brackets} to begin and commit` : ''
      return {
        measure: act,
        values: Object.fromEntries(contenderNames.map((name) => [name, of(name)?.statements])),
        goals: [{ text: `${most}${note}`, holds: own?.statements === most, required: true }],
      }
    })
    return [tableOf('Statements', 'begin and commit apart', figures)]
  })
}
