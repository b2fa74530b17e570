// Every package as a user gets it: packed, installed by npm into an empty folder, compiled and run from there.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childEnv, npm, program, readJson, root, run } from './run.mjs'

const packages = readdirSync(join(root, 'packages')).filter(
  (name) => !readJson(join(root, 'packages', name, 'package.json')).private,
)

/** What a newcomer installs beside the tarballs, at the versions the workspace itself is tested with. */
const companions = () => {
  const folders = ['.', ...frameworks.map((name) => join('packages', name))]
  const versions = Object.assign({}, ...folders.map((at) => readJson(join(root, at, 'package.json')).devDependencies))
  return [...frameworks, '@hono/node-server', '@types/express', '@types/koa', '@types/node'].map(
    (name) => `${name}@${versions[name]}`,
  )
}

const frameworks = ['express', 'fastify', 'koa', 'hono']

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
    const requires = paths.map((path) => `require('@keystile/${name}${path.slice(1)}')`)
    await must(run(process.execPath, ['--input-type=commonjs', '--eval', requires.join('\n')], { cwd: app }))
  })

  it('has the core and its framework beside it, not inside', () => {
    const { dependencies = {}, peerDependencies = {} } = readJson(join(installed(name), 'package.json'))
    const beside = name === 'core' ? [] : ['@keystile/core', ...frameworks.filter((framework) => framework === name)]
    expect(Object.keys(peerDependencies)).toEqual(expect.arrayContaining(beside))
    expect(Object.keys(dependencies).filter((of) => of === '@keystile/core' || frameworks.includes(of))).toEqual(
      name === 'core' ? ['hono'] : [],
    )
  })
})

it('installs nothing that wants to run a script', () => {
  const { packages: entries } = readJson(join(app, 'node_modules/.package-lock.json'))
  const scripted = Object.keys(entries).filter((path) => entries[path].hasInstallScript)
  expect(scripted).toEqual([])
})

describe('the README', () => {
  const [auth, servers] = readmeFiles()
  const ports = new Map<string, number>()

  it('has lines for each framework, and for those that need none', () => {
    const headings = ['Express', 'Fastify', 'Koa', 'Hono', 'node:http', 'Any Fetch runtime']
    expect(servers.map(({ heading }) => heading)).toEqual(headings)
  })

  it('has lines that compile under the strictest flags', async () => {
    const files: string[] = []
    for (const { name, server } of servers) {
      const port = await freePort()
      ports.set(name, port)
      mkdirSync(join(app, name))
      const write = (file: string, text: string) => {
        writeFileSync(join(app, name, file), text.replaceAll('3000', String(port)))
        files.push(join(name, file))
      }
      write('auth.ts', auth)
      write('server.ts', server)
    }
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: strictest, files }))
    const { output } = await run(process.execPath, [program('typescript', 'tsc')], { cwd: app })
    // @types/koa names a type that the content-disposition which npm puts beside it does not have.
    const told = output.split('\n').filter((line) => line && !/^node_modules\/@types\/koa\/.*'Options'/.test(line))
    expect(told).toEqual([])
  })

  it.each(servers)('has lines for $heading that sign a person up and know them again', async ({ name }) => {
    const port = ports.get(name)
    const origin = `http://localhost:${port}`
    const server = start(name, port)
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
      expect(existsSync(join(app, name, 'auth.db'))).toBe(true)
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

/** What the README shows under "Use it": `auth.ts`, and under each heading a server that imports it. */
function readmeFiles() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [start = '', ...sections] = /^## Use it\n(.*?)^## /ms.exec(readme)?.[1]?.split(/^### /m) ?? []
  const codeOf = (section: string) => {
    const [, code] = /^```ts\n(.*?)^```$/ms.exec(section) ?? []
    if (!code) throw new Error(`README.md has no code here:\n${section}`)
    return code
  }
  const servers = sections.map((section) => {
    const heading = section.slice(0, section.indexOf('\n'))
    return { heading, name: heading.toLowerCase().replaceAll(/[^a-z]+/g, '-'), server: codeOf(section) }
  })
  return [codeOf(start), servers] as const
}

interface Server {
  child: ChildProcess
  output: string
}

/** Runs a compiled server in its own folder, where its database file comes to lie. */
function start(name: string, port: number | undefined): Server {
  const file = join(app, 'out', name, 'server.js')
  const cwd = join(app, name)
  const env = { ...childEnv, KEYSTILE_SECRET: 'a secret that only this test has, 0123456789' }
  const child = spawn(process.execPath, startArgs(file, port), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const server = { child, output: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (server.output += chunk))
  return server
}

/** A file that listens by itself, or one of a `fetch` that a runtime serves: here Node, as Hono's server makes it one. */
function startArgs(file: string, port: number | undefined): string[] {
  if (!/^export default /m.test(readFileSync(file, 'utf8'))) return [file]
  const runtime = `
    import { serve } from '@hono/node-server'
    import server from ${JSON.stringify(pathToFileURL(file).href)}
    serve({ fetch: server.fetch, port: ${port} })`
  return ['--input-type=module', '--eval', runtime]
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
