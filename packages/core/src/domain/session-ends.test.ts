import { expect, it } from 'vitest'
import { sessionEnds } from './session-ends.ts'
import type { SessionSettings } from './settings.ts'

const day = 86_400_000
const now = Date.UTC(2026, 0, 1)
const { isLive } = sessionEnds({ expiresIn: 7 * 86400, updateAge: 86400, absoluteExpiresIn: false } as SessionSettings)

it.each([
  [0, true],
  [31 * day, true],
  [31 * day + 1, false],
])('a session that begins in %d ms counts: %s', (ahead, live) => {
  const createdAt = new Date(now + ahead)
  expect(isLive({ createdAt, expiresAt: new Date(now + 100 * day), absoluteExpiresAt: null }, now)).toBe(live)
})
