/** `npm run django-example`: starts Django and the two services on one database, and tells where they are. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { app, type ExampleOptions, readOptions, usage } from './options.ts'

const project = join(app, 'project')
const python = process.env.KEYSTILE_DJANGO_PYTHON || 'python3'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) return console.log(usage)
  checkDjango()
  const ports = await portsOf(options)
  const origins = ports.map((port) => `http://localhost:${port}`)
  const env = {
    ...process.env,
    DATABASE: options.database,
    SECRET_KEY: secretKey(),
    TRUSTED_ORIGINS: origins.join(','),
  }
  if (!options.database.includes('://')) mkdirSync(dirname(options.database), { recursive: true })
  migrate(env)

  const [forDjango, forExpress, forHono] = ports.map(String)
  const serve = ['-u', '-c', 'import sys; from company.serve import main; main(int(sys.argv[1]))']
  // Whether built or from the sources: as this one runs.
  const node = (name: string) => [
    ...process.execArgv,
    fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)),
  ]
  const children = [
    spawn(python, [...serve, forDjango ?? ''], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] }),
    spawn(process.execPath, node('express'), {
      env: { ...env, PORT: forExpress },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
    spawn(process.execPath, node('hono'), { env: { ...env, PORT: forHono }, stdio: ['ignore', 'pipe', 'inherit'] }),
  ]
  const stop = () => {
    for (const child of children) child.kill()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.once('exit', stop)
  for (const child of children) {
    child.once('exit', (code) => {
      stop()
      process.exitCode ||= code ?? 0
    })
  }
  await Promise.all(children.map(ready))
  const [at, express, hono] = origins
  console.log(`Django on ${at}, Express on ${express}, Hono on ${hono}. Stop with Ctrl+C.`)
}

/** @throws {Error} where there is no Django to run. */
function checkDjango(): void {
  if (spawnSync(python, ['-c', 'import django']).status === 0) return
  throw new Error(`${python} has no Django: apt install python3-django, or name a Python in KEYSTILE_DJANGO_PYTHON`)
}

/** As good as a secret of a project's settings: made once, and kept. */
function secretKey(): string {
  const file = join(app, '.keystile', 'secret-key')
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8')
}

function migrate(env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(python, ['manage.py', 'migrate', '--verbosity', '0'], {
    cwd: project,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Django could not prepare the database.\n\n${stderr}`)
}

async function portsOf({ port }: ExampleOptions): Promise<number[]> {
  if (port > 0) return [port, port + 1, port + 2]
  const servers = [0, 1, 2].map(() => createServer().listen(0, 'localhost'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** Each says so when it listens. */
async function ready(child: ChildProcess): Promise<void> {
  if (!child.stdout) return
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') break
  }
  child.stdout?.resume()
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
