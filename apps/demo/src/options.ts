import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const frameworks = ['express', 'fastify', 'hono', 'koa'] as const

export type Framework = (typeof frameworks)[number]

export interface DemoOptions {
  readonly framework: Framework
  /** 0 for any that is free. */
  readonly port: number
  /** The SQLite file, absolute. */
  readonly database: string
}

export const usage = `Usage: npm run demo -- [options]

  --framework <name>   the server the pages run on: ${frameworks.join(', ')} (hono)
  --port <number>      the port to listen on (PORT, or 3000)
  --database <file>    the SQLite file (apps/demo/.keystile/demo.db)
  --help               this text`

const app = fileURLToPath(new URL('..', import.meta.url))
/** Where the command was typed: npm moves to the package before it runs a script. */
const here = process.env.INIT_CWD ?? process.cwd()

/**
 * @throws {Error} in words for the person at the terminal.
 * @returns undefined when help was asked for
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      framework: { type: 'string', default: 'hono' },
      port: { type: 'string', default: env.PORT || '3000' },
      database: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const framework = frameworks.find((name) => name === values.framework)
  if (!framework) throw new Error(`--framework is one of ${frameworks.join(', ')}, not "${values.framework}"`)
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65535) throw new Error(`"${values.port}" is no port: give one up to 65535`)
  const database = values.database ? resolve(here, values.database) : join(app, '.keystile', 'demo.db')
  return { framework, port, database }
}

/** A path as the person at the terminal would write it. */
export function shortPath(path: string): string {
  const short = relative(here, path)
  return short.startsWith('..') ? path : short
}
