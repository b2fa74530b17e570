/** Makes what the runtimes run, before any test of the project: `dist/`, with the packages as they were built. */
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { setup as buildPackages } from '../../../types/test/build.ts'

// An import of Node where there is none is told by `neutral.test.ts`, by name.
const external = ['node:*']

/** Of the app's own modules alone: each runtime finds the packages itself, by its conditions. */
const program: BuildOptions = { platform: 'node', format: 'esm', packages: 'external' }

const worker: BuildOptions = {
  platform: 'browser',
  format: 'esm',
  conditions: ['workerd', 'worker', 'browser'],
  external,
}

const scripts: Readonly<Record<string, BuildOptions>> = {
  serve: program,
  start: program,
  worker,
  object: worker,
  edge: {
    platform: 'browser',
    format: 'iife',
    conditions: ['edge-light', 'worker', 'browser'],
    external,
    // Globals of a VM's context are slow to find, and argon2 in JavaScript asks for this one millions of times.
    banner: { js: 'const { Math } = globalThis' },
  },
}

export async function setup(): Promise<void> {
  await buildPackages()
  for (const [name, options] of Object.entries(scripts)) {
    await build({ entryPoints: [file(`src/${name}.ts`)], outfile: file(`dist/${name}.js`), bundle: true, ...options })
  }
}

const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
