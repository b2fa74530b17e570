/** What a server that offers e-mail and password weighs once it is bundled, and what a browser loads to talk to it. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { atMost, type Table, tableOf } from './report.ts'

const servers = {
  'better-auth': `import { betterAuth } from 'better-auth'
    export const auth = betterAuth({ database: {}, emailAndPassword: { enabled: true } })`,
  keystile: `import { createAuth } from '@keystile/core'
    export const auth = createAuth({ database: './auth.db', emailAndPassword: { enabled: true } })`,
  'Auth.js': `import { Auth } from '@auth/core'
    import credentials from '@auth/core/providers/credentials'
    export const auth = (request) => Auth(request, { providers: [credentials({})] })`,
  'iron-session': `import { getIronSession } from 'iron-session'
    export const open = (request, response) => getIronSession(request, response, { cookieName: 'iron', password: '' })`,
}

/** The protocol's own client, which talks to both. */
const client = `import { createAuthClient } from 'better-auth/client'
  export const { signIn, signUp, signOut, getSession } = createAuthClient()`

/** Compiled code of the platform, and what is only looked for. */
const native = ['@libsql/*', '@node-rs/argon2-*', '@node-rs/bcrypt-*', '*.node', 'cloudflare:*', 'bun:*']

/** Modules loaded on first use that bring the driver and the SQL builder of an embedded SQLite. */
const database = [/core\/dist\/store\/embedded\.node\.js$/, /\/libsql\/index\.js$/, /kysely-adapter\/index\.mjs$/]

const folder = fileURLToPath(new URL('.', import.meta.url))

interface Weights {
  /** What is loaded with the server's own module. */
  readonly start: number
  /** That, and what an embedded SQLite loads. */
  readonly stored: number
  /** All that could ever be loaded. */
  readonly all: number
}

export async function bundles(): Promise<Table[]> {
  const measured: [string, Weights][] = []
  for (const [name, contents] of Object.entries(servers)) measured.push([name, await weigh(contents, 'node')])
  const values = (key: keyof Weights) => Object.fromEntries(measured.map(([name, weights]) => [name, weights[key]]))
  const [start, stored] = [values('start'), values('stored')]
  if (stored.keystile === start.keystile) throw new Error('what loads the embedded SQLite has another name now')
  const { start: inBrowser } = await weigh(client, 'browser')
  return [
    tableOf('Bundle', 'kB gzip, e-mail and password', [
      { measure: 'server, loaded at start', values: start, goals: [atMost(start.keystile ?? 0, 35)] },
      { measure: 'with driver and SQL builder', values: stored, goals: [atMost(stored.keystile ?? 0, 55)] },
      { measure: 'all that may be loaded later', values: values('all'), goals: [] },
      {
        measure: 'client, the same for both',
        values: { 'better-auth': inBrowser, keystile: inBrowser },
        goals: [atMost(inBrowser, 5)],
      },
    ]),
  ]
}

async function weigh(contents: string, platform: 'node' | 'browser'): Promise<Weights> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents, resolveDir: folder },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: 'bundle',
    platform,
    format: 'esm',
    target: platform === 'node' ? 'node20' : 'es2022',
    external: native,
    logLevel: 'error',
  })
  const sizes = new Map(outputFiles.map(({ path, contents: bytes }) => [path, gzipSync(bytes, { level: 9 }).length]))

  /** The weight of the entry and of what it imports, at once or, where `later` says so, on first use. */
  function loaded(later: (entryPoint: string) => boolean): number {
    const found = new Set<string>()
    const waiting = Object.keys(metafile.outputs).filter((path) => metafile.outputs[path]?.entryPoint === '<stdin>')
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const output = metafile.outputs[path]
      if (!output || found.has(path)) continue
      found.add(path)
      for (const { kind, path: imported } of output.imports) {
        if (kind !== 'dynamic-import' || later(metafile.outputs[imported]?.entryPoint ?? '')) waiting.push(imported)
      }
    }
    return [...found].reduce((sum, path) => sum + (sizes.get(join(folder, path)) ?? Number.NaN), 0) / 1000
  }

  return {
    start: loaded(() => false),
    stored: loaded((entryPoint) => database.some((part) => part.test(entryPoint))),
    all: loaded(() => true),
  }
}
