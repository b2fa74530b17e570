/** What is wrong with how a gate is made is told where it is made, on every framework. */
import { ConfigError } from '@keystile/core'
import type { Mountable } from '@keystile/core/adapter'
import { keystile as onExpress } from '@keystile/express'
import { keystile as onFastify } from '@keystile/fastify'
import { keystile as onHono } from '@keystile/hono'
import { keystile as onKoa } from '@keystile/koa'
import { keystile as onNode, toNodeHandler } from '@keystile/node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeSite } from '../../src/site.ts'

/** As untyped code calls it. */
type Make = (auth?: unknown, options?: object) => unknown

const gates = { Express: onExpress, Fastify: onFastify, Hono: onHono, Koa: onKoa, 'node:http': onNode } as Record<
  string,
  Make
>

function mounted(): Mountable {
  const { auth } = makeSite(':memory:')
  onTestFinished(() => auth.close())
  return auth
}

function problemsOf(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe.each(Object.entries(gates))('a gate of %s', (_name, keystile) => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a promise of one', Promise.resolve({})],
    ['a handler alone', { handler: async () => new Response() }],
  ])('is made of an auth instance, not of %s', (_what, auth) => {
    expect(problemsOf(() => keystile(auth))).toMatchObject([
      { code: 'KEYSTILE_NO_AUTH', fix: expect.stringContaining('createAuth') },
    ])
  })

  it('takes no option that nothing reads, and names the one that was meant', () => {
    const auth = mounted()
    expect(problemsOf(() => keystile(auth, { corss: true, trustProxy: true }))).toMatchObject([
      { code: 'OPTION_UNKNOWN', seen: 'corss', expected: 'cors', fix: 'write cors instead' },
      { code: 'OPTION_UNKNOWN', seen: 'trustProxy', fix: 'leave trustProxy out: nothing reads it' },
    ])
    expect(problemsOf(() => keystile(auth, { cors: true, name: 'who', trustProxy: undefined }))).toEqual([])
  })

  it('takes no list of origins, nor a text, for a switch', () => {
    for (const cors of ['https://app.example.com', ['https://app.example.com'], 'false', 1]) {
      expect(problemsOf(() => keystile(mounted(), { cors }))).toMatchObject([
        { code: 'OPTION_INVALID', expected: 'true or false' },
      ])
    }
  })
})

it('a listener of node:http takes no such option either, nor anything but options', () => {
  const make = toNodeHandler as (auth: unknown, options: unknown) => unknown
  for (const [given, seen] of [
    [null, 'null'],
    ['auth', 'a text'],
    [() => {}, 'a function'],
  ]) {
    expect(problemsOf(() => make(mounted(), given))).toMatchObject([{ code: 'OPTION_INVALID', seen }])
  }
  expect(problemsOf(() => make(mounted(), { onEror: () => {} }))).toMatchObject([{ expected: 'onError' }])
})
