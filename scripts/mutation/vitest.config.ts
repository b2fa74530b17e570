// What judges a mutant: the unit tests of the core and the wire, scheme, security and race tests over its handler.
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { project } from '../../vitest.workspace.ts'

/** Stryker tests a copy of the workspace, whose links still lead to the original: packages are looked up in the copy. */
const packagesOfTheCopy: Plugin = {
  name: 'packages-of-the-copy',
  enforce: 'pre',
  resolveId(id) {
    const [, name, path = ''] = /^@keystile\/([^/]+)(\/.+)?$/.exec(id) ?? []
    if (name === undefined) return null
    const folder = resolve('packages', name)
    const { exports } = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8'))
    return resolve(folder, exports[`.${path}`]['@keystile/source'])
  },
}

/**
 * Those that need no server before those whose servers change what is global, as all share one worker. Then the
 * quickest: the first test that fails ends the trial of a mutant.
 */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { cache, config } = this.ctx
    const order = ({ project, moduleId }: TestSpecification) => {
      const known = cache.getFileTestResults(`${project.name}:${relative(config.root, moduleId)}`)
      const last = /\/(security|races)\//.test(moduleId) ? 1e9 : 0
      return last + (known?.duration ?? 0)
    }
    return files.toSorted((a, b) => order(a) - order(b))
  }
}

const tests = ['packages/core/src/**/*.test.ts', 'apps/conformance/test/{wire,schemes,security,races}/*.test.ts']
/** About packages, sockets and load, or what others ask already. */
const left = ['adapters', 'connections', 'coverage', 'fuzz', 'load', 'misc', 'renamed', 'supply', 'frameworks']

export default defineConfig({
  ...project('judges', tests, {
    exclude: ['**/node_modules/**', ...left.map((name) => `**/${name}.test.ts`)],
    sequence: { sequencer: QuickestFirst },
    isolate: false,
    setupFiles: 'scripts/mutation/slow-clock.ts',
    testTimeout: 60_000,
  }),
  plugins: [packagesOfTheCopy],
  cacheDir: 'artifacts/vite',
})
