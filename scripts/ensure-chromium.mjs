// Prints the path of a Chromium for the browser tests; where there is none, Debian's package is installed.
// Exit code 1 in CI when there is none to be had; elsewhere a warning, and no path.
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { aptInstall, tell } from './debian.mjs'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The browser to use: `KEYSTILE_CHROMIUM` before any other. */
function findChromium() {
  const chosen = process.env.KEYSTILE_CHROMIUM
  return chosen ? (existsSync(chosen) ? chosen : undefined) : PLACES.find((place) => existsSync(place))
}

/**
 * The path of a Chromium, which is installed when the machine has none and is a Debian we are root on.
 *
 * @returns {string | undefined} undefined when there is none, except in CI
 * @throws {Error} in CI, when there is none
 */
export function ensureChromium() {
  const found = findChromium()
  if (found) return found

  const installed = aptInstall('chromium') ? findChromium() : undefined
  if (installed) return installed

  const message = 'no Chromium for the browser tests: install it, or name one in KEYSTILE_CHROMIUM'
  if (process.env.CI) throw new Error(message)
  tell(`WARNING: ${message}; they are skipped`)
  return undefined
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const path = ensureChromium()
    if (path) process.stdout.write(`${path}\n`)
  } catch (error) {
    tell(/** @type {Error} */ (error).message)
    process.exitCode = 1
  }
}
