// Mutation testing: `npm run mutation`, narrowed by files or folders: `npm run mutation -- packages/core/src/http/body.ts`.
// What runs as a module is loaded, tables and messages for the most part, is a third of all and takes most of an eight
// hours' run: it is changed too with `--static`. With `--again` only the lines of unexplained survivors are changed.
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
 * @typedef {{ line: number, last: number, in: string, was: string, is: string }} Survivor
 * @typedef {{ score: number, mutants: number, killed: number, survivors: Survivor[], source: string }} FileResult
 * @typedef {{ location: Record<'start' | 'end', { line: number, column: number }>, replacement?: string, status: string }} Mutant
 */

/** @type {Record<string, Omit<Survivor, 'line' | 'last'>[]>} */
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
  return { line: start.line, last: end.line, in: short(first), was: short(was), is: short(replacement) }
}

/** @typedef {{ source: string, mutants: Mutant[] }} Report */

/**
 * @param {Report} report
 * @returns {FileResult}
 */
function judge({ source, mutants }) {
  // What does not run at all, or was left out, is no mutant.
  const counted = mutants.filter(({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status))
  const alive = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const survivors = alive.map((mutant) => survivor(source, mutant))
  const killed = counted.length - alive.length
  return { score: percent(killed, counted.length), mutants: counted.length, killed, survivors, source: hash(source) }
}

/**
 * What a run of some survivors' lines alone has changed.
 *
 * @param {FileResult} before
 * @param {Report} report
 * @returns {FileResult}
 */
function judgeAgain(before, { source, mutants }) {
  const dead = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout')
  const killed = dead.map((mutant) => survivor(source, mutant))
  const survivors = before.survivors.filter(
    (one) => !killed.some((other) => isSame(one, other) && one.line === other.line),
  )
  const all = before.killed + before.survivors.length - survivors.length
  return { ...before, score: percent(all, before.mutants), killed: all, survivors }
}

/** @type {(one: Omit<Survivor, 'line' | 'last'>, other: Omit<Survivor, 'line' | 'last'>) => boolean} */
const isSame = (one, other) => one.in === other.in && one.was === other.was && one.is === other.is

/** @param {string} file */
const unexplained = (file, /** @type {FileResult} */ { survivors }) =>
  survivors.filter((one) => !(explained[file] ?? []).some((other) => isSame(one, other)))

/**
 * Results of earlier runs, save for files that have changed since.
 *
 * @returns {Record<string, FileResult>}
 */
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

/** @param {[string, FileResult][]} files */
function tell(files) {
  for (const [file, found] of files) {
    const open = unexplained(file, found)
    if (open.length > 0) process.stdout.write(`\n${file}\n`)
    for (const one of open) process.stdout.write(`  ${one.line}: ${one.in}\n    - ${one.was}\n    + ${one.is}\n`)
  }
  process.stdout.write('\n  score  killed  survived  unexplained\n')
  for (const [file, found] of files) {
    const figures = [
      `${found.score} %`.padStart(7),
      found.killed,
      found.survivors.length,
      unexplained(file, found).length,
    ]
    const widths = [7, 7, 9, 12]
    process.stdout.write(`${figures.map((figure, i) => String(figure).padStart(widths[i] ?? 0)).join(' ')}  ${file}\n`)
  }
}

const start = performance.now()
const known = earlier()
const args = process.argv.slice(3)
const again = args.includes('--again')
const paths = args.filter((arg) => !arg.startsWith('--'))
/** Files, or all files of folders, as Stryker takes them. */
const chosen = paths.map((path) => (statSync(join(root, path)).isDirectory() ? `${path}/**/*.ts` : path))
const isChosen = (/** @type {string} */ file) => paths.length === 0 || paths.some((path) => file.startsWith(path))
const lines = Object.entries(known)
  .filter(([file]) => isChosen(file))
  .flatMap(([file, found]) => unexplained(file, found).map(({ line, last }) => `${file}:${line}-${last}`))
const mutated = again ? [...new Set(lines)] : chosen
if (again && mutated.length === 0) {
  say('there is no unexplained survivor of an earlier run')
  process.exit()
}

const stryker = program('@stryker-mutator/core', 'stryker')
rmSync(raw, { force: true })
const { ok } = await run(
  process.execPath,
  [
    stryker,
    'run',
    `${folder}/stryker.config.mjs`,
    ...(args.includes('--static') ? [] : ['--ignoreStatic']),
    ...(mutated.length > 0 ? ['--mutate', [...mutated, '!**/*.test.ts'].join(',')] : []),
  ],
  { show: true },
)
if (ok && existsSync(raw)) {
  /** @type {[string, Report][]} */
  const reports = Object.entries(readJson(raw).files)
  for (const [file, report] of reports) {
    const before = known[file]
    known[file] = again && before ? judgeAgain(before, report) : judge(report)
  }
  writeFileSync(result, `${JSON.stringify({ files: known }, null, 2)}\n`)
  // All that is known, whatever part of it this run was about.
  const all = Object.entries(known)
  tell(all)
  const sum = (/** @type {(found: FileResult, file: string) => number} */ of) =>
    all.reduce((total, [file, found]) => total + of(found, file), 0)
  const mutants = sum(({ mutants }) => mutants)
  const score = percent(
    sum(({ killed }) => killed),
    mutants,
  )
  const open = sum((found, file) => unexplained(file, found).length)
  say(`${score} % of ${mutants} mutants killed, ${open} survivors unexplained (${since(start)})`)
  process.exitCode = score >= LEAST_SCORE && open === 0 ? 0 : 1
} else {
  say('mutation testing FAILED: Stryker gave no report. The tests must pass without a mutant')
  process.exitCode = 1
}
