/** `node --import`: TypeScript sources as modules, for a child process that runs what the tests run. */
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

/** @type {import('node:module').LoadHook} */
export const load = async (url, context, next) => {
  if (!url.endsWith('.ts')) return next(url, context)
  const { default: ts } = await import('typescript')
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  const text = await readFile(new URL(url), 'utf8')
  return { format: 'module', source: ts.transpileModule(text, { compilerOptions }).outputText, shortCircuit: true }
}
