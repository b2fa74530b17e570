// Prints the path of a Python that has Django with what its hashers and databases need, which judges what `@keystile/django` writes;
// where there is none, Debian's packages are installed. Exit code 1 in CI when there is none to be had; elsewhere a warning, and no path.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { aptInstall, tell } from './debian.mjs'

/** The Python to use: the one named in `KEYSTILE_DJANGO_PYTHON`, or else Debian's. */
const python = () => process.env.KEYSTILE_DJANGO_PYTHON || '/usr/bin/python3'

function findDjango() {
  const path = python()
  const modules = 'import argon2, bcrypt, django, MySQLdb, psycopg2'
  return existsSync(path) && spawnSync(path, ['-c', modules]).status === 0 ? path : undefined
}

/**
 * The path of a Python with Django, which is installed when the machine has none and is a Debian we are root on.
 *
 * @returns {string | undefined} undefined when there is none, except in CI
 * @throws {Error} in CI, when there is none
 */
export function ensureDjango() {
  const found = findDjango()
  if (found) return found

  const drivers = ['python3-psycopg2', 'python3-mysqldb']
  if (
    !process.env.KEYSTILE_DJANGO_PYTHON &&
    aptInstall('python3-django', 'python3-argon2', 'python3-bcrypt', ...drivers)
  ) {
    const installed = findDjango()
    if (installed) return installed
  }

  const message =
    'no Django with argon2, bcrypt, psycopg2 and MySQLdb to judge what is written: install them, or name a Python in KEYSTILE_DJANGO_PYTHON'
  if (process.env.CI) throw new Error(message)
  tell(`WARNING: ${message}; it does not judge`)
  return undefined
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const path = ensureDjango()
    if (path) process.stdout.write(`${path}\n`)
  } catch (error) {
    tell(/** @type {Error} */ (error).message)
    process.exitCode = 1
  }
}
