/**
 * Fuzzes every target: `npm run trial -- fuzz [--seconds=60] [--seed=1] [--target=cookie] [--keep]`. What breaks a promise
 * is written to `artifacts/trials/fuzz/`: mend the cause, and put the input into the corpus under a name that says what
 * it is. `--keep` adds inputs that reached something first to the corpus.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { child } from '../child.ts'
import type { Report, Trial } from '../report.ts'
import { addReached } from './corpus.ts'
import { type TargetName, targetNames } from './targets.ts'

/** What a process says of one target; inputs in base64. */
export interface ChildReport {
  readonly runs: number
  readonly reached: number
  readonly kept: readonly string[]
  readonly findings: readonly { readonly input: string; readonly reason: string }[]
}

const artifacts = fileURLToPath(new URL('../../../../artifacts/trials/fuzz/', import.meta.url))

export const fuzz: Trial = async (args): Promise<Report> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      target: { type: 'string', multiple: true, default: targetNames },
      keep: { type: 'boolean', default: false },
    },
  })
  const lines: string[] = [`seed ${values.seed}`]
  const figures: Record<string, unknown> = { seed: Number(values.seed), seconds: Number(values.seconds) }
  let ok = true
  for (const name of targetNames.filter((known) => values.target.includes(known))) {
    const { runs, reached, kept, findings } = await runChild(name, Number(values.seconds), values.seed)
    lines.push(`${name}: ${runs} inputs, ${reached} branches, ${kept.length} kept, ${findings.length} findings`)
    figures[name] = { runs, reached, kept: kept.length, findings: findings.map(({ reason }) => reason) }
    if (values.keep)
      await addReached(
        name,
        kept.map(bytes).filter(({ length }) => length <= longestKept),
      )
    for (const [i, { input, reason }] of findings.entries()) {
      ok = false
      await mkdir(artifacts, { recursive: true })
      const file = join(artifacts, `${name}-${i + 1}.txt`)
      await writeFile(file, bytes(input))
      lines.push(`  ${file}: ${reason}`)
    }
  }
  return { ok, lines, figures }
}

/** Longer ones cost more at every test than the branch is worth. */
const longestKept = 1000

const bytes = (base64: string) => Buffer.from(base64, 'base64')

/** How long one input may take, in milliseconds, before its process counts as hanging. */
const patience = 60_000

/** A process that hangs, or dies, has left the input it was at: that is the finding. */
async function runChild(name: TargetName, seconds: number, seed: string): Promise<ChildReport> {
  const folder = await mkdtemp(join(tmpdir(), 'keystile-fuzz-'))
  const lastInput = join(folder, 'input')
  const module = new URL(`./fuzz.child${extname(import.meta.url)}`, import.meta.url)
  const fuzzing = child(module, [name, String(seconds), seed, lastInput])
  const started = Date.now()
  let watch: NodeJS.Timeout | undefined
  try {
    return await new Promise<ChildReport>((resolve) => {
      const dead = async (reason: string) => {
        const input = await readFile(lastInput, 'base64').catch(() => '')
        resolve({ runs: 0, reached: 0, kept: [], findings: [{ input, reason }] })
      }
      watch = setInterval(async () => {
        const lastSign = await stat(lastInput).then(
          ({ mtimeMs }) => mtimeMs,
          () => started,
        )
        if (Date.now() - lastSign > patience) void dead('the process hangs')
      }, 5000)
      fuzzing.once('message', (report) => resolve(report as ChildReport))
      fuzzing.once('exit', (code, signal) => code !== 0 && void dead(`the process ended: ${code ?? signal}`))
    })
  } finally {
    clearInterval(watch)
    fuzzing.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}
