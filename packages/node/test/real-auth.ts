/** An auth as apps make it, in memory and in production, for the length of a test. */
import { createAuth, type Options } from '@keystile/core'
import { onTestFinished } from 'vitest'

/** `logged`: every line of its log. */
export function realAuth(options: Partial<Options> = {}) {
  const logged: unknown[] = []
  const auth = createAuth({
    database: ':memory:',
    baseURL: 'https://app.example.com',
    secret: 'vB8-nQ3z_Kd6Xw1Tr5Lf0Yj9HmPcGs2E',
    env: {},
    logger: { level: 'debug', log: (...line) => logged.push(line) },
    ...options,
  })
  onTestFinished(() => auth.close())
  return { auth, logged }
}
