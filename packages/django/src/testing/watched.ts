/** What tests look at from outside. */
import type { SqlDriver } from '../sql/driver.ts'

/** The same driver, which tells what it was asked. */
export function watched(driver: SqlDriver) {
  const asked: string[] = []
  const watching: SqlDriver = {
    ...driver,
    all(text, parameters) {
      asked.push(text)
      return driver.all(text, parameters)
    },
    async first(text, parameters) {
      asked.push(text)
      return (await driver.all(text, parameters))[0]
    },
    run(text, parameters) {
      asked.push(text)
      return driver.run(text, parameters)
    },
  }
  return { driver: watching, take: () => asked.splice(0) }
}

/** The code of what a promise is refused with. */
export const refusal = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? String(error),
  )
