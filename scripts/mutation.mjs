// Mutation testing: `npm run mutation`, narrowed by files or folders: `npm run mutation -- packages/core/src/http/body.ts`.
// Each survivor is either killed by a test or explained in `mutation/explained.json`; all results are kept, file by
// file, in `artifacts/mutation.json` until the file changes.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program, readJson, root, run, say, since } from './run.mjs'

const LEAST_SCORE = 85
const folder = 'scripts/mutation'
const result = join(root, 'artifacts', 'mutation.json')
/** What Stryker writes, of one run. */
const raw = join(root, 'artifacts', 'mutation.tmp.json')

/**
 * A change that no test told from the original. `in` is the line it begins in.
 *
 * @typedef {{ line: number, in: string, was: string, is: string, why?: string }} Survivor
 * @typedef {{ score: number, mutants: number, killed: number, survivors: Survivor[], source: string }} FileResult
 * @typedef {{ location: Record<'start' | 'end', { line: number, column: number }>, replacement?: string, status: string }} Mutant
 */

/** @type {Record<string, Omit<Survivor, 'line'>[]>} */
const explained = readJson(join(root, folder, 'explained.json'))

const hash = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex').slice(0, 16)
const short = (/** @type {string} */ text) => text.replace(/\s+/g, ' ').trim().slice(0, 120)
const percent = (/** @type {number} */ part, /** @type {number} */ all) => Math.floor((part / (all || 1)) * 1000) / 10

/**
 * @param {string} source
 * @param {Mutant} mutant
 * @returns {Survivor}
 */
function survivor(source, { location: { start, end }, replacement = '' }) {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const first = lines[0] ?? ''
  lines.push((lines.pop() ?? '').slice(0, end.column - 1))
  const was = lines.join('\n').slice(start.column - 1)
  return { line: start.line, in: short(first), was: short(was), is: short(replacement) }
}

/**
 * @param {string} file
 * @param {{ source: string, mutants: Mutant[] }} report
 * @returns {FileResult}
 */
function judge(file, { source, mutants }) {
  // What does not run at all, or was left out, is no mutant.
  const counted = mutants.filter(({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status))
  const alive = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const reasons = explained[file] ?? []
  const survivors = alive.map((mutant) => {
    const found = survivor(source, mutant)
    const why = reasons.find((one) => one.in === found.in && one.was === found.was && one.is === found.is)?.why
    return why === undefined ? found : { ...found, why }
  })
  const killed = counted.length - alive.length
  return { score: percent(killed, counted.length), mutants: counted.length, killed, survivors, source: hash(source) }
}

/** Results of earlier runs, save for files that have changed since. */
function earlier() {
  if (!existsSync(result)) return {}
  /** @type {[string, FileResult][]} */
  const files = Object.entries(readJson(result).files)
  const same = files.filter(([file, { source }]) => {
    const path = join(root, file)
    return existsSync(path) && hash(readFileSync(path, 'utf8')) === source
  })
  return Object.fromEntries(same)
}

/** @param {Record<string, FileResult>} files of this run */
function tell(files) {
  for (const [file, { survivors }] of Object.entries(files)) {
    const open = survivors.filter(({ why }) => why === undefined)
    if (open.length > 0) process.stdout.write(`\n${file}\n`)
    for (const one of open) process.stdout.write(`  ${one.line}: ${one.in}\n    - ${one.was}\n    + ${one.is}\n`)
    for (const { in: line, was, is } of explained[file] ?? []) {
      if (survivors.some((one) => one.in === line && one.was === was && one.is === is)) continue
      process.stdout.write(`  explained, but it did not survive: ${line}\n    - ${was}\n    + ${is}\n`)
    }
  }
  process.stdout.write('\n  score  killed  survived  unexplained\n')
  for (const [file, { score, killed, survivors }] of Object.entries(files)) {
    const open = survivors.filter(({ why }) => why === undefined).length
    const figures = [`${score} %`.padStart(7), killed, survivors.length, open]
    const widths = [7, 7, 9, 12]
    process.stdout.write(`${figures.map((figure, i) => String(figure).padStart(widths[i] ?? 0)).join(' ')}  ${file}\n`)
  }
}

const start = performance.now()
const paths = process.argv.slice(3).map((path) => (statSync(join(root, path)).isDirectory() ? `${path}/**/*.ts` : path))
const narrowed = paths.length > 0 ? ['--mutate', [...paths, '!**/*.test.ts'].join(',')] : []
const stryker = program('@stryker-mutator/core', 'stryker')
rmSync(raw, { force: true })
const { ok } = await run(process.execPath, [stryker, 'run', `${folder}/stryker.config.mjs`, ...narrowed], {
  show: true,
})
if (ok && existsSync(raw)) {
  /** @type {Record<string, { source: string, mutants: Mutant[] }>} */
  const reports = readJson(raw).files
  const files = Object.fromEntries(Object.entries(reports).map(([file, report]) => [file, judge(file, report)]))
  writeFileSync(result, `${JSON.stringify({ files: { ...earlier(), ...files } }, null, 2)}\n`)
  tell(files)
  const all = Object.values(files)
  const sum = (/** @type {(one: FileResult) => number} */ of) => all.reduce((total, one) => total + of(one), 0)
  const score = percent(
    sum(({ killed }) => killed),
    sum(({ mutants }) => mutants),
  )
  const open = sum(({ survivors }) => survivors.filter(({ why }) => why === undefined).length)
  say(`${score} % of ${sum(({ mutants }) => mutants)} mutants killed, ${open} survivors unexplained (${since(start)})`)
  process.exitCode = score >= LEAST_SCORE && open === 0 ? 0 : 1
} else {
  say('mutation testing FAILED: Stryker gave no report. The tests must pass without a mutant')
  process.exitCode = 1
}
