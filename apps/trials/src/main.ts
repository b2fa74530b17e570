/** `npm run trial -- <name> [arguments]`: runs one programme in full, writes its result, fails when a promise is broken. */
import { type Trial, writeReport } from './report.ts'

const trials: Readonly<Record<string, () => Promise<Trial>>> = {
  crash: async () => (await import('./crash/index.ts')).crash,
  faults: async () => (await import('./faults/index.ts')).faults,
  fuzz: async () => (await import('./fuzz/index.ts')).fuzz,
  races: async () => (await import('./races/index.ts')).races,
  secrets: async () => (await import('./secrets/index.ts')).secrets,
  soak: async () => (await import('./soak/index.ts')).soak,
  timing: async () => (await import('./timing/index.ts')).timing,
}

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(trials, name) ? trials[name] : undefined
if (load) {
  const report = await (await load())(args)
  const file = await writeReport(name, report)
  for (const line of report.lines) console.log(line)
  console.log(`${report.ok ? 'holds' : 'BROKEN'}: ${file}`)
  process.exitCode = report.ok ? 0 : 1
} else {
  console.error(`unknown trial ${JSON.stringify(name)}, one of: ${Object.keys(trials).join(', ')}`)
  process.exitCode = 1
}
