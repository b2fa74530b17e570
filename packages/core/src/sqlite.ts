/** `@keystile/core/sqlite`: the SQLite of the runtime, for packages with tables of their own. */
export { loadDatabase } from './store/sqlite-driver.ts'
export { makeTurns, type Turns } from './store/turns.ts'
