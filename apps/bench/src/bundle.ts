/** What a server that offers e-mail and password weighs once it is bundled. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { atMost, type Figure } from './report.ts'

const servers = {
  'better-auth': `import { betterAuth } from 'better-auth'
    export const auth = betterAuth({ database: {}, emailAndPassword: { enabled: true } })`,
  keystile: `import { createAuth } from '@keystile/core'
    export const auth = createAuth({ database: './auth.db', emailAndPassword: { enabled: true } })`,
}

/** Compiled code of the platform, and what is only looked for. */
const native = ['@libsql/*', '@node-rs/argon2-*', '*.node', 'cloudflare:*', 'bun:*']

/** Modules loaded on first use that bring the driver and the SQL builder of an embedded SQLite. */
const database = [/core\/dist\/store\/sqlite\.js$/, /\/libsql\/index\.js$/, /kysely-adapter\/index\.mjs$/]

const folder = fileURLToPath(new URL('.', import.meta.url))

interface Weights {
  /** What is loaded with the server's own module. */
  readonly start: number
  /** That, and what an embedded SQLite loads. */
  readonly stored: number
  /** All that could ever be loaded. */
  readonly all: number
}

/** Kilobytes after gzip. */
export async function bundles(): Promise<Figure[]> {
  const [peer, own] = [await weigh(servers['better-auth']), await weigh(servers.keystile)]
  const values = (key: keyof Weights) => ({ 'better-auth': peer[key], keystile: own[key] })
  return [
    { measure: 'loaded at start', values: values('start'), goals: [atMost(own.start, 35)] },
    { measure: 'with driver and SQL builder', values: values('stored'), goals: [atMost(own.stored, 55)] },
    { measure: 'all that may be loaded later', values: values('all'), goals: [] },
  ]
}

async function weigh(contents: string): Promise<Weights> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    stdin: { contents, resolveDir: folder },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: 'bundle',
    platform: 'node',
    format: 'esm',
    target: 'node20',
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
