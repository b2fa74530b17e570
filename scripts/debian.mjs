// Debian's packages, for what the tests need and npm does not carry.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** @param {string} text */
export const tell = (text) => process.stderr.write(`keystile: ${text}\n`)

/** @param {string[]} args */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('apt-get', args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status !== 0) tell(`apt-get ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return status === 0
}

/**
 * Installs packages, where this is a Debian we are root on.
 *
 * @param {string[]} names
 * @returns {boolean} whether they are installed now
 */
export function aptInstall(...names) {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return false
  tell(`installing from Debian: ${names.join(' ')}, which takes a minute …`)
  return aptGet(['update', '-q']) && aptGet(['install', '-y', '-q', '--no-install-recommends', ...names])
}
