import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'

/**
 * Writes down what a whole run did (`.keystile/tests.json`) and names what a green run would hide:
 * a project of which nothing ran, a test file of no project, and a test skipped without a reason (`skip('why')`).
 */
export default class EveryProject implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (!this.#vitest) return
    const ran = new Map(this.#vitest.projects.map((project) => [project.name, 0]))
    const problems: string[] = []
    let passed = 0
    let failed = 0

    for (const module of modules) {
      const tests = [...module.children.allTests()]
      // A file that throws while it loads has no tests that could fail.
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) failed++
      for (const test of tests) {
        const result = test.result()
        if (result.state === 'passed') passed++
        if (result.state === 'failed') failed++
        if (result.state === 'pending') problems.push(`never ran: ${test.fullName}`)
        if (result.state === 'skipped') {
          if (result.note) console.log(`skipped: ${test.fullName}: ${result.note}`)
          else problems.push(`skipped without a reason: ${test.fullName} (${module.relativeModuleId})`)
          continue
        }
        ran.set(module.project.name, (ran.get(module.project.name) ?? 0) + 1)
      }
    }

    for (const [name, count] of ran) {
      console.log(`project ${name}: ${count} tests`)
      if (count === 0) problems.push(`no test of the project "${name}" ran`)
    }
    const files = new Set(modules.map((module) => module.moduleId))
    for (const file of testFiles(this.#vitest.config.root)) {
      if (!files.has(file)) problems.push(`of no project: ${file}`)
    }
    const file = join(this.#vitest.config.root, '.keystile', 'tests.json')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify({ passed, failed, problems }, undefined, 2)}\n`)
  }
}

function testFiles(root: string): string[] {
  return ['packages', 'apps', 'scripts']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
    )
    .filter((name) => /\.test\.tsx?$/.test(name) && !/[\\/](node_modules|dist)[\\/]/.test(name))
}
