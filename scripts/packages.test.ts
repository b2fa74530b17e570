// Every package as a user gets it: packed, installed by npm into an empty folder, compiled and run from there.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childEnv, npm, program, readJson, root, run } from './run.mjs'

const packages = readdirSync(join(root, 'packages')).filter(
  (name) => !readJson(join(root, 'packages', name, 'package.json')).private,
)

/** What a newcomer installs beside the tarballs, at the versions the workspace itself is tested with. */
const companions = () => {
  const { devDependencies: ofRoot } = readJson(join(root, 'package.json'))
  const { devDependencies: ofExpress } = readJson(join(root, 'packages/express/package.json'))
  const { devDependencies: ofHono } = readJson(join(root, 'packages/hono/package.json'))
  const versions = { ...ofRoot, ...ofExpress, ...ofHono }
  return ['express', '@types/express', '@types/node', 'hono', '@hono/node-server'].map((n) => `${n}@${versions[n]}`)
}

const place = mkdtempSync(join(tmpdir(), 'keystile-packages-'))
const tarballs = join(place, 'tarballs')
const app = join(place, 'app')
const tarball = (name: string) => {
  const file = readdirSync(tarballs).find((tgz) => tgz.startsWith(`keystile-${name}-`))
  return join(tarballs, file ?? `no tarball of ${name}`)
}
const installed = (name: string) => join(app, 'node_modules', '@keystile', name)

async function must(result: Promise<{ ok: boolean; output: string }>): Promise<string> {
  const { ok, output } = await result
  if (!ok) throw new Error(output)
  return output
}

beforeAll(async () => {
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }\n')
  await must(run(process.execPath, [join(root, 'scripts/bootstrap.mjs'), 'pack', tarballs]))
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  await must(npm(['install', ...packages.map(tarball), ...companions(), ...flags], { cwd: app }))
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe.each(packages)('@keystile/%s', (name) => {
  it('passes publint', async () => {
    await must(run(process.execPath, [program('publint'), 'run', tarball(name), '--strict']))
  })

  it('has types that resolve as its code does', async () => {
    const flags = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii']
    await must(run(process.execPath, [program('@arethetypeswrong/cli', 'attw'), tarball(name), ...flags]))
  })

  it('holds nothing but code, types, maps and papers', () => {
    const papers = /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/
    const code = /^(dist\/.+(\.js|\.d\.ts)(\.map)?|src\/.+\.tsx?)$/
    const unwanted = /(\.(test|bench)\.|(^|\/)(test|testing|fixtures)\/)/
    const files = readdirSync(installed(name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed(name).length + 1))
      .filter((file) => !file.startsWith('node_modules/'))

    expect(files.filter((file) => !papers.test(file) && !code.test(file))).toEqual([])
    expect(files.filter((file) => unwanted.test(file))).toEqual([])
    expect(files).toContain('LICENSE')
    for (const file of files.filter((file) => file.endsWith('.js'))) {
      expect(files).toContain(`${file}.map`)
      expect(files).toContain(file.replace(/\.js$/, '.d.ts'))
    }
  })

  it('is ESM for Node 20.19 and up, without side effects, MIT, with every range a real one', () => {
    const manifest = readJson(join(installed(name), 'package.json'))
    expect(manifest).toMatchObject({
      type: 'module',
      sideEffects: false,
      license: 'MIT',
      engines: { node: '>=20.19.0' },
    })
    expect(JSON.stringify(manifest)).not.toContain('workspace:')
  })

  it('loads at every one of its exports', async () => {
    const { exports } = readJson(join(installed(name), 'package.json'))
    const paths = Object.keys(exports).filter((path) => path !== './package.json')
    expect(paths).not.toEqual([])
    const imports = paths.map((path) => `await import('@keystile/${name}${path.slice(1)}')`)
    await must(run(process.execPath, ['--input-type=module', '--eval', imports.join('\n')], { cwd: app }))
  })
})

it('installs nothing that wants to run a script', () => {
  const { packages: entries } = readJson(join(app, 'node_modules/.package-lock.json'))
  const scripted = Object.keys(entries).filter((path) => entries[path].hasInstallScript)
  expect(scripted).toEqual([])
})

describe('the README', () => {
  const adapters = ['express', 'hono']
  const ports = new Map<string, number>()

  it('has lines that compile under the strictest flags', async () => {
    for (const adapter of adapters) {
      const port = await freePort()
      ports.set(adapter, port)
      writeFileSync(join(app, `${adapter}.ts`), readmeLines(adapter).replaceAll('3000', String(port)))
    }
    const config = { compilerOptions: strictest, files: adapters.map((adapter) => `${adapter}.ts`) }
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(config))
    await must(run(process.execPath, [program('typescript', 'tsc')], { cwd: app }))
  })

  it.each(adapters)('has lines for %s that sign a person up and know them again', async (adapter) => {
    const origin = `http://localhost:${ports.get(adapter)}`
    const server = start(join(app, 'out', `${adapter}.js`), adapter)
    try {
      const stranger = await firstAnswer(`${origin}/me`, server)
      expect(stranger.status).toBe(401)

      const signUp = await fetch(`${origin}/api/auth/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'a long enough phrase' }),
      })
      expect(signUp.status, await signUp.clone().text()).toBe(200)

      const cookies = signUp.headers.getSetCookie().map((line) => line.split(';')[0])
      const me = await fetch(`${origin}/me`, { headers: { cookie: cookies.join('; ') } })
      expect(me.status).toBe(200)
      expect(await me.json()).toMatchObject({ email: 'ada@example.com', name: 'Ada' })
      expect(existsSync(join(app, adapter, 'auth.db'))).toBe(true)
    } finally {
      await stop(server)
    }
  })
})

const strictest = {
  target: 'ES2022',
  module: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  types: ['node'],
  // A library's types must hold in any app, also in one that checks them.
  skipLibCheck: false,
  outDir: 'out',
}

/** The one code block of the README that uses this adapter. */
function readmeLines(adapter: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```(?:ts|js)\n(.*?)^```/gms)].map((match) => match[1] ?? '')
  const lines = blocks.find((block) => block.includes(`from '@keystile/${adapter}'`))
  if (!lines) throw new Error(`README.md has no code block with @keystile/${adapter}`)
  return lines
}

interface Server {
  child: ChildProcess
  output: string
}

/** Runs a compiled server in a folder of its own, where its database file comes to lie. */
function start(file: string, folder: string): Server {
  const cwd = join(app, folder)
  mkdirSync(cwd)
  const env = { ...childEnv, KEYSTILE_SECRET: 'a secret that only this test has, 0123456789' }
  const child = spawn(process.execPath, [file], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const server = { child, output: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (server.output += chunk))
  return server
}

async function stop({ child }: Server): Promise<void> {
  if (child.exitCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill()
  await closed
}

/** The README's server does not say when it listens, so it is asked until it answers. */
async function firstAnswer(url: string, server: Server): Promise<Response> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.child.exitCode !== null) throw new Error(`the server ended:\n${server.output}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no answer from the server:\n${server.output}`)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || !address) throw new Error('no free port')
  return address.port
}
