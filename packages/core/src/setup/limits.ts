/** Whether rate limits are numbers that limit something. */
import type { Options } from '../contract/options.ts'
import type { AnyPlugin } from '../contract/plugin.ts'
import type { Problem } from '../lib/errors.ts'

export function checkLimits({ rateLimit = {} }: Options, plugins: readonly AnyPlugin[], problems: Problem[]): void {
  const check = (place: string, name: 'window' | 'max', value: number | undefined) => {
    if (value === undefined || (Number.isFinite(value) && (name === 'max' ? value >= 0 : value > 0))) return
    problems.push({
      code: 'RATE_LIMIT_INVALID',
      message: `${place}.${name} is no limit`,
      seen: String(value),
      expected: name === 'max' ? 'a finite number from 0' : 'a finite number of seconds over 0',
      fix: `write ${name}: ${name === 'max' ? 100 : 10}${place.includes('customRules') ? ', or false for a path without a limit' : ''}`,
    })
  }
  check('rateLimit', 'window', rateLimit.window)
  check('rateLimit', 'max', rateLimit.max)
  for (const [path, rule] of Object.entries(rateLimit.customRules ?? {})) {
    if (typeof rule !== 'object' || path === '__proto__') continue
    check(`rateLimit.customRules['${path}']`, 'window', rule.window ?? Number.NaN)
    check(`rateLimit.customRules['${path}']`, 'max', rule.max ?? Number.NaN)
  }
  for (const { id, rateLimits = [] } of plugins) {
    for (const { window, max } of rateLimits) {
      check(`the rate limit of plugin ${id}`, 'window', window)
      check(`the rate limit of plugin ${id}`, 'max', max)
    }
  }
}
