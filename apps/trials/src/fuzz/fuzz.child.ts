/**
 * Fuzzes one target in a process of its own, so that what it breaks breaks nothing else: `name seconds seed lastInput`.
 * The input under way is always in the file `lastInput`, for the parent to find where this process hangs or dies.
 */
import { ftruncateSync, openSync, writeSync } from 'node:fs'
import { register } from 'node:module'
import { extname } from 'node:path'
import { seeded } from '../random.ts'
import type { ChildReport } from './index.ts'

const [name = '', seconds = '', seed = '', lastInput = ''] = process.argv.slice(2)
const cells = 1 << 14
const branches = new Uint8Array(cells)
const words: string[] = []
Object.assign(globalThis, { __branches: branches, __words: words })
register(new URL(`./instrument${extname(import.meta.url)}`, import.meta.url))

const { targets } = await import('./targets.ts')
const { readCorpus } = await import('./corpus.ts')
const { loop } = await import('./loop.ts')

const target = await targets[name as keyof typeof targets]()
const file = openSync(lastInput, 'w')
let current: Uint8Array = new Uint8Array()
const rejections: { input: Uint8Array; error: unknown }[] = []
process.on('unhandledRejection', (error) => rejections.push({ input: current, error }))

const seeds = await readCorpus(name as keyof typeof targets)
const end = performance.now() + Number(seconds) * 1000
const result = await loop({
  target,
  seeds: seeds.map(({ input }) => input),
  words,
  branches,
  random: seeded(Number(seed)),
  done: () => performance.now() > end || rejections.length > 0,
  onInput(input) {
    current = input
    ftruncateSync(file, input.length)
    writeSync(file, input, 0, input.length, 0)
  },
})

const plain = (input: Uint8Array) => Buffer.from(input).toString('base64')
const reasonOf = (error: unknown) =>
  error instanceof Error ? `${error.stack}\n${String(error.cause ?? '')}` : String(error)
const report: ChildReport = {
  runs: result.runs,
  reached: result.reached,
  kept: result.kept.map(plain),
  findings: [
    ...result.findings.map(({ input, error }) => ({ input: plain(input), reason: reasonOf(error) })),
    ...rejections.map(({ input, error }) => ({
      input: plain(input),
      reason: `unhandled rejection: ${reasonOf(error)}`,
    })),
  ],
}
process.send?.(report, () => process.exit(0))
