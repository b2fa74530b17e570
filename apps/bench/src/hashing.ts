/** What a sign-in costs beside the hash of its password. */
import { withContestants } from './contestants.ts'
import type { Pace } from './pace.ts'
import { atMost, type Table, tableOf } from './report.ts'
import { hashAlone, hashedSignIn } from './scenarios.ts'
import { bestRounds } from './timings.ts'

export function hashing(pace: Pace): Promise<Table[]> {
  return withContestants(['better-auth', 'floor', 'keystile', 'floor'], [], async (contestants) => {
    const alone = contestants.length - 1
    await Promise.all(
      contestants.map(({ tasks }, i) =>
        tasks.prepare(i === alone ? hashAlone.name : hashedSignIn.name, { hashing: true }),
      ),
    )
    const [peer = 0, floor = 0, keystile = 0, hash = 0] = (await bestRounds(contestants, pace)).map(
      ({ work }) => work / 1000,
    )
    return [
      tableOf('Hashing', 'ms of processor time, mean of the best round', [
        {
          measure: hashedSignIn.name,
          values: { 'better-auth': peer, floor, keystile },
          goals: [atMost(keystile / hash, 1.03, '× the hash alone')],
        },
        { measure: hashAlone.name, values: { floor: hash }, goals: [] },
      ]),
    ]
  })
}
