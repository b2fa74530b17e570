/** `node --import`: TypeScript sources as modules, for a child process that runs what the tests run. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire, register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

const compiled = new URL('../../../.keystile/trials/', import.meta.url)
const compiler = createRequire(import.meta.url).resolve('typescript')

/** @type {import('node:module').LoadHook} */
export const load = async (url, context, next) => {
  if (!url.endsWith('.ts')) return next(url, context)
  return { format: 'module', source: await compile(await readFile(new URL(url), 'utf8')), shortCircuit: true }
}

/** Loading the compiler takes longer than all else in a short-lived process: what it gave is kept. */
async function compile(/** @type {string} */ text) {
  const file = new URL(createHash('sha256').update(compiler).update(text).digest('hex'), compiled)
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return kept
  const { default: ts } = await import('typescript')
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  const { outputText } = ts.transpileModule(text, { compilerOptions })
  // Renamed into place whole: other processes look at the same time.
  const unfinished = new URL(`${file.href}.${process.pid}`)
  await mkdir(compiled, { recursive: true })
  await writeFile(unfinished, outputText)
  await rename(unfinished, file)
  return outputText
}
