/** The runtimes the site is tried on: where their programs are, and how each serves it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { EdgeRuntime, runServer } from 'edge-runtime'
import type { TestContext } from 'vitest'

export interface Runtime {
  readonly name: string
  /** Why it cannot run here. */
  readonly missing?: string | undefined
  /** Its program, where it is one. */
  readonly path?: string
  /** Runs `start.js` to its end, and gives what it prints; what else it writes goes to `folder`. */
  readonly begin?: (folder: string) => Promise<string>
  /** Serves the site; what it writes goes to `folder`. */
  readonly start: (folder: string, how?: StartOptions) => Promise<Site>
}

export interface StartOptions {
  /** Where the runtime has a database that rests in a file. Default: one of its own. */
  readonly file?: string
  /** Further arguments of the program. */
  readonly flags?: readonly string[]
}

export interface Site {
  /** The origin it listens on. */
  readonly at: string
  /** What it has complained about. */
  readonly complaints: () => string
  readonly stop: () => Promise<unknown>
}

/** Skips where a runtime is missing; in CI every one has to be there. */
export function need({ name, missing }: Runtime, skip: TestContext['skip']): void {
  if (missing === undefined) return
  if (process.env.CI) throw new Error(`${name}: ${missing}`)
  skip(missing)
}

const { arch, platform } = process
const require = createRequire(import.meta.url)
const built = (name: string) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url))

/** A program that a package of this platform carries: its path, or why there is none. */
function programOf(packageName: string, file: string): Pick<Program, 'path' | 'missing'> {
  try {
    const path = join(dirname(require.resolve(`${packageName}/package.json`)), file)
    if (existsSync(path)) return { path }
  } catch {}
  return { path: '', missing: `the package ${packageName} is not installed` }
}

function node(major: 20 | 22 | 24): Runtime {
  const own = process.versions.node.startsWith(`${major}.`)
  const none = { path: '', missing: `these tests run on Node ${process.versions.node}` }
  const packaged = major === 20 ? none : programOf(`node${major}-${platform}-${arch}`, 'bin/node')
  return program({ name: `Node ${major}`, ...(own ? { path: process.execPath } : packaged), flags: [] })
}

const bun = program({
  name: 'Bun',
  ...programOf(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`, 'bin/bun'),
  flags: [],
})

const deno = program({
  name: 'Deno',
  ...programOf(`@deno/${platform}-${arch}-glibc`, 'deno'),
  // `ffi` is for the native argon2.
  flags: 'run --no-prompt --allow-net --allow-env --allow-read --allow-write --allow-sys --allow-ffi'.split(' '),
})

interface Program {
  readonly name: string
  readonly path: string
  readonly missing?: string | undefined
  readonly flags: readonly string[]
}

const envOf = (folder: string) => ({ DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' })

/** A runtime with files and sockets of its own, on which `serve.js` runs. */
function program({ name, missing, path, flags }: Program): Runtime {
  return {
    name,
    path,
    missing,
    async begin(folder) {
      const args = [...flags, built('start.js')]
      const child = spawn(path, args, { env: envOf(folder), stdio: ['ignore', 'pipe', 'inherit'] })
      const [printed] = await Promise.all([text(child.stdout), once(child, 'close')])
      return printed
    },
    async start(folder, { file = join(folder, `${name}.db`), flags: more = [] } = {}) {
      const child = spawn(path, [...flags, ...more, built('serve.js'), file], { env: envOf(folder) })
      return site(child, child.stdout, (line) => Number(line))
    },
  }
}

const workerdProgram = programOf(`@cloudflare/workerd-${platform}-${arch === 'x64' ? '64' : arch}`, 'bin/workerd')
const workerd = (name: string, config: string, argsOf: (folder: string) => string[] = () => []): Runtime => ({
  name,
  ...workerdProgram,
  async start(folder) {
    const path = fileURLToPath(new URL(config, import.meta.url))
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const
    const child = spawn(workerdProgram.path, ['serve', path, '--control-fd=3', ...argsOf(folder)], {
      stdio: [...stdio],
    })
    return site(child, child.stdio[3] as Readable, (line) => JSON.parse(line).port)
  },
})

const edge: Runtime = {
  name: 'edge-runtime',
  async start() {
    const complaints: string[] = []
    const complain = (...what: unknown[]) => complaints.push(what.join(' '))
    const runtime = new EdgeRuntime({
      initialCode: await readFile(built('edge.js'), 'utf8'),
      extend: (context) => Object.assign(context, { console: { ...console, warn: complain, error: complain } }),
    })
    const server = await runServer({ runtime, port: 0, host: '127.0.0.1' })
    return { at: new URL(server.url).origin, complaints: () => complaints.join('\n'), stop: () => server.close() }
  },
}

export const withFiles: readonly Runtime[] = [node(20), node(22), node(24), bun, deno]
export const runtimes: readonly Runtime[] = [
  ...withFiles,
  workerd('workerd', 'site.capnp'),
  workerd('workerd, in a Durable Object', 'object.capnp', (folder) => [`--directory-path=rows=${folder}`]),
  edge,
]
export const ofName = (name: string) => runtimes.find((runtime) => runtime.name === name) as Runtime

/** The site of a child, once the first line of `output` has told its port. */
async function site(child: ChildProcess, output: Readable, portOf: (line: string) => number): Promise<Site> {
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    complaints += text
  })
  const ended = once(child, 'close')
  const [line] = await Promise.race([
    once(createInterface({ input: output }), 'line'),
    ended.then(([code]) => {
      throw new Error(`ended with ${code} before it listened: ${complaints}`)
    }),
  ])
  return {
    at: `http://127.0.0.1:${portOf(line)}`,
    complaints: () => complaints,
    stop() {
      child.kill()
      return ended
    },
  }
}
