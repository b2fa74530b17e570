/** `#embedded` where there are no files. Bundles for such runtimes hold none of SQLite. */
import { refuse } from './engine.ts'

/** @throws ConfigError always. */
export async function openEmbedded(): Promise<never> {
  return refuse(
    'SQLITE_DRIVER_MISSING',
    'This runtime has no embedded SQLite',
    'Pass a drizzle database made with its schema, or memoryAdapter(rows); or run on Node, Bun or Deno',
  )
}
