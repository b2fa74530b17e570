import type { Domain, UserRow } from '@keystile/core'

export interface NamedUser extends UserRow {
  readonly username: string | null
}

/** The user who has a name, given in its stored form. */
export function userNamed(domain: Domain, username: string): Promise<UserRow | null> {
  return domain.store.find<UserRow>(domain.tables.user, { username } as object)
}
