import { expect, it } from 'vitest'
import { memoryAdapter } from '../store/memory-adapter.ts'
import { openStore } from '../store/open.ts'
import { createAccounts } from './accounts.ts'
import { type AccountRow, accountTable, userTable } from './model.ts'

const now = new Date(Date.UTC(2026, 0, 1))

/** The accounts where these rows are kept, each a credential account unless it says otherwise. */
async function site(...rows: readonly Partial<AccountRow>[]) {
  let made = 0
  const store = openStore(memoryAdapter({}), {
    tables: [userTable, accountTable],
    makeId: () => `${++made}`,
    idType: 'text',
  })
  const accounts = createAccounts(store, { user: userTable, account: accountTable })
  for (const [n, row] of rows.entries()) {
    await store.insert(accountTable, { ...accounts.credentialRow(`user ${n}`, 'hash', now), ...row })
  }
  return accounts
}

it('the credential account of a user is theirs by both ids', async () => {
  const { credentialOf } = await site({ userId: 'ada' }, { userId: 'bob', accountId: 'bob' })
  expect(await credentialOf('bob')).toMatchObject({ userId: 'bob', accountId: 'bob' })
  expect(await credentialOf('ada')).toBe(null)
})

it('other hashes are those of passwords that do not begin as ours do', async () => {
  const { otherHashes } = await site(
    { password: '$ours$1' },
    { password: '$theirs$2' },
    { password: null },
    { password: '$elsewhere$3', providerId: 'elsewhere' },
  )
  expect(await otherHashes('$ours$')).toEqual(['$theirs$2'])
})

it('of other hashes twenty are looked at', async () => {
  const { otherHashes } = await site(...Array.from({ length: 21 }, () => ({})))
  expect(await otherHashes('$ours$')).toHaveLength(20)
})
