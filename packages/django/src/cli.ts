#!/usr/bin/env node
/** `keystile-django inspect <database>`: what is there, without changing it. */
import { parseArgs } from 'node:util'
import { inspectDjango } from './inspect/inspect.ts'
import { openLocation } from './inspect/open.ts'
import { reportOf } from './inspect/report.ts'

const usage = `Usage: keystile-django inspect <database> [options]

Tells what a Django project's database holds for users and sessions. Nothing is written.

  <database>              an SQLite file, postgresql://user:password@host/name or mysql://…
  --users-table <name>    the table of the project's own user model (auth_user)
  --username-field <name> its column of user names (username, or email)
  --session-table <name>  (django_session)
  --json                  as JSON
  --help                  this text

With SECRET_KEY in the environment it also tells whether that key reads the sessions.
`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'users-table': { type: 'string' },
      'username-field': { type: 'string' },
      'session-table': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(usage)
  const [command, location] = positionals
  if (command !== 'inspect' || location === undefined) throw new Error(`what is to be inspected?\n\n${usage}`)

  const { driver, close } = await openLocation(location)
  try {
    const found = await inspectDjango(driver, {
      usersTable: values['users-table'],
      usernameField: values['username-field'],
      sessionTable: values['session-table'],
      secretKey: process.env.SECRET_KEY || undefined,
    })
    process.stdout.write(values.json ? `${JSON.stringify(found, null, 2)}\n` : reportOf(found))
  } finally {
    await close()
  }
}

main().catch((error: Error) => {
  process.stderr.write(`keystile-django: ${error.message}\n`)
  process.exitCode = 1
})
