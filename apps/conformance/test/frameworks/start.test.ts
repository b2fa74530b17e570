/** What only the database and a list of domains can tell: all of it at start, before the first request. */
import { createAuth } from '@keystile/core'
import { createApi } from '@keystile/core/api'
import { keystile } from '@keystile/fastify'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'

/** A file in no folder, and cookies for everybody below `co.uk`. */
function made(database: string, domain?: string) {
  const auth = createAuth({
    database,
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: 'https://app.co.uk',
    env: {},
    logger: { disabled: true },
    ...(domain && { advanced: { crossSubDomainCookies: { enabled: true, domain } } }),
  })
  onTestFinished(() => auth.close())
  return auth
}

const nowhere = 'file:/nowhere/at/all/auth.db'
const both = {
  name: 'ConfigError',
  problems: [
    expect.objectContaining({ code: 'COOKIE_DOMAIN_PUBLIC', seen: expect.anything(), fix: expect.anything() }),
    expect.objectContaining({ code: 'DATABASE_UNREACHABLE', seen: expect.anything(), fix: expect.anything() }),
  ],
}

describe('auth.ready()', () => {
  it('tells together what is wrong with database and cookies', async () => {
    await expect(made(nowhere, 'co.uk').ready()).rejects.toMatchObject(both)
  })

  it('says nothing where all is well', async () => {
    await expect(made(':memory:').ready()).resolves.toBeUndefined()
  })
})

describe('on Fastify the start waits for it', () => {
  it.for(['an auth', 'an API'])('%s that will not do ends it', async (what) => {
    const auth = made(nowhere, 'co.uk')
    const app = fastify()
    app.register(keystile(what === 'an API' ? createApi({ auth, controllers: [] }) : auth))
    await expect(app.ready()).rejects.toMatchObject(both)
  })

  it('one that does lets it go on', async () => {
    const app = fastify()
    app.register(keystile(made(':memory:')))
    await app.ready()
    expect((await app.inject('/api/auth/ok')).json()).toEqual({ ok: true })
  })
})
