/**
 * Keystile beside its peers and a hand-written floor, interleaved in one run.
 *
 *   npm run bench                       two to three minutes
 *   npm run bench -- --long             a quarter of an hour: a million sessions, the slope of the heap, longer rounds
 *   npm run bench -- --check            ends with 1 when a goal is missed that must be met
 *   npm run bench -- --only=guards      one section; or the times of the scenarios whose name holds this
 *   npm run bench -- --long --manual    makes the manual's page of figures from the run, of any length
 *   npm run bench -- --render           makes that page again from the figures it shows
 *
 * The figures are in artifacts/bench.json as well.
 */
import { parseArgs } from 'node:util'
import { bridge } from './bridge.ts'
import { bundles } from './bundle.ts'
import { chains } from './chains.ts'
import { besideDjango } from './django.ts'
import { growth } from './growth.ts'
import { guards } from './guards.ts'
import { hashing } from './hashing.ts'
import { install } from './install.ts'
import { allocations, heapSlope } from './memory.ts'
import { print, summary, type Table } from './report.ts'
import { resultsOf, shownResults, writeManual, writeResults } from './results.ts'
import { scenarios } from './scenarios.ts'
import { sizes } from './sizes.ts'
import { startup } from './startup.ts'
import { statements } from './statements.ts'
import { timings } from './timings.ts'
import { types } from './types.ts'

const { values: options } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    manual: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

const { long, only, check, manual, render } = options
if (render) {
  writeManual(shownResults())
  process.exit()
}
const pace = long ? { rounds: 40, round: 100, warmUp: 3000 } : { rounds: 16, round: 15, warmUp: 500 }
const overHttp = long ? { rounds: 60, round: 100, warmUp: 2000 } : { rounds: 15, round: 25, warmUp: 600 }

const sections: Readonly<Record<string, () => Table[] | Promise<Table[]>>> = {
  times: () => timings(pace, scenarios),
  heap: async () => [...(await allocations()), ...(long ? await heapSlope(1_000_000) : [])],
  statements,
  hashing: () => hashing({ ...pace, round: long ? 500 : 100 }),
  guards: () => guards(overHttp),
  chains: () => chains(pace),
  django: () => besideDjango(pace),
  bridge: () => bridge(overHttp),
  sizes: () => sizes(pace, long ? [1e3, 1e5, 1e6] : [1e3, 1e5]),
  plugins: () => growth(pace),
  start: () => startup(long ? 20 : 4),
  bundle: bundles,
  install,
  types,
}

/** What `--only` picks: a section by its name, else scenarios. */
function chosen(): (() => Table[] | Promise<Table[]>)[] {
  if (only === undefined) return Object.values(sections)
  const section = Object.hasOwn(sections, only) ? sections[only] : undefined
  if (section) return [section]
  const some = scenarios.filter(({ name }) => name.includes(only))
  return some.length > 0 ? [() => timings(pace, some)] : []
}

const run = chosen()
if (run.length === 0) {
  const known = [...Object.keys(sections), ...scenarios.map(({ name }) => name)]
  console.log(`There is no “${only}”. There are: ${known.join('; ')}.`)
  process.exit(1)
}
if (manual && only !== undefined) {
  console.log('The manual shows a run in full: leave out --only.')
  process.exit(1)
}

const tables: Table[] = []
for (const section of run) {
  const made = await section()
  for (const table of made) print(table)
  tables.push(...made)
}

const { missed, line, fine } = summary(tables)
if (missed.length > 0) console.log(`\nMissed:\n${missed.map((goal) => `  ${goal}`).join('\n')}`)
console.log(`\n${line}`)
const results = resultsOf(tables, long)
writeResults(results)
if (manual) writeManual(results)
if (check && !fine) process.exitCode = 1
