/** The compilers that an app may have: two written in JavaScript, and the native one. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** This package's folder, from `src` and from `dist`. */
export const home = join(import.meta.dirname, '..')

export const compilers = ['5.9', '6.0', '7.0'] as const
export type Compiler = (typeof compilers)[number]

const packages = { '5.9': 'typescript-5', '6.0': 'typescript-6', '7.0': 'typescript-7' } as const

/** The program of a compiler, to be run by node. */
export const tsc = (compiler: Compiler) => join(home, 'node_modules', packages[compiler], 'bin', 'tsc')

/** Runs a compiler and gives what it printed. Rejects with that where it found an error. */
export function compile(compiler: Compiler, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [tsc(compiler), ...args], { cwd, maxBuffer: 1 << 26 }, (error, output, problems) => {
      if (error) reject(new Error(`TypeScript ${compiler} ${args.join(' ')}\n${output}${problems}`))
      else resolve(output)
    })
  })
}
