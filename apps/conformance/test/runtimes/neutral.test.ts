/** What a runtime without Node gets: bundled as it was built, it imports nothing that such a runtime has not. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../..', import.meta.url))

/** What the graph of an entry imports from outside it: `kind` and name. */
async function imports(entry: string, conditions: string[] = []): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(entry)}`, resolveDir: folder },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions,
    logLevel: 'silent',
    external: ['node:*', 'bun:*'],
  })
  return Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ kind, path }) => `${kind} ${path}`),
  )
}

const entries = [
  '@keystile/core',
  '@keystile/core/memory',
  '@keystile/core/adapter',
  '@keystile/hono',
  '@keystile/plugins/username',
]
const hosts = [[], ['worker'], ['workerd', 'worker'], ['edge-light', 'worker']]

it.each(entries.flatMap((entry) => hosts.map((conditions) => [entry, conditions] as const)))(
  '%s imports nothing of Node, under the conditions %j',
  async (entry, conditions) => {
    expect(await imports(entry, conditions)).toEqual([])
  },
)

it('an import of Node would be seen', async () => {
  expect(await imports(join(folder, '../../packages/core/dist/lib/crypto.node.js'))).toContain(
    'import-statement node:crypto',
  )
})
