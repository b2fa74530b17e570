import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly scripts?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly exports: Record<string, unknown>
}

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesOf(path) : [path]
  })
}

/** Where a package finds another that it depends on; undefined where it is not installed on this platform. */
function installed(from: string, name: string): string | undefined {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    if (existsSync(path)) return realpathSync(path)
  }
  return undefined
}

/** What an app that has these packages gets with them: folders by name and version. */
function installedWith(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (folder: string): void => {
    const { dependencies, optionalDependencies } = manifestOf(folder)
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const path = installed(folder, name)
      expect(path ?? Object.hasOwn(optionalDependencies ?? {}, name), `${name} of ${folder}`).toBeTruthy()
      if (!path || packages.includes(path)) continue
      const key = `${name}@${manifestOf(path).version}`
      if (found.has(key)) continue
      found.set(key, path)
      visit(path)
    }
  }
  folders.forEach(visit)
  return found
}

describe('what the packages are made of', () => {
  it('SP-01 takes few dependencies, free to use, that run nothing at install', () => {
    const taken = installedWith(packages)
    const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
    const size = [...taken.values()].flatMap(filesOf).reduce((sum, file) => sum + statSync(file).size, 0)
    expect(taken.size).toBeGreaterThan(5)
    expect(taken.size).toBeLessThan(30)
    expect(size / 2 ** 20).toBeLessThan(50)
    for (const [key, folder] of taken) {
      const { license, scripts = {} } = manifestOf(folder)
      expect(license, key).toMatch(/^(?:MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|Unlicense)$/)
      for (const moment of ['preinstall', 'install', 'postinstall']) expect(scripts[moment], key).toBeUndefined()
      expect(existsSync(join(folder, 'binding.gyp')), key).toBe(false)
      expect(lock, key).toMatch(
        new RegExp(`\\n  '?${key.replace(/[.+]/g, '\\$&')}'?:\\n    resolution: \\{integrity: sha512-`),
      )
    }
  })

  it('SP-03 makes no code of text, and starts no process', () => {
    const forbidden: readonly (readonly [string, RegExp])[] = [
      ['eval', /(?<![.\w])eval\s*\(/],
      ['Function', /(?<![.\w])(?:new\s+)?Function\s*\(/],
      ['a timer of text', /set(?:Timeout|Interval)\s*\(\s*['"`]/],
      ['import of what is not written out', /(?<![.\w])(?:import|require)\s*\((?!\s*'[^']*'\s*\))/],
      ['another process or context', /['"](?:node:)?(?:child_process|vm|cluster|worker_threads)['"]/],
    ]
    const faultsOf = (text: string) => forbidden.filter(([, pattern]) => pattern.test(code(text))).map(([name]) => name)
    const samples = ["eval('1')", 'new Function(x)', "setTimeout('x')", 'import(name)', "import 'node:child_process'"]
    expect(samples.map(faultsOf)).toEqual(forbidden.map(([name]) => [name]))
    const files = packages.flatMap((folder) => filesOf(join(folder, 'src')))
    const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.(?:test|bench)\.|\/testing\//.test(file))
    expect(sources.length).toBeGreaterThan(100)
    for (const file of sources) {
      const text = readFileSync(file, 'utf8')
      // Here an import is hidden from bundlers: its callers write the name out.
      const hidden = /const load = \(name: string\)[^\n]*import\(.*\bname\)/
      expect(faultsOf(text.replace(hidden, '')), file).toEqual([])
      if (hidden.test(text)) expect(text.match(/\bload\((?!'(?:node|bun):sqlite'\))/g), file).toBeNull()
    }
  })

  it('SP-07 can be used by its entry points alone', () => {
    const entries = new Set<string>()
    const names = new Set(packages.map((folder) => manifestOf(folder).name))
    for (const folder of packages) {
      const { name, exports } = manifestOf(folder)
      for (const [path, to] of Object.entries(exports)) {
        expect(path, name).toMatch(/^\.(?:\/[\w-]+)*(?:\/package\.json)?$/)
        entries.add(name + path.slice(1))
        if (path.endsWith('.json')) continue
        // Types and code of an entry are made of one source.
        const { '@keystile/source': source = '', types = '', ...code } = to as Record<string, string>
        expect(existsSync(join(folder, source)), `${name}: ${path}`).toBe(true)
        const stem = source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '')
        expect([types, code.default], `${name}: ${path}`).toEqual([`${stem}.d.ts`, `${stem}.js`])
      }
    }
    const { resolve } = createRequire(import.meta.url)
    for (const path of ['core/src/index.ts', 'core/dist/auth.js', 'node/src/serve.ts', 'core/package']) {
      expect(() => resolve(`@keystile/${path}`)).toThrow(
        expect.objectContaining({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }),
      )
    }
    const users = ['apps/docs', 'apps/demo/src', 'apps/conformance'].flatMap((folder) => filesOf(join(root, folder)))
    const imports = [join(root, 'README.md'), ...users]
      .filter((file) => /\.(?:md|tsx?)$/.test(file))
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(@keystile\/[^']+)'/g)].map(
          ([, name = '']) => name,
        ),
      )
    // Apps are no packages: what they have of each other is theirs.
    const ours = imports.filter((name) => names.has(name.split('/').slice(0, 2).join('/')))
    expect(ours.length).toBeGreaterThan(50)
    expect(ours.filter((name) => !entries.has(name))).toEqual([])
  })

  it('SP-04 gives no workflow of others a say', () => {
    const faultsOf = (text: string) =>
      [
        /pull_request_target|workflow_run/.test(text) && 'runs with our rights on the code of others',
        [...text.matchAll(/uses:\s*(\S+)/g)].some(([, action = '']) => !/^\.\/|@[\da-f]{40}$/.test(action)) &&
          'unpinned action',
        (/write-all|contents:\s*write/.test(text) || (/^jobs:/m.test(text) && !/^permissions:/m.test(text))) &&
          'a token that writes',
        /curl[^\n|]*\|\s*(?:ba)?sh/.test(text) && 'runs what it downloads',
      ].filter(Boolean)
    const bad = [
      'on: pull_request_target',
      'uses: actions/checkout@v4',
      'permissions: write-all',
      'jobs:\n  a:',
      'curl x | sh',
    ]
    for (const text of bad) expect(faultsOf(text), text).toHaveLength(1)
    const places = ['.ci', '.github', '.gitlab-ci.yml', '.circleci', 'azure-pipelines.yml', 'Jenkinsfile']
    const found = places.map((name) => join(root, name)).filter((path) => existsSync(path))
    const files = found.flatMap((path) => (statSync(path).isDirectory() ? filesOf(path) : [path]))
    expect(files).toContain(join(root, '.ci/run'))
    for (const file of files) expect(faultsOf(readFileSync(file, 'utf8')), file).toEqual([])
  })
})

/** A source without its comments. */
const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
