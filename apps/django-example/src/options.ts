import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export interface ExampleOptions {
  /** The first of three ports: Django's, that of Express and that of Hono. 0 for any that are free. */
  readonly port: number
  /** `postgresql://…`, or the path of an SQLite file, absolute. */
  readonly database: string
}

export const usage = `Usage: npm run django-example -- [options]

  --port <number>        the first of three ports: Django, Express, Hono (8000)
  --database <location>  postgresql://user:password@host:port/name, or an SQLite file
                         (apps/django-example/.keystile/django.sqlite3)
  --help                 this text`

/** The folder of this app. */
export const app = fileURLToPath(new URL('..', import.meta.url))
/** Where the command was typed: npm moves to the package before it runs a script. */
const here = process.env.INIT_CWD ?? process.cwd()

/**
 * @throws {Error} in words for the person at the terminal.
 * @returns undefined when help was asked for
 */
export function readOptions(args: readonly string[]): ExampleOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8000' },
      database: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const port = Number(values.port)
  if (!/^\d+$/.test(values.port) || port > 65533) throw new Error(`"${values.port}" is no port: give one up to 65533`)
  const { database = join(app, '.keystile', 'django.sqlite3') } = values
  const isServer = database.includes('://')
  if (isServer && !/^postgres(ql)?:\/\//.test(database)) {
    throw new Error('--database takes postgresql://… or the path of an SQLite file')
  }
  return { port, database: isServer ? database : resolve(here, database) }
}
