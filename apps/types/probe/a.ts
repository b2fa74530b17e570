import { createAuth, endpoint, userOut } from '@keystile/core'
import * as v from 'valibot'
const endpoints = { greet: endpoint({ method: 'POST', path: '/greet', access: 'session', summary: '', body: v.object({ a: v.string() }), reply: v.object({ user: userOut }) }, () => { throw 1 }) }
export const auth = createAuth({ database: ':memory:', plugins: [{ id: 'greet', endpoints, fields: { user: { x: { type: 'string' } } } }] })
export const api = auth.api
