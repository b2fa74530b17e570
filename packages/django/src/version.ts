import { DjangoError } from './errors.ts'

/** The releases whose forms are known, the oldest first. */
export const DJANGO_VERSIONS = [
  '2.2',
  '3.0',
  '3.1',
  '3.2',
  '4.0',
  '4.1',
  '4.2',
  '5.0',
  '5.1',
  '5.2',
  '6.0',
  '6.1',
] as const

/** A release of Django, whose forms are written. Reading takes the forms of all. */
export type DjangoVersion = (typeof DJANGO_VERSIONS)[number]

/** What is written unless a version is named. */
export const NEWEST_DJANGO: DjangoVersion = '6.1'

/**
 * Whether `version` is `least` or newer.
 *
 * @throws {DjangoError} `UNKNOWN_VERSION`
 */
export function since(version: DjangoVersion, least: DjangoVersion): boolean {
  const at = DJANGO_VERSIONS.indexOf(version)
  if (at < 0) throw new DjangoError('UNKNOWN_VERSION', `djangoVersion is one of ${DJANGO_VERSIONS.join(', ')}`)
  return at >= DJANGO_VERSIONS.indexOf(least)
}

/** The HMAC of Django's own values: SHA-1 before 3.1. */
export function hmacOf(version: DjangoVersion): 'sha1' | 'sha256' {
  return since(version, '3.1') ? 'sha256' : 'sha1'
}
