import { remember } from '@keystile/core/store'
import type { JoinedRow } from '../sql/joined.ts'
import type { StoredUsers } from './users.ts'

/** Whose a session was when it was read last. It says what to read along with the session, never who is signed in. */
export interface KnownUsers {
  /** The row of the user whose the session of that key was. */
  joined(key: string): JoinedRow | undefined
  remember(key: string, id: string): void
}

const MOST = 5000

export function knownUsers(users: Pick<StoredUsers, 'joined'>): KnownUsers {
  const ids = new Map<string, string>()
  return {
    joined(key) {
      const id = ids.get(key)
      return id === undefined ? undefined : users.joined(id)
    },
    remember(key, id) {
      if (ids.get(key) !== id) remember(ids, key, id, MOST)
    },
  }
}
