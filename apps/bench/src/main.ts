/**
 * Keystile beside better-auth and a hand-written floor, interleaved in one run.
 *
 *   npm run bench                   under a minute
 *   npm run bench -- --long         several, with the slope of the heap over a million requests
 *   npm run bench -- --check        ends with 1 when a goal is missed that must be met
 *   npm run bench -- --only=/ok     nothing but the times of the scenarios whose name holds this
 */
import { parseArgs } from 'node:util'
import { bundles } from './bundle.ts'
import { allocations, heapSlope } from './memory.ts'
import { conclude, print } from './report.ts'
import { scenarios } from './scenarios.ts'
import { startup } from './startup.ts'
import { statements } from './statements.ts'
import { timings } from './timings.ts'
import { types } from './types.ts'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const { long, only, check } = options
const chosen = scenarios.filter(({ name }) => name.includes(only ?? ''))
if (chosen.length === 0) {
  console.log(`No scenario has “${only}” in its name. There are: ${scenarios.map(({ name }) => name).join('; ')}.`)
  process.exit(1)
}

const pace = long ? { rounds: 40, round: 100, warmUp: 3000 } : { rounds: 10, round: 40, warmUp: 700 }
const goals = print('Time', 'µs, median of the best round', await timings(pace, chosen))
if (only === undefined) {
  goals.push(
    ...print('Statements', 'begin and commit apart', await statements()),
    ...print('Heap per answer', 'kB', await allocations()),
    ...print('Start', 'ms, best', startup(long ? 20 : 4)),
    ...print('Server bundle', 'kB gzip, e-mail and password', await bundles()),
    ...print('Types', 'instantiations', await types()),
  )
  if (long) goals.push(...print('Heap that stays', 'bytes per answer', await heapSlope(1_000_000)))
}

const fine = conclude(goals)
if (check && !fine) process.exitCode = 1
