/** A transaction on a connection that others leave alone meanwhile. */
import { DjangoError } from '../errors.ts'
import type { SqlVerbs } from './driver.ts'

export interface TransactionOptions {
  readonly verbs: SqlVerbs
  readonly command: (text: string) => Promise<unknown>
  readonly begin: readonly string[]
  /** Called where the rollback failed too: nobody knows what the connection is in, and it is to be given up. */
  readonly abandon: () => void
}

/** All or nothing. The verbs that `work` is given end with it. */
export async function transact<T>(options: TransactionOptions, work: (tx: SqlVerbs) => Promise<T>): Promise<T> {
  const { verbs, command } = options
  for (const text of options.begin) await command(text)
  let over = false
  const check = () => {
    if (over) throw new DjangoError('DATABASE_CLOSED', 'A verb was called after its transaction had ended')
  }
  try {
    const result = await work({
      dialect: verbs.dialect,
      async all(text, parameters) {
        check()
        return verbs.all(text, parameters)
      },
      async run(text, parameters) {
        check()
        return verbs.run(text, parameters)
      },
    })
    over = true
    await command('commit')
    return result
  } catch (error) {
    over = true
    try {
      await command('rollback')
    } catch {
      options.abandon()
    }
    throw error
  }
}
