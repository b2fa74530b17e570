/** The services that are searched: every place to keep rows, every way to be told, and what breaks. */
import { appDatabase } from '../app-database.ts'
import type { HuntOptions } from './hunt.ts'

const fail = async () => {
  throw new Error('the app failed here')
}

/** The app's own drizzle database, of whose statements every fifth fails in a way that nobody foresaw. */
async function failingDatabase(folder: string) {
  const { database, faults } = await appDatabase(folder)
  faults.arm(...Array.from({ length: 200 }, (_, i) => ({ at: 5 * i + 40, kind: 'error' as const })))
  return database
}

export const hunts: Readonly<Record<string, HuntOptions>> = {
  'rows in memory': { database: 'memory' },
  'an SQLite file': { database: 'sqlite' },
  'an SQLite file while developing, told on the console': {
    database: 'sqlite',
    console: true,
    own: { production: false, session: { deferSessionRefresh: true }, rateLimit: { enabled: false } },
  },
  'the strict preset, addresses verified first': {
    database: 'memory',
    own: {
      preset: 'strict',
      production: false,
      emailAndPassword: { enabled: true, requireEmailVerification: true, onExistingUserSignUp: () => {} },
    },
  },
  'mails, listeners, hooks and lists of the app that fail': {
    database: 'memory',
    own: {
      production: false,
      trustedOrigins: fail,
      hooks: { after: ({ path }) => (path === '/update-user' ? fail() : undefined) },
      emailVerification: { sendOnSignUp: true, sendOnSignIn: true, sendVerificationEmail: fail },
      events: { 'session.opened': fail, 'sign-in.failed': fail },
    },
  },
  'a drizzle database that fails': { database: failingDatabase, own: { rateLimit: { enabled: false } } },
}
