import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** What set-up and checks leave behind; ignored by git. */
export const state = join(root, '.keystile')
export const pnpmHome = join(state, 'pnpm')

/** @param {string} file */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))

/**
 * The environment of every child: the pinned pnpm first on the PATH (turbo looks for it there), and no tool phoning home.
 */
export const childEnv = {
  ...process.env,
  PATH: [join(pnpmHome, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  npm_config_update_notifier: 'false',
}

/**
 * Runs a program without a stdin. With `show` its output goes straight to the terminal, else it is collected.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, show?: boolean, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, { cwd = root, show = false, env = childEnv } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    })
    let output = ''
    const collect = (/** @type {Buffer} */ chunk) => {
      output += chunk
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', (error) => resolve({ ok: false, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/**
 * The arguments that start a package's program with node itself, which also holds where `.bin` has `.cmd` files.
 *
 * @param {string} name the package
 * @param {string} [program] which of its programs, when it has several
 * @param {string} [from] the folder whose node_modules is meant
 */
export function program(name, program = name, from = root) {
  const folder = join(from, 'node_modules', name)
  const { bin } = readJson(join(folder, 'package.json'))
  return join(folder, typeof bin === 'string' ? bin : bin[program])
}

/**
 * Runs `npm`, through the very npm that started us where there is one.
 *
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 */
export function npm(args, options) {
  const cli = process.env.npm_execpath ?? ''
  const own = /npm-cli\.c?js$/.test(cli) && existsSync(cli)
  return own ? run(process.execPath, [cli, ...args], options) : run('npm', args, options)
}

/** @param {string} text */
export const say = (text) => process.stdout.write(`keystile: ${text}\n`)

/** @param {number} start a `performance.now()` */
export const since = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`
