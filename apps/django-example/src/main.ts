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

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) return console.log(usage)
  const python = findPython()
  const ports = await portsOf(options)
  const origins = ports.map((port) => `http://localhost:${port}`)
  const env = {
    ...process.env,
    DATABASE: options.database,
    SECRET_KEY: secretKey(),
    TRUSTED_ORIGINS: origins.join(','),
  }
  if (!options.database.includes('://')) mkdirSync(dirname(options.database), { recursive: true })
  migrate(python, env)

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
  let stopping = false
  const stop = () => {
    stopping = true
    for (const child of children) child.kill()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  process.once('exit', stop)
  const names = ['Django', 'Express', 'Hono']
  children.forEach((child, i) => {
    child.once('exit', (code, signal) => {
      if (!stopping) {
        console.error(`${names[i]} has ended (${signal ?? code}), and the others with it.`)
        process.exitCode = code || 1
      }
      stop()
    })
  })

  const begun = await Promise.all(children.map(ready))
  // One that did not begin has ended, and said why.
  if (stopping || begun.includes(false)) return
  const [at, express, hono] = origins
  console.log(`Django on ${at}, Express on ${express}, Hono on ${hono}. Stop with Ctrl+C.`)
}

/**
 * The Python that has Django: the one that is named, or else the one on the PATH, or Debian's.
 *
 * @throws {Error} where there is none
 */
function findPython(): string {
  const named = process.env.KEYSTILE_DJANGO_PYTHON
  const pythons = named ? [named] : ['python3', '/usr/bin/python3']
  const found = pythons.find((python) => spawnSync(python, ['-c', 'import django']).status === 0)
  if (found) return found
  throw new Error(
    `${pythons.join(' and ')} ${named ? 'has' : 'have'} no Django: apt install python3-django, or name a Python in KEYSTILE_DJANGO_PYTHON`,
  )
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

function migrate(python: string, env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(python, ['manage.py', 'migrate', '--verbosity', '0'], {
    cwd: project,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Django could not prepare the database.\n\n${stderr}`)
}

/** @throws {Error} naming a port that is in use */
async function portsOf({ port }: ExampleOptions): Promise<number[]> {
  const servers = [0, 1, 2].map((i) => createServer().listen(port && port + i, 'localhost'))
  // All are waited for, so that none is left listening.
  const listening = await Promise.allSettled(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number } | null)?.port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  const failed = listening.findIndex(({ status }) => status === 'rejected')
  if (failed < 0) return ports.flatMap((each) => each ?? [])
  const { reason } = listening[failed] as PromiseRejectedResult
  const why = reason.code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${reason.code})`
  throw new Error(`Port ${port + failed} ${why}: name the first of three others with --port, or 0 for any.`)
}

/** Whether it said that it listens; false where it ended before. */
async function ready(child: ChildProcess): Promise<boolean> {
  if (!child.stdout) return false
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') {
      child.stdout.resume()
      return true
    }
  }
  return false
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
