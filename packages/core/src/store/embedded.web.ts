/** `#embedded` where there are no files. Bundles for such runtimes hold none of SQLite. */
import { refuse } from './engine.ts'

/** @throws ConfigError always. */
export async function openEmbedded(): Promise<never> {
  return refuse({
    code: 'SQLITE_DRIVER_MISSING',
    message: 'This runtime has no embedded SQLite',
    seen: 'the path of a file',
    expected: 'a database that works without files',
    fix: 'Pass a drizzle database made with its schema, or memoryAdapter(rows); or run on Node, Bun or Deno',
  })
}
