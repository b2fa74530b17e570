import { ConfigError } from '@keystile/core'
import type { Django } from '../django.ts'

/**
 * What a scheme or an endpoint was given.
 *
 * @throws {ConfigError} `DJANGO_MISSING`, at start, where `owner` was given none
 */
export function needDjango(django: Django | undefined, owner: string): Django {
  if (django) return django
  throw new ConfigError([
    {
      code: 'DJANGO_MISSING',
      message: `${owner}: it knows no Django whose users and sessions it could read`,
      seen: 'no django option',
      expected: 'what django(…) returned',
      fix: 'pass it: { django: django({ driver, secretKey }) }',
    },
  ])
}

/** An endpoint that says at start that it was given none. */
export const boundTo = <E extends object>(django: Django | undefined, owner: string, endpoint: E) => ({
  ...endpoint,
  bind() {
    needDjango(django, owner)
    return {}
  },
})
