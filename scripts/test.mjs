// `test` runs every check and every test, `check` the checks, `test:unit` the tests that need no build.
// Arguments go to Vitest and narrow the run to it: `npm test -- packages/core/src/lib -t cookies`.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { program, readJson, run, say, since, state } from './run.mjs'

const UNIT = ['core', 'plugins', 'adapters']
const AT_ONCE = 2

/** @type {{ name: string, args: string[] }[]} */
const CHECKS = [
  { name: 'types', args: [program('typescript', 'tsc'), '-p', 'tsconfig.json'] },
  { name: 'lint and format', args: [program('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', '.'] },
  {
    name: 'dependency rules',
    args: [program('dependency-cruiser', 'depcruise'), '--config', '.dependency-cruiser.cjs', 'packages', 'apps'],
  },
  { name: 'unused code', args: [program('knip'), '--no-progress', '--no-config-hints'] },
]

/** @type {{ name: string, ok: boolean, passed: number, failed: number }[]} */
const results = []

/** Runs the checks, some at once; each one's output is shown whole, and only when it fails. */
async function runChecks() {
  const waiting = [...CHECKS]
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const start = performance.now()
      const { ok, output } = await run(process.execPath, check.args)
      if (!ok) process.stdout.write(`\n${output.trimEnd()}\n\n`)
      say(`${check.name} ${ok ? 'passed' : 'FAILED'} (${since(start)})`)
      results.push({ name: check.name, ok, passed: Number(ok), failed: Number(!ok) })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/**
 * @param {string[]} args further arguments of Vitest
 * @returns {Promise<boolean>}
 */
async function vitest(args) {
  const { ok } = await run(process.execPath, [program('vitest'), 'run', '--config', 'vitest.workspace.ts', ...args], {
    show: true,
  })
  return ok
}

/** Every project, none left out: the reporter writes down what ran, and what is missing fails the run. */
async function runAllTests() {
  const report = join(state, 'tests.json')
  rmSync(report, { force: true })
  const guard = ['--allowOnly=false', '--reporter=default', '--reporter=./scripts/every-project.ts']
  const ok = await vitest(guard)
  let counts = { passed: 0, failed: 1, problems: ['Vitest ended without a report'] }
  try {
    counts = readJson(report)
  } catch {}
  for (const problem of counts.problems) say(problem)
  const failed = Math.max(counts.failed + counts.problems.length, ok ? 0 : 1)
  results.push({ name: 'tests', ok: failed === 0, passed: counts.passed, failed })
}

const [mode, ...args] = process.argv.slice(2)
const start = performance.now()

if (mode === 'test:unit' || args.length > 0) {
  const projects = mode === 'test:unit' ? UNIT.flatMap((name) => ['--project', name]) : []
  process.exitCode = (await vitest([...projects, ...args])) ? 0 : 1
} else {
  await runChecks()
  if (mode === 'test') await runAllTests()

  const broken = results.filter((result) => !result.ok).map((result) => result.name)
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed, 0)
  say(broken.length > 0 ? `FAILED: ${broken.join(', ')} (${since(start)})` : `all is well (${since(start)})`)
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  process.exitCode = broken.length > 0 ? 1 : 0
}
