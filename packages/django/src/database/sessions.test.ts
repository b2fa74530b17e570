/** Sessions as rows of a store, on each database that is there. */
import { describe, expect, it } from 'vitest'
import { sessionHashes } from '../auth/session-hash.ts'
import { rowCodec } from '../sessions/codec.ts'
import { testDatabases } from '../testing/databases.ts'
import { account, hashOf, now, session, sessionOf, user, week } from './testing/model.ts'
import { secretKey, stage } from './testing/stage.ts'

const [hash, another] = [hashOf(0), hashOf(1)]

describe.each(testDatabases)('sessions on $name', (database) => {
  const { dialect } = database
  const { all, mark, opened, run, statements, withPassword } = stage(database)

  it('a session is one of Django’s, read with its user in one statement', async () => {
    const store = opened()
    const row = await withPassword(store)
    const made = await store.insertIf(session, sessionOf(row.id), account, {
      id: `credential:${row.id}`,
      password: hash,
    })
    expect(made).toEqual({ id: expect.stringMatching(/^session-/), ...sessionOf(row.id) })
    const [there] = await all('select d.*, u.last_login from django_session d, auth_user u')
    expect(there?.session_key).toMatch(/^[a-z0-9]{32}$/)
    expect({ ...rowCodec({ secretKey }).decode(String(there?.session_data)) }).toEqual({
      _auth_user_id: row.id,
      _auth_user_backend: 'django.contrib.auth.backends.ModelBackend',
      _auth_user_hash: sessionHashes({ secretKey }).make(hash),
    })
    expect(there?.last_login).toMatch(/^2026-01-02 03:04:05\.678/)
    statements.length = 0
    const onUser = { left: 'userId', right: 'id' }
    expect(await store.join(session, { token: 'h1.token' }, user, onUser)).toEqual([made, row])
    expect(statements).toHaveLength(1)
    expect(
      await store.insertIf(session, sessionOf(row.id, 'b'), account, { id: `credential:${row.id}`, password: another }),
    ).toBeNull()
    expect(await store.insertIf(session, sessionOf(row.id, 'b'), user, { id: '0' })).toBeNull()
    expect(await store.count(session, {})).toBe(1)
    await expect(store.insert(session, sessionOf(row.id))).rejects.toMatchObject({ fields: ['token'] })
    expect(await all('select * from django_session')).toHaveLength(1)
  })

  it('a session counts while its user is active and has the password it began with', async () => {
    const store = opened()
    const row = await withPassword(store)
    const made = await store.insert(session, sessionOf(row.id))
    const seen = () => store.find(session, { token: 'h1.token' })
    const set = (what: string) => run(`update auth_user set ${what}`)
    await set(`is_active = ${dialect === 'postgresql' ? 'false' : '0'}`)
    expect(await seen()).toBeNull()
    expect(await store.list(session, { userId: row.id })).toEqual([])
    expect(await store.insertIf(session, sessionOf(row.id, 'b'), account, { id: `credential:${row.id}` })).toBeNull()
    await set(`is_active = ${dialect === 'postgresql' ? 'true' : '1'}`)
    expect(await seen()).toEqual(made)
    await set(`password = '${another}'`)
    expect(await seen()).toBeNull()
    expect(await store.count(session, {})).toBe(0)
    expect(await store.update(session, { id: made.id }, { expiresAt: now })).toBeNull()
    await set(`password = '${hash}'`)
    expect(await seen()).toEqual(made)
    // Django knows keys that it signs with no more; who signs with another knows nothing of it.
    const rolled = opened({ secretKey: 'the new key', secretKeyFallbacks: [secretKey] })
    expect(await rolled.find(session, { token: 'h1.token' })).toEqual(made)
    expect(await opened({ secretKey: 'the new key' }).find(session, { token: 'h1.token' })).toBeNull()
    expect(await opened({ backends: ['a.b'] }).find(session, { token: 'h1.token' })).toBeNull()
    // What ends does so although it does not count.
    await set(`password = '${another}'`)
    expect(await store.remove(session, { userId: row.id })).toBe(1)
    expect(await all('select * from django_session')).toEqual([])
  })

  it('sessions of ours outlive a password that is changed here, with all that Django put in them', async () => {
    const store = opened()
    const row = await withPassword(store)
    for (const token of ['a', 'b']) await store.insert(session, sessionOf(row.id, token))
    const codec = rowCodec({ secretKey })
    const [there] = await all(
      "select d.* from django_session d join keystile_session k on k.session_key = d.session_key where token = 'a'",
    )
    const data = { ...codec.decode(String(there?.session_data)), cart: [9007199254740993n, 'é'] }
    await run(`update django_session set session_data = ${mark(1)} where session_key = ${mark(2)}`, [
      codec.encode(data),
      String(there?.session_key),
    ])
    await store.update(account, { id: `credential:${row.id}` }, { password: another })
    expect(await store.count(session, {})).toBe(2)
    const [kept] = await all(`select * from django_session where session_key = '${there?.session_key}'`)
    expect({ ...codec.decode(String(kept?.session_data)) }).toEqual({
      ...data,
      _auth_user_hash: sessionHashes({ secretKey }).make(another),
    })

    // A refresh moves the end alone, a new token the key.
    await store.update(session, { token: 'a' }, { expiresAt: new Date(week.getTime() + 1000) })
    const [moved] = await all(`select * from django_session where session_key = '${there?.session_key}'`)
    expect(moved).toEqual({ ...kept, expire_date: expect.stringMatching(/^2026-01-09 03:04:06\.678/) })
    expect(await store.update(session, { token: 'a' }, { token: 'c' })).toMatchObject({ token: 'c', ipAddress: '::1' })
    expect(await all(`select * from django_session where session_key = '${there?.session_key}'`)).toEqual([])
    expect(await store.find(session, { token: 'c' })).toMatchObject({ expiresAt: new Date(week.getTime() + 1000) })
    expect(await all('select * from django_session')).toHaveLength(2)
  })

  it('sign-in and change of password at once leave no session of the old one', async () => {
    const store = opened()
    const row = await withPassword(store)
    let current = hash
    for (let round = 0; round < 12; round++) {
      const from = current
      const to = from === hash ? another : hash
      const id = `credential:${row.id}`
      const signIn = (n: number) =>
        store.insertIf(session, sessionOf(row.id, `${round}-${n}`), account, { id, password: from })
      const change = store.transaction(async (tx) => {
        const changed = await tx.update(account, { id, password: from }, { password: to })
        await tx.remove(session, { userId: row.id })
        return changed
      })
      await Promise.all([signIn(0), change, signIn(1)])
      current = to
      expect(await store.count(session, {})).toBe(0)
      expect(await all('select * from django_session')).toEqual([])
    }
  })

  it('one that has ended stays ended, whatever the password becomes', async () => {
    const store = opened()
    const row = await withPassword(store)
    await store.insert(session, sessionOf(row.id, 'old'))
    await run(`update auth_user set password = '${another}'`)
    expect(await store.find(session, { token: 'old' })).toBeNull()
    await store.insert(session, sessionOf(row.id, 'new'))
    await store.update(account, { userId: row.id, providerId: 'credential' }, { password: hashOf(2) })
    expect(await store.list(session, {})).toMatchObject([{ token: 'new' }])
  })

  it('begins for nobody who is not there, or not active', async () => {
    const store = opened()
    const row = await withPassword(store)
    await run(`update auth_user set is_active = ${dialect === 'postgresql' ? 'false' : '0'}`)
    await expect(store.insert(session, sessionOf(row.id))).rejects.toMatchObject({ code: 'USER_GONE' })
    await expect(store.insert(session, sessionOf('99'))).rejects.toMatchObject({ code: 'USER_GONE' })
    expect(await all('select * from django_session')).toEqual([])
  })
})
