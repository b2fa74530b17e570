/** Django's users and sessions, as both services open them. */
import { type Django, django, postgresqlDriver, sqliteDriver } from '@keystile/django'
import pg from 'pg'
import type { Environment } from './environment.ts'

export function openDjango({ database, secretKey, trustedOrigins }: Environment): Django {
  const driver = database.includes('://')
    ? postgresqlDriver(new pg.Pool({ connectionString: database }))
    : sqliteDriver(database)
  return django({
    driver,
    secretKey,
    djangoVersion: '3.2',
    csrf: { allowedHosts: ['localhost', '127.0.0.1'], trustedOrigins },
  })
}
