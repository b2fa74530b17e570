// Sets the workspace up, then runs one task: `node scripts/bootstrap.mjs <task> [arguments]`.
// It needs Node and npm, nothing else. What is done already is not done again, and then needs no network.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { npm, pnpmHome, program, readJson, root, run, say, since } from './run.mjs'

const LEAST_NODE = [20, 19]

/**
 * What each task runs, a script of ours or an app with its first arguments, and what is built first: `build` is turbo's filter.
 *
 * @type {Record<string, { script?: string, app?: string, args?: string[], build?: string }>}
 */
const TASKS = {
  demo: { app: 'demo', build: './apps/demo...' },
  'django-example': { app: 'django-example', build: './apps/django-example...' },
  bench: { app: 'bench', build: './apps/bench...' },
  trial: { app: 'trials', build: './apps/trials...' },
  soak: { app: 'trials', args: ['soak'], build: './apps/trials...' },
  test: { script: 'test.mjs', build: '*' },
  'test:unit': { script: 'test.mjs' },
  check: { script: 'test.mjs' },
  lint: { script: 'lint.mjs' },
  format: { script: 'lint.mjs' },
  mutation: { script: 'mutation.mjs' },
  pack: { script: 'pack.mjs', build: './packages/*' },
  build: { build: '*' },
}

/** A problem the reader can act on: told in one sentence, without a stack. */
class Stop extends Error {}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new Stop(
    `Node ${LEAST_NODE.join('.')} or newer is needed, this is ${process.versions.node}: https://nodejs.org`,
  )
}

/** turbo wants a real pnpm on the PATH, and npx asks the network again: so the pinned one is kept in the project. */
async function ensurePnpm() {
  const version = readJson(join(root, 'package.json')).packageManager.split('@')[1]
  const installed = join(pnpmHome, 'node_modules', 'pnpm', 'package.json')
  if (existsSync(installed) && readJson(installed).version === version) return

  const start = performance.now()
  mkdirSync(pnpmHome, { recursive: true })
  writeFileSync(join(pnpmHome, 'package.json'), '{ "private": true }\n')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline']
  const { ok, output } = await npm(['install', `pnpm@${version}`, '--prefix', pnpmHome, ...flags], { cwd: pnpmHome })
  if (!ok) throw new Stop(`pnpm ${version} could not be fetched. Is the npm registry within reach?\n\n${output}`)
  say(`pnpm ${version} fetched (${since(start)})`)
}

/** The folders of all packages, or of all apps. */
function foldersIn(/** @type {string} */ parent) {
  return readdirSync(join(root, parent))
    .map((name) => join(root, parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
}

/** Changes whenever an installation made from the same files could differ. */
function installFingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}`)
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'].map((name) => join(root, name))
  const folders = [...foldersIn('packages'), ...foldersIn('apps')]
  for (const file of [...files, ...folders.map((folder) => join(folder, 'package.json'))]) {
    hash.update(relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

async function ensureDependencies() {
  const stamp = join(root, 'node_modules', '.keystile')
  const fingerprint = installFingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return

  const start = performance.now()
  say('installing dependencies …')
  rmSync(stamp, { force: true })
  const pnpm = program('pnpm', 'pnpm', pnpmHome)
  // `--prod=false`: a NODE_ENV of production would leave out what builds and tests.
  const flags = ['--frozen-lockfile', '--prefer-offline', '--ignore-scripts', '--prod=false']
  const quiet = ['--reporter=append-only', '--config.confirm-modules-purge=false']
  const { ok, output } = await run(process.execPath, [pnpm, 'install', ...flags, ...quiet])
  if (!ok) throw new Stop(`the dependencies could not be installed.\n\n${output}`)
  writeFileSync(stamp, fingerprint)
  say(`dependencies installed (${since(start)})`)
}

/** tsc never removes what it wrote for a source that is gone or no longer built, and a tarball would carry it. */
function removeStaleOutput(/** @type {string} */ folder) {
  const dist = join(folder, 'dist')
  if (!existsSync(dist)) return
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(name)?.[1]
    if (source === undefined) continue
    const sources = ['.ts', '.tsx'].map((extension) => join(folder, 'src', source + extension))
    const built = sources.some(existsSync) && !/\.(test|bench)$|(^|[\\/])testing[\\/]/.test(source)
    if (!built) rmSync(join(dist, name))
  }
}

/** @param {string} filter */
async function build(filter) {
  const start = performance.now()
  for (const folder of foldersIn('packages')) removeStaleOutput(folder)
  const flags = [`--filter=${filter}`, '--output-logs=errors-only', '--log-order=grouped', '--ui=stream']
  const { ok, output } = await run(process.execPath, [program('turbo'), 'run', 'build', ...flags])
  if (!ok) throw new Stop(`the build failed.\n\n${output}`)
  say(`packages built (${since(start)})`)
}

/** The program of an app runs in this process, so that signals and exit codes are its own. */
function appEntry(/** @type {string} */ name) {
  const folder = join(root, 'apps', name)
  const manifest = join(folder, 'package.json')
  if (!existsSync(manifest)) throw new Stop(`there is no apps/${name}.`)
  process.chdir(folder)
  return join(folder, readJson(manifest).main)
}

/** npm starts a shell that starts us: a signal sent to npm ends these two alone, and a server would stay behind. */
function endWithParent() {
  const parent = process.ppid
  const watch = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM')
  setInterval(watch, 500).unref()
}

async function main() {
  checkNode()
  const [name = '', ...args] = process.argv.slice(2)
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined
  if (!task) throw new Stop(`unknown task ${JSON.stringify(name)}, try one of: ${Object.keys(TASKS).join(', ')}.`)

  await ensurePnpm()
  await ensureDependencies()
  if (task.build) await build(task.build)

  if (task.script) {
    process.argv = [process.execPath, join(root, 'scripts', task.script), name, ...args]
  } else if (task.app) {
    process.argv = [process.execPath, appEntry(task.app), ...(task.args ?? []), ...args]
    if (process.env.npm_lifecycle_event) endWithParent()
  } else {
    return
  }
  await import(pathToFileURL(process.argv[1] ?? '').href)
}

main().catch((error) => {
  process.exitCode = 1
  if (!(error instanceof Stop)) throw error
  process.stderr.write(`keystile: ${error.message}\n`)
})
