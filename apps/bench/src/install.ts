/** What an installation brings: every package that a package manager lays down for this platform, and its bytes. */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure, Table } from './report.ts'
import { tableOf } from './report.ts'

/** What an app installs, by the name of the contender. */
const apps = {
  'better-auth': ['better-auth'],
  keystile: ['@keystile/core'],
  'Auth.js': ['@auth/express'],
  'express-session + passport': ['express-session', 'passport'],
  'iron-session': ['iron-session'],
}

const driver = 'libsql'
/** The host is the app's own choice, whoever asks for it. */
const hosts = new Set(['express', 'fastify', 'koa', 'hono'])

interface Manifest {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
  readonly files?: readonly string[]
}

export function install(): Table[] {
  const measured = Object.entries(apps).map(([name, packages]) => {
    return [name, { bare: weigh(packages, false), stored: weigh([...packages, driver], true) }] as const
  })
  const figure = (measure: string, value: (of: (typeof measured)[number][1]) => number): Figure => ({
    measure,
    values: Object.fromEntries(measured.map(([name, of]) => [name, value(of)])),
    goals: [],
  })
  return [
    tableOf('Installation', `MB and packages on ${process.platform} ${process.arch}`, [
      figure('MB', ({ bare }) => bare.megabytes),
      figure('packages', ({ bare }) => bare.packages),
      figure('MB with an SQLite driver', ({ stored }) => stored.megabytes),
      figure('packages with an SQLite driver', ({ stored }) => stored.packages),
    ]),
  ]
}

const here = fileURLToPath(new URL('.', import.meta.url))

function weigh(names: readonly string[], withDriver: boolean): { megabytes: number; packages: number } {
  const found = new Map<string, number>()
  const visit = (name: string, from: string, wanted: boolean) => {
    if (!withDriver && name === driver) return
    const folder = find(name, from)
    if (folder === undefined) {
      // Optional ones are there only for this platform.
      if (wanted) throw new Error(`${name} is not installed`)
      return
    }
    if (found.has(folder)) return
    const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    found.set(folder, bytesOf(folder, manifest))
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency, folder, true)
    for (const dependency of Object.keys(manifest.optionalDependencies ?? {})) visit(dependency, folder, false)
    for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
      if (!manifest.peerDependenciesMeta?.[peer]?.optional && !hosts.has(peer)) visit(peer, folder, true)
    }
  }
  for (const name of names) visit(name, here, true)
  return { megabytes: [...found.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6, packages: found.size }
}

/** The folder of a package as Node would find it. */
function find(name: string, from: string): string | undefined {
  for (let folder = from; folder !== parse(folder).root; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
  }
  return undefined
}

/** Of what is published: in the workspace a package's folder holds more. */
function bytesOf(folder: string, { files }: Manifest): number {
  const workspace = !folder.includes('node_modules')
  const entries = workspace ? (files ?? []).filter((name) => !name.startsWith('!')) : readdirSync(folder)
  const always = workspace ? ['package.json', 'README.md'] : []
  return [...entries, ...always].reduce((sum, name) => sum + treeSize(join(folder, name), workspace), 0)
}

function treeSize(path: string, workspace: boolean): number {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats || stats.isSymbolicLink() || (workspace && /\.test\.ts$|\/testing$/.test(path))) return 0
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + treeSize(join(path, name), workspace), 0)
}
