import { createRequire } from 'node:module'
import { createAuth } from '@keystile/core'
import { keystile } from '@keystile/express'
import express, { type Express, type RequestHandler } from 'express'
import { describe, expect, it } from 'vitest'
import { echoAuth } from '../../node/test/echo-auth.ts'

// The types of Express 5 say of Express 4 all that is used here.
const express4: typeof express = createRequire(import.meta.url)('express4')
const next: RequestHandler = (_req, _res, next) => next()

describe.each([
  ['Express 5', express, '/api/auth/*rest'],
  ['Express 4', express4, '/api/auth/*'],
] as const)('at start %s shows', (_name, make, below) => {
  const router = (path: string, handler: RequestHandler) => make.Router().use(next).use(path, handler)
  type Mount = (app: Express, gate: RequestHandler) => unknown

  const reached: Record<string, Mount> = {
    'at the root': (app, gate) => app.use(gate),
    'under a prefix of the base path': (app, gate) => app.use('/api', gate),
    'under one of several prefixes': (app, gate) => app.use(['/app', '/api/auth'], gate),
    'in routers': (app, gate) => app.use('/', router('/api', router('/auth', gate))),
    'in the second of two places': (app, gate) => app.use('/app', gate).use('/api', gate),
    'on routes of the base path': (app, gate) => app.all(below, next, gate),
    'nowhere yet': () => {},
    'in an app of its own, which is not shown': (app, gate) => app.use('/app', make().use(gate)),
  }
  it.for(Object.entries(reached))('a gate %s', async ([, mount]) => {
    const [app, gate] = [make(), keystile(echoAuth())]
    mount(app, gate)
    await expect(gate.ready(app)).resolves.toBeUndefined()
  })

  const missed: Record<string, Mount> = {
    'under another prefix': (app, gate) => app.use(next).use('/app', gate),
    'under one that only looks like it': (app, gate) => app.use('/api/aut', gate),
    'in a router of another prefix': (app, gate) => app.use('/app', router('/', gate)),
    'in a router that the base path reaches, under another prefix': (app, gate) =>
      app.use('/api', router('/app', gate)).get('/api/auth/me', next),
    'on routes of another path': (app, gate) => app.all('/app/:rest', next, gate),
  }
  it.for(Object.entries(missed))('that nothing reaches a gate %s', async ([, mount]) => {
    const [app, gate] = [make(), keystile(echoAuth())]
    mount(app, gate)
    await expect(gate.ready(app)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'KEYSTILE_WRONG_MOUNT',
      message: expect.stringContaining('"/api/auth"'),
    })
  })

  it('what is wrong with the routes and what with the database, in one error', async () => {
    const auth = createAuth({
      database: '/no/such/folder/app.db',
      baseURL: 'https://app.example.com',
      secret: 'vB8-nQ3z_Kd6Xw1Tr5Lf0Yj9HmPcGs2E',
      env: {},
      logger: { disabled: true },
    })
    const [app, gate] = [make(), keystile(auth)]
    app.use('/app', gate)
    const codes = ['KEYSTILE_WRONG_MOUNT', 'DATABASE_UNREACHABLE'].map((code) => ({ code }))
    await expect(gate.ready(app)).rejects.toMatchObject({ problems: codes })
    await expect(gate.ready()).rejects.toMatchObject({ problems: codes.slice(1) })
    await auth.close()
  })

  it('the router itself, where the gate is on one', async () => {
    const gate = keystile(echoAuth())
    await expect(gate.ready(make.Router().use('/app', gate))).rejects.toMatchObject({ code: 'KEYSTILE_WRONG_MOUNT' })
    await expect(gate.ready(make.Router().use('/api', gate))).resolves.toBeUndefined()
  })

  it.for([
    ['whose base path is the root', echoAuth('')],
    ['which has paths of its own', echoAuth('/api/auth', ['/app/notes'])],
  ] as const)('nothing wrong of an auth %s', async ([, auth]) => {
    const [app, gate] = [make(), keystile(auth)]
    app.use('/app', gate)
    await expect(gate.ready(app)).resolves.toBeUndefined()
  })
})
