import type { SqlDriver } from '../sql/driver.ts'

/** A database without rows, that writes down what it is asked. */
export function makeFakeDriver(): { readonly driver: SqlDriver; readonly texts: string[] } {
  const texts: string[] = []
  const driver: SqlDriver = {
    dialect: 'sqlite',
    async all(text) {
      texts.push(text)
      return []
    },
    async run(text) {
      texts.push(text)
      return { changes: 0 }
    },
    transaction: (work) => work(driver),
    async close() {},
  }
  return { driver, texts }
}
