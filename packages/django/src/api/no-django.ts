import { ConfigError } from '@keystile/core'

/** What a scheme or an endpoint says at start that was given no Django. */
export const noDjango = (owner: string): ConfigError =>
  new ConfigError([
    {
      code: 'DJANGO_MISSING',
      message: `${owner}: it knows no Django whose users and sessions it could read`,
      seen: 'no django option',
      expected: 'what django(…) returned',
      fix: 'pass it: { django: django({ driver, secretKey }) }',
    },
  ])
