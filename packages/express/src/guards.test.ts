import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { keystile } from '@keystile/express'
import express from 'express'
import { describe, vi } from 'vitest'
import { guardTable, type ServeGuarded } from '../../node/test/guard-table.ts'

vi.mock('@keystile/core/adapter', async (original) =>
  (await import('../../node/test/foreign-core.ts')).foreignCore(await original()),
)

const express4: typeof express = createRequire(import.meta.url)('express4')

const on =
  (make: typeof express): ServeGuarded =>
  ({ auth, stranger, called, production }) => {
    const [app, gate] = [make(), keystile(auth)]
    app.set('env', production ? 'production' : 'development')
    const answer: express.RequestHandler = (_req, res) => void res.json(called() ?? {})
    app.use(gate)
    app.get(
      '/handler',
      gate.requireSession((_req, res) => res.json(called() ?? {})),
    )
    app.get(
      '/user',
      gate.requireUser((_req, res) => res.json(called() ?? {})),
    )
    app.get('/open', answer)
    app.get('/next', gate.requireSession(), answer)
    app.get('/unmounted', keystile(stranger).requireSession(), answer)
    return app.listen(0, '127.0.0.1') as Server
  }

describe('Express 5', () => guardTable(on(express)))
describe('Express 4', () => guardTable(on(express4)))
