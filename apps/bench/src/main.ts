/**
 * Keystile beside better-auth and a hand-written floor, interleaved in one run.
 *
 *   npm run bench                 a minute
 *   npm run bench -- --long       several, with the heap's slope over a million requests
 *   npm run bench -- --check      ends with 1 when a goal is missed
 *   npm run bench -- --only=/ok   the timings of scenarios whose name holds this, nothing else
 */
import { parseArgs } from 'node:util'
import { print } from './report.ts'
import { timings } from './timings.ts'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const pace = options.long ? { rounds: 40, round: 100, warmUp: 1000 } : { rounds: 10, round: 40, warmUp: 400 }
const missed = print('Time', 'µs, median of the best round', await timings(pace, options.only ?? ''))
console.log(missed.join('\n'))
