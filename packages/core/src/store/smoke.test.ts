import fs from 'node:fs'
import { expect, it } from 'vitest'
import { accountTable, rateLimitTable, sessionTable, userTable, verificationTable } from '../domain/model.ts'
import { openStore } from './open.ts'

for (const db of [':memory:', '/tmp/sp/smoke.db'])
  it(db, async () => {
    if (db !== ':memory:') for (const s of ['', '-wal', '-shm']) fs.rmSync(db + s, { force: true })
    let n = 0
    const store = openStore(db, {
      tables: [userTable, sessionTable, accountTable, verificationTable, rateLimitTable] as never,
      makeId: () => `id${n++}`,
      idType: 'text',
    })
    const t0 = performance.now()
    await store.ready()
    console.log('ready', performance.now() - t0, store.findings)
    const now = new Date()
    const user = await store.insert(userTable, { name: 'n', email: 'a@b', createdAt: now, updatedAt: now })
    console.log(user)
    const s = await store.insert(sessionTable, {
      token: 'h1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      userId: user.id,
      expiresAt: now,
      createdAt: now,
      updatedAt: now,
    })
    const token = s.token
    console.log(await store.join(sessionTable, { token }, userTable, { left: 'userId', right: 'id' }))
    for (let k = 0; k < 4; k++) {
      const t = performance.now()
      for (let i = 0; i < 50000; i++)
        await store.join(sessionTable, { token }, userTable, { left: 'userId', right: 'id' })
      console.log(db, 'join us', (performance.now() - t) / 50)
    }
    {
      const t = performance.now()
      for (let i = 0; i < 20000; i++) await store.update(sessionTable, { token }, { updatedAt: now })
      console.log(db, 'update us', (performance.now() - t) / 20)
    }
    await store.close()
    expect(1).toBe(1)
  })
