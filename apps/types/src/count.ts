/** What an app's types cost: instantiations that a compiler makes for it, over published declarations. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Compiler, compile, home } from './compilers.ts'
import { type Library, syntheticApi, syntheticApp, syntheticPlugins } from './synthetic.ts'

export { type Compiler, compilers } from './compilers.ts'
export type { Library } from './synthetic.ts'

/** An app to be counted. */
export interface AppSize {
  readonly plugins: number
  /** Of all plugins together. */
  readonly endpoints: number
  /** Endpoints of the app's own, guarded by schemes; Keystile's alone. */
  readonly own?: number
}

export const noPlugins: AppSize = { plugins: 0, endpoints: 0, own: 0 }
export const twelvePlugins: AppSize = { plugins: 12, endpoints: 200, own: 0 }
/** The app with the plugins, and an API. */
const withApi: AppSize = { ...twelvePlugins, own: 50 }

/** The most that an app of ours may cost. */
export const budgets = [
  { app: noPlugins, most: 5_000 },
  { app: twelvePlugins, most: 10_000 },
] as const

/** They hold with an API too, which the peer has nothing like. */
export const apiBudget = { app: withApi, most: 10_000 } as const

export interface TypeCost {
  readonly instantiations: number
  /** Seconds of checking, as the compiler tells them. */
  readonly checkTime: number
}

const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'NodeNext',
  strict: true,
  skipLibCheck: true,
  types: [],
}

/** An app in a folder of its own, its plugins there as declarations only: what a package from the registry has. */
export interface MadeApp {
  readonly folder: string
  readonly config: string
  /** The file that holds `auth`. */
  readonly file: string
  remove(): void
}

export async function makeApp(library: Library, { plugins, endpoints, own = 0 }: AppSize): Promise<MadeApp> {
  mkdirSync(join(home, 'dist'), { recursive: true })
  // Within this package, so that imports resolve as they do for it.
  const folder = mkdtempSync(join(home, 'dist', 'app-'))
  const write = (file: string, content: string | object) => {
    const path = join(folder, file)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
    return path
  }
  mkdirSync(join(folder, 'sources'))
  for (const [file, text] of syntheticPlugins(library, plugins, endpoints)) write(join('sources', file), text)
  if (plugins > 0) {
    const emit = { declaration: true, emitDeclarationOnly: true, rootDir: 'sources', outDir: 'plugins' }
    write('plugins.json', { compilerOptions: { ...compilerOptions, ...emit }, include: ['sources'] })
    await compile('7.0', ['-p', 'plugins.json'], folder)
  }
  const file = write('app.ts', syntheticApp(library, plugins) + (own > 0 ? syntheticApi(own) : ''))
  const config = write('app.json', { compilerOptions: { ...compilerOptions, noEmit: true }, files: ['app.ts'] })
  return { folder, config, file, remove: () => rmSync(folder, { recursive: true }) }
}

/** Checks an app and tells what it cost. */
export async function costOf(app: MadeApp, compiler: Compiler): Promise<TypeCost> {
  const report = await compile(compiler, ['-p', app.config, '--extendedDiagnostics'], app.folder)
  const figure = (name: string) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(report)?.[1])
  return { instantiations: figure('Instantiations'), checkTime: figure('Check time') }
}

/**
 * What an app of either library costs under one compiler. Reads the declarations in `packages/<name>/dist`: build first.
 * @throws Error with the compiler's output where the app does not compile.
 */
export async function countTypes(library: Library, size: AppSize, compiler: Compiler = '5.9'): Promise<TypeCost> {
  const app = await makeApp(library, size)
  try {
    return await costOf(app, compiler)
  } finally {
    app.remove()
  }
}
