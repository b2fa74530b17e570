/** Where the figures of a run go: a file for programs and, when asked, the manual. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { page, picture, type Results } from './manual/index.ts'
import type { Table } from './report.ts'

const pathOf = (fromRoot: string) => fileURLToPath(new URL(`../../../${fromRoot}`, import.meta.url))
const { devDependencies } = JSON.parse(readFileSync(pathOf('apps/bench/package.json'), 'utf8'))

const shown = pathOf('apps/docs/generated/figures.json')

const peers = [
  'better-auth',
  '@auth/core',
  '@auth/express',
  'express-session',
  'passport',
  '@fastify/session',
  'koa-session',
  'hono',
  'iron-session',
  '@hono/node-server',
  'express',
  'fastify',
  'koa',
]

/** What can be known only before the first figure. */
const before = { date: new Date().toISOString().slice(0, 10), load: loadavg()[0] ?? 0 }

export function resultsOf(tables: readonly Table[], long: boolean): Results {
  return {
    ...before,
    node: process.versions.node,
    processors: availableParallelism(),
    long,
    versions: Object.fromEntries(peers.map((name) => [name, devDependencies[name]])),
    tables: tables.map((table) => ({ ...table, figures: table.figures.map(rounded) })),
  }
}

/** Six digits tell all that there is to know. */
const rounded = (figure: Table['figures'][number]) => ({
  ...figure,
  values: Object.fromEntries(
    Object.entries(figure.values).map(([column, value]) => [column, value && Number(value.toPrecision(6))]),
  ),
})

export function writeResults(results: Results): void {
  mkdirSync(pathOf('artifacts'), { recursive: true })
  writeFileSync(pathOf('artifacts/bench.json'), textOf(results))
}

/** The page, its picture, and the figures that both were made from. */
export function writeManual(results: Results): void {
  mkdirSync(pathOf('apps/docs/generated'), { recursive: true })
  writeFileSync(shown, textOf(results))
  writeFileSync(pathOf('apps/docs/figures.md'), page(results))
  writeFileSync(pathOf('apps/docs/figures.svg'), picture(results))
}

/** Those that the manual shows. */
export const shownResults = (): Results => JSON.parse(readFileSync(shown, 'utf8'))

const textOf = (results: Results) => `${JSON.stringify(results, null, 2)}\n`
