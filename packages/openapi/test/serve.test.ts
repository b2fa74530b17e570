import { readFileSync } from 'node:fs'
import { createApi } from '@keystile/core/api'
import { openapi, type ServeOptions, withOpenapi } from '@keystile/openapi'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { scriptModule } from '../page.mjs'
import { info, makeApp, makeAuth, origin } from './app.ts'

const { api, auth } = makeApp()
const document = openapi(api, { info })
const served = withOpenapi(api, { info })
const ask = (path: string, init?: RequestInit, of: { fetch(request: Request): Promise<Response> } = served) =>
  of.fetch(new Request(origin + path, init))
const page = async (options: Partial<ServeOptions>) => ask('/api/docs', {}, withOpenapi(api, { info, ...options }))

describe('the document', () => {
  it('is served as JSON, and as YAML that says the same', async () => {
    const json = await ask('/api/openapi.json')
    expect(json.headers.get('content-type')).toBe('application/json')
    expect(await json.json()).toEqual(JSON.parse(JSON.stringify(document)))
    const yaml = await ask('/api/openapi.yaml')
    expect(yaml.headers.get('content-type')).toBe('application/yaml')
    expect(parse(await yaml.text())).toEqual(JSON.parse(JSON.stringify(document)))
  })

  it.each(['json', 'yaml'])('has a strong tag as %s, and is not sent again to who has it', async (type) => {
    const path = `/api/openapi.${type}`
    const tag = (await ask(path)).headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[^"]{40,}"$/)
    for (const sent of [tag, `"other", ${tag}`, `W/${tag}`, '*']) {
      const again = await ask(path, { headers: { 'if-none-match': sent } })
      expect(again.status).toBe(304)
      expect(again.headers.get('etag')).toBe(tag)
      expect(await again.text()).toBe('')
    }
    expect((await ask(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  it('has another tag when it is another, and the same in every instance', async () => {
    const tagOf = async (options: ServeOptions) =>
      (await ask('/api/openapi.json', {}, withOpenapi(makeApp().api, options))).headers.get('etag')
    expect(await tagOf({ info })).toBe(await tagOf({ info }))
    expect(await tagOf({ info })).not.toBe(await tagOf({ info: { ...info, version: '2' } }))
  })

  it('answers HEAD as GET, without the body', async () => {
    const head = await ask('/api/openapi.json', { method: 'HEAD' })
    const get = await ask('/api/openapi.json')
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength))
    expect(await head.text()).toBe('')
    expect((await ask('/api/docs', { method: 'HEAD' })).status).toBe(200)
  })

  it('can lie elsewhere', async () => {
    const moved = withOpenapi(api, { info, path: '/meta' })
    expect((await ask('/meta/openapi.json', {}, moved)).status).toBe(200)
    expect((await ask('/api/openapi.json', {}, moved)).status).toBe(404)
  })
})

describe('what carries it', () => {
  it('answers all else as before', async () => {
    expect(await (await ask('/api/auth/ok')).json()).toEqual({ ok: true })
    expect((await ask('/api/notes')).status).toBe(401)
    expect((await ask('/api/docs', { method: 'POST' })).status).toBe(404)
  })

  it('can be mounted as before', () => {
    expect(served.basePath).toBe(api.basePath)
    expect(served.operations).toBe(api.operations)
    for (const path of ['/api/openapi.json', '/api/openapi.yaml', '/api/docs', '/api/notes', '/api/auth/ok']) {
      expect(served.owns?.(path), path).toBe(true)
    }
    expect(served.owns?.('/api/nothing')).toBe(false)
    expect(served.paths).toEqual(['/api/openapi.json', '/api/openapi.yaml', '/api/docs', ...(api.paths ?? [])])
  })

  it('can be an auth instance, whose getters are not read for it', async () => {
    const told = withOpenapi(auth, { info })
    expect((await ask('/api/auth/openapi.json', {}, told)).status).toBe(200)
    expect(await told.api.ok({})).toEqual({ ok: true })
    expect(Object.getOwnPropertyDescriptor(told, '$context')?.get).toBeTypeOf('function')
    expect(told.owns?.('/api/auth/ok')).toBe(true)
    expect(told.owns?.('/api/authors')).toBe(false)
  })

  it('can be described again: what it is made of is kept', () => {
    expect(openapi(served, { info })).toEqual(document)
  })
})

describe('HD-08 the page', () => {
  const hidden = (options: Partial<ServeOptions>) =>
    withOpenapi(makeApp('protocol', { production: true }).api, { info, ...options })

  it.each(['/api/docs', '/api/openapi.json', '/api/openapi.yaml'])('is off in production: %s', async (path) => {
    expect((await ask(path, {}, hidden({}))).status).toBe(404)
    expect((await ask(path, {}, hidden({ enabled: true }))).status).toBe(200)
    expect((await ask(path, {}, withOpenapi(api, { info, enabled: false }))).status).toBe(404)
  })

  it('is off where nothing tells what it runs in', async () => {
    const alone = withOpenapi(createApi({ controllers: [] }), { info })
    expect((await ask('/api/docs', {}, alone)).status).toBe(404)
    const developing = withOpenapi(createApi({ controllers: [], production: false }), { info })
    expect((await ask('/api/docs', {}, developing)).status).toBe(200)
  })

  it('can be left out alone', async () => {
    const bare = withOpenapi(api, { info, page: false })
    expect((await ask('/api/docs', {}, bare)).status).toBe(404)
    expect((await ask('/api/openapi.json', {}, bare)).status).toBe(200)
    expect(bare.owns?.('/api/docs')).toBe(false)
  })

  it('runs what has its nonce, another one each time, and nothing else', async () => {
    const answers = [await ask('/api/docs'), await ask('/api/docs')]
    const nonces = await Promise.all(
      answers.map(async (answer) => {
        const csp = answer.headers.get('content-security-policy') ?? ''
        const [, nonce = ''] = /script-src 'nonce-([A-Za-z0-9+/]{24})'/.exec(csp) ?? []
        expect(csp).toContain("default-src 'none'")
        expect(csp).toContain(`style-src 'nonce-${nonce}'`)
        expect(csp).toContain("connect-src 'self';")
        expect(csp).toContain("frame-ancestors 'none'")
        expect(csp).not.toMatch(/unsafe|https?:|\*/)
        const html = await answer.text()
        for (const [tag] of html.matchAll(/<(?:script|style)\b[^>]*>/g)) expect(tag).toContain(` nonce="${nonce}"`)
        expect(html).not.toMatch(/\s(?:src|href)="(?!openapi\.json")/)
        expect(answer.headers.get('cache-control')).toBe('no-store')
        return nonce
      }),
    )
    expect(nonces[0]).not.toBe(nonces[1])
    expect(nonces[0]).not.toBe('')
  })

  it('may ask the servers that the document names', async () => {
    const servers = [{ url: 'https://api.example.com/v1' }, { url: '/relative' }, { url: 'data:x' }]
    const csp = (await page({ servers })).headers.get('content-security-policy')
    expect(csp).toContain("connect-src 'self' https://api.example.com;")
  })

  it('shows a title as text', async () => {
    const html = await (await page({ info: { title: '<script>alert(1)</script>', version: '1' } })).text()
    expect(html).toContain('&lt;script&gt;alert(1)')
    expect(html).not.toContain('<script>alert')
  })

  it('is what the sources of its script make', async () => {
    expect(readFileSync(new URL('../src/generated/script.ts', import.meta.url), 'utf8')).toBe(await scriptModule())
  })

  it.each(['scalar', 'swagger'] as const)("can be %s, of the app's own copy", async (viewer) => {
    const answer = await page({
      page: { viewer, script: { url: '/assets/viewer.js' }, style: { url: '/assets/viewer.css' } },
    })
    const html = await answer.text()
    const csp = answer.headers.get('content-security-policy') ?? ''
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(csp) ?? []
    expect(html).toContain(`<script nonce="${nonce}" src="/assets/viewer.js"></script>`)
    expect(html).toContain('<link rel="stylesheet" href="/assets/viewer.css">')
    expect(csp).not.toMatch(/script-src[^;]*unsafe|https?:/)
  })

  it.each([
    'https://cdn.example.com/x.js',
    '//cdn.example.com/x.js',
    'HTTPS://x',
    ' //x',
    '\\\\cdn.example.com/x.js',
    '/\\cdn.example.com/x.js',
    '\t//x',
    '/\t/x',
  ])('takes no file of another host without its hash: %s', (url) => {
    const options = (asset: object) => ({
      info,
      page: { viewer: 'swagger' as const, script: { url: '/x.js' }, ...asset },
    })
    expect(() => withOpenapi(api, options({ script: { url } }))).toThrow('REMOTE_WITHOUT_INTEGRITY')
    expect(() => withOpenapi(api, options({ style: { url } }))).toThrow('REMOTE_WITHOUT_INTEGRITY')
    expect(() => withOpenapi(api, options({ script: { url, integrity: 'sha384-abc' } }))).not.toThrow()
  })

  it('asks the browser to compare a hash that is given', async () => {
    const script = { url: 'https://cdn.example.com/x.js', integrity: 'sha384-abc' }
    const style = { url: 'https://styles.example.com/x.css', integrity: 'sha384-def' }
    const answer = await page({ page: { viewer: 'scalar', script, style } })
    const html = await answer.text()
    expect(html).toContain('src="https://cdn.example.com/x.js" integrity="sha384-abc" crossorigin="anonymous"')
    expect(html).toContain('href="https://styles.example.com/x.css" integrity="sha384-def" crossorigin="anonymous"')
    expect(answer.headers.get('content-security-policy')).toContain("style-src 'self' https://styles.example.com ")
  })

  it('of another viewer needs its script', () => {
    expect(() => withOpenapi(makeAuth(), { info, page: { viewer: 'scalar' } })).toThrow('VIEWER_WITHOUT_SCRIPT')
  })

  it.each<[string, object]>([
    ['OPTION_UNKNOWN', { info, pages: false }],
    ['OPTION_UNKNOWN', { info, page: { viewr: 'scalar' } }],
    ['OPTION_INVALID', { info, enabled: 'false' }],
    ['OPTION_INVALID', { info, version: '3.0.0' }],
    ['OPTION_INVALID', { info, page: true }],
  ])('%s: %o', (code, options) => {
    expect(() => withOpenapi(makeAuth(), options as ServeOptions)).toThrow(code)
  })
})
