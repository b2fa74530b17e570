/** A store in which calls fail, wrapped around the one that an instance has. */
import type { AnyPlugin, Store, Verbs } from '@keystile/core'
import type { Faults } from './fault.ts'

type Call = (table: { readonly name: string }, ...rest: unknown[]) => Promise<unknown>

/** A plugin that brings nothing and puts the faults between the rules and the store. */
export const faultyStore = (faults: Faults): AnyPlugin => ({
  id: 'faults',
  init({ store }) {
    const { transaction, ready } = store
    Object.assign(store, {
      ...faultyVerbs(store, faults, false),
      ready: () => faults.pass('ready', false, ready),
      transaction: <T>(work: (tx: Verbs) => Promise<T>) => faultyTransaction(transaction, faults, work),
    })
  },
})

/** What a store has beside its verbs. */
const others = ['transaction', 'ready', 'close', 'findings']

function faultyVerbs(verbs: Verbs, faults: Faults, inside: boolean): Verbs {
  const calls = Object.entries(verbs as unknown as Readonly<Record<string, Call>>)
  const faulty = calls
    .filter(([name]) => !others.includes(name))
    .map(([name, call]): [string, Call] => [
      name,
      (table, ...rest) => faults.pass(`${name} ${table.name}`, inside, () => call(table, ...rest)),
    ])
  return Object.fromEntries(faulty) as unknown as Verbs
}

/** Its beginning and its end are calls too. A commit that fails has written nothing; one that is lost has. */
async function faultyTransaction<T>(
  transaction: Store['transaction'],
  faults: Faults,
  work: (tx: Verbs) => Promise<T>,
): Promise<T> {
  let lost: unknown
  await faults.pass('begin', false, async () => {})
  const result = await transaction(async (tx) => {
    const value = await work(faultyVerbs(tx, faults, true))
    let done = false
    await faults
      .pass('commit', true, async () => {
        done = true
      })
      .catch((error) => {
        if (!done) throw error
        lost = error
      })
    return value
  })
  if (lost !== undefined) throw lost
  return result
}
