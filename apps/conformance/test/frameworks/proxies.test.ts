/** Behind a proxy that ends TLS: each framework's own setting of trust is the one that counts, and who has none is told. */
import type { Options } from '@keystile/core'
import express from 'express'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'
import { express4, type Host, hosts, Koa2, onExpress, onFastify, onKoa } from '../client/servers.ts'
import { handlerOf } from '../security/over-sockets.ts'
import { ada, setup } from '../support.ts'

const site = 'https://app.example.com'
const inside = 'http://10.0.0.7:3000'
const proxy = '10.0.0.1'
const client = '203.0.113.7'

const secure = /^__Secure-better-auth\.session_token=.*; Secure;/

const byOptions: Options['advanced'] = { trustedProxyHeaders: true, ipAddress: { trustedProxies: ['10.0.0.0/8'] } }

/** How an app says that it trusts the one proxy in front of it, and what the warning calls that. */
const trusting: Readonly<Record<string, { host: Host; advanced?: Options['advanced']; setting: string }>> = {
  'Express 5': {
    host: onExpress(express, (app) => app.set('trust proxy', 1)),
    setting: "app.set('trust proxy', 1)",
  },
  'Express 4': {
    host: onExpress(express4, (app) => app.set('trust proxy', 1)),
    setting: "app.set('trust proxy', 1)",
  },
  Fastify: { host: onFastify(() => {}, { trustProxy: '10.0.0.0/8' }), setting: "trustProxy: '10.0.0.0/8'" },
  'Koa 3': { host: onKoa(Koa, (app) => Object.assign(app, { proxy: true })), setting: 'app.proxy = true' },
  'Koa 2': { host: onKoa(Koa2, (app) => Object.assign(app, { proxy: true })), setting: 'app.proxy = true' },
  Hono: { host: hosts.Hono, advanced: byOptions, setting: 'advanced.trustedProxyHeaders' },
  'node:http': { host: hosts['node:http'], advanced: byOptions, setting: 'advanced.trustedProxyHeaders' },
}

async function behind(host: Host, options: Partial<Options> = {}, named = 'app.example.com') {
  const links: string[] = []
  const { auth, rows, logged } = setup({
    production: true,
    baseURL: site,
    emailVerification: { sendOnSignUp: true, sendVerificationEmail: ({ url }) => void links.push(new URL(url).origin) },
    ...options,
  })
  logged.length = 0
  const handler = await handlerOf(host, auth)
  const forwarded = {
    'x-forwarded-for': client,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': named,
  }
  const ask = (path: string, body?: object) => {
    const headers = { ...forwarded, 'content-type': 'application/json' }
    const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
    return handler(new Request(inside + path, init), { remoteAddress: proxy })
  }
  const signUp = async () => {
    const { status, headers } = await ask('/api/auth/sign-up/email', ada)
    await auth.idle()
    return { status, cookies: headers.getSetCookie(), links, address: rows.session[0]?.ipAddress }
  }
  return { ask, signUp, logged }
}

describe.for(Object.entries(trusting))('on %s', ([name, { host, advanced, setting }]) => {
  it('protocol, host, port and client are those that the trusted proxy names, and nothing is said', async () => {
    const named: { baseURL: Options['baseURL']; at?: string }[] = [
      { baseURL: site },
      { baseURL: undefined },
      { baseURL: { allowedHosts: ['app.example.com:*'] }, at: 'app.example.com:8443' },
    ]
    for (const { baseURL, at } of named) {
      const { ask, signUp, logged } = await behind(host, { baseURL, advanced }, at)
      const { status, cookies, links, address } = await signUp()
      expect([status, links, address]).toEqual([200, [at ? `https://${at}` : site], client])
      expect(cookies).toEqual([expect.stringMatching(secure)])
      expect((await ask('/guarded')).status).toBe(401)
      expect(logged).toEqual([])
    }
  })

  it('they are those of the connection where nobody trusts it; cookies stay Secure, and the log says once what to set', async () => {
    const { ask, signUp, logged } = await behind(hosts[name as keyof typeof hosts])
    const { status, cookies, links, address } = await signUp()
    expect([status, links, address]).toEqual([200, [site], proxy])
    expect(cookies).toEqual([expect.stringMatching(secure)])
    for (const path of ['/api/auth/ok', '/api/auth/get-session', '/guarded']) await ask(path)
    expect(logged).toEqual([
      expect.stringMatching(
        /^warn: baseURL is https:\/\/app\.example\.com, but a request arrived at http:\/\/10\.0\.0\.7:3000: /,
      ),
    ])
    expect(logged[0]).toContain(setting)
  })

  it('the log says which public URL to set where none is', async () => {
    const { signUp, logged } = await behind(hosts[name as keyof typeof hosts], { baseURL: undefined })
    expect((await signUp()).links).toEqual([inside])
    await signUp()
    expect(logged).toEqual([
      expect.stringMatching(/^warn: a proxy forwards .*set baseURL: 'https:\/\/app\.example\.com'/),
    ])
    expect(logged[0]).toContain(setting)
  })
})
