/** What a server that offers e-mail and password weighs once it is bundled. */
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
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
const database = ['libsql', 'drizzle-orm', 'drizzle-orm/*', 'kysely', '@better-auth/kysely-adapter']

/** Kilobytes after gzip, all that is loaded later included. */
export async function bundles(): Promise<Figure[]> {
  const [peer, own] = [servers['better-auth'], servers.keystile]
  const bare = { 'better-auth': await weigh(peer, database), keystile: await weigh(own, database) }
  const whole = { 'better-auth': await weigh(peer, []), keystile: await weigh(own, []) }
  return [
    { measure: 'without driver and SQL builder', values: bare, goals: [atMost(bare.keystile, 35)] },
    { measure: 'with them', values: whole, goals: [atMost(whole.keystile, 55)] },
  ]
}

async function weigh(contents: string, external: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: [...native, ...external],
    logLevel: 'error',
  })
  return outputFiles.reduce((sum, { contents: bytes }) => sum + gzipSync(bytes, { level: 9 }).length, 0) / 1000
}
