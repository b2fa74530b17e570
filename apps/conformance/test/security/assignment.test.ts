import type { Options } from '@keystile/core'
import { describe, expect, it } from 'vitest'
import { bodyPaths, open, postPaths, v, w } from './support.ts'

const json = { 'content-type': 'application/json' }
const ownKeys = (value: object) => Reflect.ownKeys(value).map(String).sort()

/** Objects whose prototype is polluted by naive merging, at depths one to four. */
const payload = '{"polluted":"yes","role":"admin","input":true}'
const pollutions = [
  `"__proto__":${payload}`,
  `"constructor":{"prototype":${payload}}`,
  `"\\u005f_proto__":${payload}`,
].flatMap((pair) => [
  pair,
  `"a":{${pair}}`,
  `"a":{"b":[{${pair}}]}`,
  `"a":{"b":{"c":{${pair}}}}`,
  `"meta":{${pair}}`,
  `"meta":{"a":{"b":{${pair}}}}`,
])

describe('assignment', () => {
  it('MA-01 lets no body reach a prototype', async () => {
    const site = await open({ user: { additionalFields: { meta: { type: 'json', required: false } } } })
    const before = [Object.prototype, Array.prototype, Function.prototype].map(ownKeys)
    const whole = { ...w, token: 'x', currentPassword: v.password, newPassword: v.password }
    for (const path of postPaths) {
      for (const [i, pollution] of pollutions.entries()) {
        const caller = await site.signedIn()
        const rest = JSON.stringify({ ...whole, email: `${i}@example.com` }).slice(1)
        const answer = await caller.post(path, `{${pollution},${rest}`, json)
        expect(answer.text).not.toContain('polluted')
        expect((await caller.get('/get-session')).text).not.toContain('polluted')
        await caller.post('/update-user', `{${pollution}}`, json)
      }
    }
    await site.browser().post('/sign-in/email', '__proto__=x&__proto__[polluted]=yes&constructor=y', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    await site.browser().get('/get-session?__proto__[polluted]=yes&__proto__=x&constructor[prototype][polluted]=yes')
    expect([Object.prototype, Array.prototype, Function.prototype].map(ownKeys)).toEqual(before)
    for (const name of ['polluted', 'role', 'input']) expect(Reflect.get({}, name)).toBeUndefined()
    // Nor is the key kept where it could be merged later.
    expect(await site.dump()).not.toMatch(/polluted|__proto__|prototype/)
    for (const row of await site.rows('user')) expect(Object.getPrototypeOf(row.meta ?? {})).toBe(Object.prototype)
  })

  it('MA-02 lets no options reach a prototype', async () => {
    const before = ownKeys(Object.prototype)
    const polluted = (text: string) => JSON.parse(text) as object
    const site = await open({
      user: {
        additionalFields: polluted(
          '{"__proto__":{"role":{"type":"string"}},"plan":{"type":"string","required":false,"__proto__":{"input":false}}}',
        ),
      },
      session: { additionalFields: polluted('{"__proto__":{"role":{"type":"string","required":false}}}') },
      plugins: [
        {
          id: 'careless',
          fields: { user: polluted('{"__proto__":{"badge":{"type":"string","required":false}}}') as never },
        },
      ],
      advanced: polluted(
        '{"__proto__":{"disableCSRFCheck":true},"cookies":{"__proto__":{"session_token":{"name":"taken"}}}}',
      ) as never,
      rateLimit: { enabled: true, max: 1000, customRules: polluted('{"__proto__":{"/sign-in/email":false}}') as never },
      databaseHooks: polluted('{"__proto__":{"user":{}}}') as never,
      hooks: {
        before: ({ path }) =>
          path === '/update-user'
            ? { context: { body: polluted('{"__proto__":{"badge":"1"},"constructor":{"prototype":{"badge":"1"}}}') } }
            : undefined,
      },
    } as Partial<Options>)
    const caller = await site.signedIn()
    expect([...caller.jar.keys()]).toEqual(['better-auth.session_token'])
    expect((await caller.post('/update-user', { name: 'V', plan: 'pro', role: 'admin', badge: '1' })).status).toBe(200)
    expect((await caller.post('/update-user', { name: 'V' }, { origin: 'https://evil.example' })).status).toBe(403)
    const { user, session } = (await caller.get('/get-session')).json
    expect(user).toMatchObject({ plan: 'pro' })
    for (const shown of [user, session])
      for (const name of ['role', 'badge', 'input']) expect(Reflect.get(shown ?? {}, name)).toBeUndefined()
    expect(JSON.stringify(await site.rows('user'))).not.toMatch(/admin|badge/)
    expect(ownKeys(Object.prototype)).toEqual(before)
  })

  it('MA-05 sets no field of the core that is not for its owner to set', async () => {
    const site = await open()
    const [old] = await site.rows('user')
    const caller = await site.signedIn()
    const taken = {
      emailVerified: true,
      role: 'admin',
      banned: false,
      id: 'chosen',
      createdAt: new Date(0),
      updatedAt: new Date(0),
      password: 'x',
    }
    expect(await caller.post('/update-user', { ...taken, email: 'new@example.com' })).toMatchObject({
      status: 400,
      json: { code: 'EMAIL_CAN_NOT_BE_UPDATED' },
    })
    expect(await caller.post('/update-user', taken)).toMatchObject({
      status: 400,
      json: { message: 'No fields to update' },
    })
    expect((await caller.post('/update-user', { ...taken, name: 'Changed' })).status).toBe(200)
    expect(await site.rows('user')).toEqual([{ ...old, name: 'Changed', updatedAt: new Date(site.clock.now) }])
    const up = await site
      .browser()
      .signUp({ ...w, ...taken, password: w.password, userId: old?.id, token: 'chosen', expiresAt: '2099-01-01' })
    expect(up.status).toBe(200)
    const made = (await site.rows('user')).find(({ email }) => email === w.email)
    expect(made).toMatchObject({ emailVerified: false, createdAt: new Date(site.clock.now) })
    expect(made?.id).not.toBe('chosen')
    expect(made).not.toHaveProperty('role')
    expect(await site.dump()).not.toMatch(/chosen|admin|2099/)
  })

  it('MA-09 drops keys it does not know, and refuses them where the preset is strict', async () => {
    const extra = { unknown: 'canary', nested: { unknown: 'canary' }, list: ['canary'] }
    const whole: Record<string, object> = {
      '/sign-up/email': { ...w, plan: 'pro' },
      '/sign-in/email': { email: v.email, password: v.password },
      '/sign-out': {},
      '/revoke-session': { token: 'x' },
      '/update-user': { name: 'Changed', plan: 'pro' },
      '/change-password': { currentPassword: v.password, newPassword: v.password },
      '/verify-password': { password: v.password },
    }
    const fields = { user: { additionalFields: { plan: { type: 'string', required: false } } } } as const
    const site = await open(fields)
    const strict = await open({ ...fields, preset: 'strict' })
    for (const path of bodyPaths) {
      const dropped = await (await site.signedIn()).post(path, { ...whole[path], ...extra })
      expect(dropped.status, path).toBe(200)
      expect(dropped.text).not.toContain('canary')
      const before = await strict.dump()
      const refused = await (await strict.signedIn()).post(path, { ...whole[path], ...extra })
      expect(refused, path).toMatchObject({ status: 400, json: { code: 'VALIDATION_ERROR' } })
      expect(refused.json.message).toContain('"unknown"')
      await strict.domain.store.remove(strict.domain.tables.session, {})
      expect(await strict.dump()).toBe(before)
      expect((await (await strict.signedIn()).post(path, whole[path])).status, path).toBe(200)
      await strict.domain.store.remove(strict.domain.tables.session, {})
    }
    expect(await site.dump()).not.toContain('canary')
    expect(await strict.dump()).not.toContain('canary')
  })
})
