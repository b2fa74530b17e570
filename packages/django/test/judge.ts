/** Django itself, as Debian has it, which judges what is written here. */
import { spawnSync } from 'node:child_process'
import { ensureDjango } from '../../../scripts/ensure-django.mjs'

export interface Item {
  readonly kind: string
  readonly [field: string]: unknown
}

/** Of the judge's machine; `undefined` where there is no Django. */
export const python = ensureDjango()

export const secretKey = 'a key of the judge: ключ-ü !@#$%^&*()'

/**
 * What Django says to these items: its lines, the last of which sums up.
 *
 * @param database as Django's settings have it, for items that look at one
 */
export function judge(items: readonly Item[], args: readonly string[] = [], database = {}) {
  const script = new URL('judge.py', import.meta.url).pathname
  const input = JSON.stringify({ secret_key: secretKey, secret_key_fallbacks: [], database, items })
  const { status, stdout, stderr } = spawnSync(python ?? '', [script, ...args], { input, encoding: 'utf8' })
  if (stderr) throw new Error(stderr)
  return {
    status,
    lines: stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  }
}
