/** A client that others' tools make of the document: typed by openapi-typescript, sent by openapi-fetch. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openapi } from '@keystile/openapi'
import openapiTypescript, { astToString } from 'openapi-typescript'
import ts from 'typescript'
import { afterAll, expect, it } from 'vitest'
import { info, makeApp, origin } from './app.ts'

// Beside the test, so that imports resolve as its own do.
const folder = mkdtempSync(join(import.meta.dirname, '.client-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { api } = makeApp()

/** A program of somebody who has the document alone. */
const program = `
import createClient from 'openapi-fetch'
import type { paths } from './api.js'

export async function run(fetch: (request: Request) => Promise<Response>) {
  const client = createClient<paths>({ baseUrl: '${origin}', fetch, headers: { origin: '${origin}' } })
  const signUp = await client.POST('/api/auth/sign-up/email', {
    body: { name: 'Ada', email: 'ada@example.com', password: 'correct horse', plan: 'paid' },
  })
  const signIn = await client.POST('/api/auth/sign-in/email', {
    body: { email: 'ada@example.com', password: 'correct horse' },
  })
  const plan: 'free' | 'paid' | undefined = signIn.data?.user.plan
  const token: string | undefined = signIn.data?.token
  const me = await client.GET('/api/people/me')
  const name: string | undefined = me.data?.name
  const stranger = await client.GET('/api/notes/{id}', { params: { path: { id: '1' } } })
  const message: string | undefined = stranger.error?.message
  const mixed = await client.POST('/api/colors', { body: { a: { name: 'red', rgb: [255, 0, 0] } } })
  const rgb: number[] | undefined = mixed.data?.rgb
  return { signUp: signUp.response.status, plan, token, name, stranger: stranger.response.status, message, rgb }
}
`
const mistakes = `
import createClient from 'openapi-fetch'
import type { paths } from './api.js'
const client = createClient<paths>()
// @ts-expect-error no such path
client.GET('/api/nothing')
// @ts-expect-error the password is missing
client.POST('/api/auth/sign-in/email', { body: { email: 'a@b.c' } })
// @ts-expect-error no such plan
client.POST('/api/auth/sign-up/email', { body: { name: '', email: '', password: '', plan: 'gold' } })
// @ts-expect-error the id is missing
client.GET('/api/notes/{id}')
`

it('signs in and calls a route, as compiled', async () => {
  const types = astToString(await openapiTypescript(JSON.stringify(openapi(api, { info }))))
  const files = Object.entries({ 'api.ts': types, 'program.ts': program, 'mistakes.ts': mistakes }).map(
    ([name, text]) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
  )
  const compiled = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: folder,
  })
  const told = ts
    .getPreEmitDiagnostics(compiled)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  expect(told).toEqual([])
  compiled.emit()

  const jar = new Map<string, string>()
  const browser = async (request: Request): Promise<Response> => {
    const headers = new Headers(request.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    headers.set('origin', origin)
    const answer = await api.handler(new Request(request, { headers }))
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return answer
  }
  const { run } = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'program.js')).href)
  expect(await run(browser)).toEqual({
    signUp: 200,
    plan: 'paid',
    token: expect.any(String),
    name: 'Ada',
    stranger: 401,
    message: 'Not authenticated',
    rgb: [255, 0, 0],
  })
})
