/** Plain JavaScript of the store, for processes of their own: Node 20 runs no TypeScript. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const source = fileURLToPath(new URL('../..', import.meta.url))
/** Below the package, so that its dependencies are found from there. */
const target = fileURLToPath(new URL('../../../node_modules/.cache/keystile-store', import.meta.url))

/** Gives the folder that holds `store/`, `domain/model.js` and `lib/`; `remove` takes it away. */
export async function transpileStore(): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = join(target, String(process.pid))
  const sources = async (folder: string) =>
    (await readdir(join(source, folder)))
      .filter((name) => /(?<!\.test)\.ts$/.test(name))
      .map((name) => `${folder}/${name}`)
  for (const file of [...(await sources('store')), ...(await sources('lib')), 'domain/model.ts']) {
    const { outputText } = ts.transpileModule(await readFile(join(source, file), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      },
    })
    const to = join(folder, file.replace(/\.ts$/, '.js'))
    await mkdir(dirname(to), { recursive: true })
    await writeFile(to, outputText)
  }
  const manifest = { type: 'module', imports: { '#embedded': './store/embedded.node.js' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  return { folder, remove: () => rm(folder, { recursive: true }) }
}
