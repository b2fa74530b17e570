/** `#embedded` where there are files: Node, Bun and Deno. */
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Engine, StoreOptions } from './engine.ts'
import { openSqlite } from './sqlite.ts'

/** Opens `:memory:`, or the file at a path or `file:` URL. */
export async function openEmbedded(location: string, options: StoreOptions): Promise<Engine> {
  const path = filePath(location)
  if (path !== ':memory:') await createPrivately(path)
  return openSqlite(path, options)
}

/** The path of a `file:` URL, which may be relative (`file:./auth.db`). */
function filePath(location: string): string {
  if (!/^file:/i.test(location)) return location
  if (!/^file:\/\//i.test(location)) return decodeURIComponent(location.slice('file:'.length))
  return fileURLToPath(location)
}

/**
 * A new file is for its owner alone, since it holds addresses and hashes; SQLite gives the files beside it the same
 * mode. What stands already stays as it is, and what cannot be made the driver refuses with a reason.
 */
async function createPrivately(path: string): Promise<void> {
  await open(path, 'ax', 0o600).then(
    (file) => file.close(),
    () => {},
  )
}
