// Mutation testing: `npm run mutation` changes the files that no run has seen as they are now, `npm run mutation --
// packages/core/src/http/body.ts` these files or folders. What runs as a module is loaded, tables and messages for the
// most part, is a third of all and would take most of an eight hours' run: it is changed too with `--static`. With
// `--again` only the lines of unexplained survivors are changed.
// Each survivor is either killed by a test or explained in `mutation/explained.json`; what became of each file is kept in
// `mutation/results.json` until the file changes.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program, readJson, root, run, say, since } from './run.mjs'

const LEAST_SCORE = 85
const folder = 'scripts/mutation'
const result = join(root, folder, 'results.json')
/** What is held to the score. */
const all = ['packages/core/src/domain', 'packages/core/src/http', 'packages/core/src/lib/cookies.ts']
/** What Stryker writes, of one run. */
const raw = join(root, 'artifacts', 'mutation.tmp.json')

/**
 * A change that no test told from the original. `in` is the line it begins in.
 *
 * @typedef {{ line: number, last: number, in: string, was: string, is: string }} Survivor
 * @typedef {{ source: string, mutants: number, killed: number, open: Survivor[] }} FileResult `open`: unexplained ones
 * @typedef {{ location: Record<'start' | 'end', { line: number, column: number }>, replacement?: string, status: string }} Mutant
 */

/** @type {Record<string, Omit<Survivor, 'line' | 'last'>[]>} */
const explained = readJson(join(root, folder, 'explained.json'))

const read = (/** @type {string} */ file) => readFileSync(join(root, file), 'utf8')
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
 * @param {string} file
 * @param {Report} report
 * @returns {FileResult}
 */
function judge(file, { source, mutants }) {
  // What does not run at all, or was left out, is no mutant.
  const counted = mutants.filter(({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status))
  const alive = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const open = unexplained(
    file,
    alive.map((mutant) => survivor(source, mutant)),
  )
  return { source: hash(source), mutants: counted.length, killed: counted.length - alive.length, open }
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
  const open = before.open.filter((one) => !killed.some((other) => isSame(one, other) && one.line === other.line))
  return { ...before, killed: before.killed + before.open.length - open.length, open }
}

/** @type {(one: Omit<Survivor, 'line' | 'last'>, other: Omit<Survivor, 'line' | 'last'>) => boolean} */
const isSame = (one, other) => one.in === other.in && one.was === other.was && one.is === other.is

/** @type {(file: string, survivors: Survivor[]) => Survivor[]} */
const unexplained = (file, survivors) =>
  survivors.filter((one) => !(explained[file] ?? []).some((other) => isSame(one, other)))

/**
 * Results of earlier runs, save for files that have changed since.
 *
 * @returns {Record<string, FileResult>}
 */
function earlier() {
  if (!existsSync(result)) return {}
  /** @type {[string, FileResult][]} */
  const files = Object.entries(readJson(result))
  const same = files.filter(([file, { source }]) => existsSync(join(root, file)) && hash(read(file)) === source)
  return Object.fromEntries(same.map(([file, found]) => [file, { ...found, open: unexplained(file, found.open) }]))
}

/** The sources of a folder, or the file itself. */
function sourcesOf(/** @type {string} */ path) {
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${path}/${name}`)
}

/** @param {[string, FileResult][]} files */
function tell(files) {
  for (const [file, { open }] of files) {
    if (open.length > 0) process.stdout.write(`\n${file}\n`)
    for (const one of open) process.stdout.write(`  ${one.line}: ${one.in}\n    - ${one.was}\n    + ${one.is}\n`)
  }
  process.stdout.write('\n  score  killed  survived  unexplained\n')
  for (const [file, { mutants, killed, open }] of files) {
    const figures = [`${percent(killed, mutants)} %`, killed, mutants - killed, open.length]
    const widths = [7, 7, 9, 12]
    process.stdout.write(`${figures.map((figure, i) => String(figure).padStart(widths[i] ?? 0)).join(' ')}  ${file}\n`)
  }
}

const start = performance.now()
const known = earlier()
const args = process.argv.slice(3)
const paths = args.filter((arg) => !arg.startsWith('--'))
const chosen = (paths.length > 0 ? paths : all).flatMap(sourcesOf)
const again = args.includes('--again')
const mutated = again
  ? chosen.flatMap((file) => (known[file]?.open ?? []).map(({ line, last }) => `${file}:${line}-${last}`))
  : chosen.filter((file) => paths.length > 0 || !known[file])
let ok = true
if (mutated.length > 0) {
  const stryker = program('@stryker-mutator/core', 'stryker')
  const whole = args.includes('--static') ? [] : ['--ignoreStatic']
  const flags = [`${folder}/stryker.config.mjs`, ...whole, '--mutate', [...new Set(mutated)].join(',')]
  rmSync(raw, { force: true })
  ok = (await run(process.execPath, [stryker, 'run', ...flags], { show: true })).ok && existsSync(raw)
}
if (ok) {
  /** @type {[string, Report][]} */
  const reports = mutated.length > 0 ? Object.entries(readJson(raw).files) : []
  for (const [file, report] of reports) {
    const before = known[file]
    known[file] = again && before ? judgeAgain(before, report) : judge(file, report)
  }
  // Of types alone nothing can be changed.
  if (!again) for (const file of mutated) known[file] ??= judge(file, { source: read(file), mutants: [] })
  const sorted = Object.entries(known).sort(([one], [other]) => (one < other ? -1 : 1))
  writeFileSync(result, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`)
  // All that is known, whatever part of it this run was about.
  tell(sorted)
  const sum = (/** @type {(found: FileResult) => number} */ of) =>
    sorted.reduce((total, [, found]) => total + of(found), 0)
  const mutants = sum(({ mutants }) => mutants)
  const score = percent(
    sum(({ killed }) => killed),
    mutants,
  )
  const open = sum(({ open }) => open.length)
  const unseen = all.flatMap(sourcesOf).filter((file) => !known[file]).length
  say(
    `${score} % of ${mutants} mutants killed, ${open} survivors unexplained, ${unseen} files not seen as they are now (${since(start)})`,
  )
  process.exitCode = score >= LEAST_SCORE && open === 0 ? 0 : 1
} else {
  say('mutation testing FAILED: Stryker gave no report. The tests must pass without a mutant')
  process.exitCode = 1
}
