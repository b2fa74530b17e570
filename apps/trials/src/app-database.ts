/** An app's own drizzle database in a file, with the tables of the core and of user names. */
import { join } from 'node:path'
import { createAuth } from '@keystile/core'
import { username } from '@keystile/plugins/username'
import { remoteDatabase } from './faults/drizzle.ts'

export async function appDatabase(folder: string): Promise<ReturnType<typeof remoteDatabase>> {
  const path = join(folder, 'app.db')
  const baseURL = 'https://app.example.com'
  const maker = createAuth({
    database: path,
    baseURL,
    env: {},
    production: false,
    logger: { disabled: true },
    plugins: [username()],
  })
  await maker.$context
  await maker.close()
  return remoteDatabase(path)
}
