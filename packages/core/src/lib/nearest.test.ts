import { describe, expect, it } from 'vitest'
import { nearest } from './nearest.ts'

describe('the nearest name', () => {
  const names = ['emailAndPassword', 'emailVerification', 'baseURL', 'basePath', 'trustedOrigins']

  it.each([
    ['emailAndPasword', 'emailAndPassword'],
    ['emailPassword', 'emailAndPassword'],
    ['trustedOrigin', 'trustedOrigins'],
    ['trsutedOrigins', 'trustedOrigins'],
    ['baseUrl', 'baseURL'],
    ['bsaepath', 'basePath'],
    ['socialProviders', undefined],
    ['x', undefined],
    ['', undefined],
  ])('of %s is %s', (written, meant) => {
    expect(nearest(written, names)).toBe(meant)
  })
})
