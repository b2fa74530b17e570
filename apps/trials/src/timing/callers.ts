/** A service with an account of every kind, and a stranger who signs in to each with a wrong password. */
import { scryptSync } from 'node:crypto'
import { type AnyPlugin, createAuth, type Options } from '@keystile/core'
import { username } from '@keystile/plugins/username'

/** Who the stranger claims to be. */
export const kinds = ['known', 'other', 'unknown', 'old', 'passwordless'] as const
export type Kind = (typeof kinds)[number]

export interface Service {
  /** Signs in with a wrong password; gives what is answered. */
  signIn(kind: Kind, by: 'email' | 'username'): Promise<{ status: number; body: string }>
  close(): Promise<void>
}

export interface ServiceOptions {
  /**
   * Milliseconds between two sign-ins. Default a minute: fifteen failures in the quarter of an hour for which an account
   * has a budget of twenty.
   */
  readonly step?: number | undefined
  /** Default: an SQLite database in memory. */
  readonly database?: Options['database'] | undefined
  /** An account is there that was moved here, with a hash of an older format. */
  readonly withOld?: boolean | undefined
  readonly own?: Partial<Options<readonly AnyPlugin[]>> | undefined
}

const base = 'https://app.example.com/api/auth'
const nameOf = (kind: Kind) => ({ email: `${kind}@example.com`, username: `${kind}_one` })

export async function openService({
  database = ':memory:',
  withOld = false,
  step = 60_000,
  own,
}: ServiceOptions): Promise<Service> {
  let now = Date.UTC(2030, 0, 1)
  const auth = createAuth({
    database,
    baseURL: 'https://app.example.com',
    secret: 'vB8-nQ3z_Kd6Xw1Tr5Lf0Yj9HmPcGs2E',
    env: {},
    production: true,
    clock: () => now,
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true },
    plugins: [username()],
    ...own,
  } as Options<readonly AnyPlugin[]>)
  const post = (path: string, body: object) =>
    auth.handler(
      new Request(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    )
  for (const kind of kinds) {
    if (kind === 'unknown' || (kind === 'old' && !withOld)) continue
    await post('/sign-up/email', { name: kind, ...nameOf(kind), password: `right for ${kind}` })
  }
  const { store, tables, accounts } = await auth.$context
  const change = async (kind: Kind, password: string | null) => {
    const user = await store.find(tables.user, { email: nameOf(kind).email })
    const account = user && (await accounts.credentialOf(user.id))
    if (account) await store.update(tables.account, { id: account.id }, { password })
  }
  await change('passwordless', null)
  if (withOld) await change('old', oldHash('right for old'))

  return {
    async signIn(kind, by) {
      now += step
      const { email, username } = nameOf(kind)
      const answer = await post(`/sign-in/${by}`, {
        ...(by === 'email' ? { email } : { username }),
        password: 'what a stranger makes up',
      })
      return { status: answer.status, body: await answer.text() }
    },
    async close() {
      await auth.close()
    },
  }
}

/** A hash as Django stores it, of twice the cost of ours. */
function oldHash(password: string): string {
  const [N, r, p, salt] = [8192, 8, 1, 'pinchofsalt']
  const key = scryptSync(password, salt, 64, { N, r, p })
  return `scrypt$${N}$${salt}$${r}$${p}$${key.toString('base64')}`
}
