/**
 * Keystile beside better-auth and a hand-written floor, interleaved in one run.
 *
 *   npm run bench                   under a minute
 *   npm run bench -- --long         several, with the slope of the heap over a million requests
 *   npm run bench -- --check        ends with 1 when a goal is missed
 *   npm run bench -- --only=/ok     nothing but the times of the scenarios whose name holds this
 */
import { parseArgs } from 'node:util'
import { bundles } from './bundle.ts'
import { allocations, heapSlope } from './memory.ts'
import { print } from './report.ts'
import { startup } from './startup.ts'
import { statements } from './statements.ts'
import { timings } from './timings.ts'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const { long, only } = options
const pace = long ? { rounds: 40, round: 100, warmUp: 3000 } : { rounds: 12, round: 40, warmUp: 800 }
const missed = print('Time', 'µs, median of the best round', await timings(pace, only ?? ''))
if (only === undefined) {
  missed.push(
    ...print('Statements', 'begin and commit apart', await statements()),
    ...print('Heap per answer', 'kB', await allocations()),
    ...print('Start', 'ms, best', startup(long ? 20 : 6)),
    ...print('Server bundle', 'kB gzip, e-mail and password', await bundles()),
  )
  if (long) missed.push(...print('Heap that stays', 'bytes per answer', await heapSlope(1_000_000)))
}

console.log(missed.length === 0 ? '\nEvery goal holds.' : `\nMissed:\n${missed.map((goal) => `  ${goal}`).join('\n')}`)
if (options.check && missed.length > 0) process.exitCode = 1
