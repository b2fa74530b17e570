/** When a session ends: by itself, at the latest, and after a refresh. All in milliseconds since the epoch. */
import type { SessionRow } from './model.ts'
import type { SessionSettings } from './settings.ts'

type Ends = Pick<SessionRow, 'createdAt' | 'expiresAt' | 'absoluteExpiresAt'>

export interface SessionEnds {
  /** The end that no refresh passes. */
  absoluteEnd(session: Ends): number
  /**
   * Whether neither end has come. A session that began more than a month from now was opened while a clock was wrong, and
   * would live as much too long: it does not count.
   */
  isLive(session: Ends, now: number): boolean
  /** The end a refresh would give now; the present one when none is due. */
  refreshedEnd(session: Ends, now: number): number
}

const month = 31 * 86_400_000

export function sessionEnds({ expiresIn, updateAge, absoluteExpiresIn }: SessionSettings): SessionEnds {
  const absoluteEnd = (session: Ends) =>
    absoluteExpiresIn === false
      ? Number.POSITIVE_INFINITY
      : (session.absoluteExpiresAt?.getTime() ?? session.createdAt.getTime() + absoluteExpiresIn * 1000)
  return {
    absoluteEnd,
    isLive: (session, now) =>
      session.expiresAt.getTime() > now && absoluteEnd(session) > now && session.createdAt.getTime() <= now + month,
    refreshedEnd(session, now) {
      const end = session.expiresAt.getTime()
      if (end - (expiresIn - updateAge) * 1000 > now) return end
      return Math.max(end, Math.min(now + expiresIn * 1000, absoluteEnd(session)))
    },
  }
}
