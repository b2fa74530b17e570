import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const packages = join(import.meta.dirname, '../../..')
/** A row of the session table being made, by whatever name the table goes. */
const insertion = /\.(?:create|insert)(?:<[^>]*>)?\(\s*(?:\w+\.)*(?:session|sessionTable)\b/

it('a session row is inserted in one place alone', () => {
  const sources = readdirSync(packages).flatMap((name) =>
    readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(name, 'src', file)),
  )
  const inserting = sources.filter((file) => insertion.test(readFileSync(join(packages, file), 'utf8')))
  expect(inserting).toEqual([join('core', 'src', 'domain', 'sessions.ts')])
})
