/** What the three processes share: one database, one secret, the ports. */

export interface Environment {
  readonly database: string
  readonly secretKey: string
  readonly port: number
  /** Of the other processes: pages there may send forms here. */
  readonly trustedOrigins: readonly string[]
}

/** @throws {Error} where a service is started by itself and not told. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const { DATABASE: database, SECRET_KEY: secretKey, PORT: port, TRUSTED_ORIGINS = '' } = env
  if (!database || !secretKey || !port)
    throw new Error('set DATABASE, SECRET_KEY and PORT, as npm run django-example does')
  return { database, secretKey, port: Number(port), trustedOrigins: TRUSTED_ORIGINS.split(',').filter(Boolean) }
}
