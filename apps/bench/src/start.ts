/** One start of one contender: `start.js <name> <database> [cookie]`. Without a cookie it fills the database. */
import type { ContenderName } from './contender.ts'
import { openContender } from './open.ts'
import { get, signUp } from './visitor.ts'

export interface Start {
  /** Milliseconds from before its library was loaded until the instance was there. */
  readonly created: number
  /** … until it had answered who the caller is. */
  readonly answered: number
  /** Of the new user, where there was none before. */
  readonly cookie?: string | undefined
}

const [, , name, path, cookie] = process.argv as [string, string, ContenderName, string, string]
const began = performance.now()
const contender = await openContender(name, { path, migrate: !cookie })
const created = performance.now() - began
if (cookie) {
  const session = await (await contender.handler(get('/get-session', cookie))).json()
  if (session === null) throw new Error('the session was not found')
  console.log(JSON.stringify({ created, answered: performance.now() - began } satisfies Start))
} else {
  console.log(JSON.stringify({ created, answered: 0, cookie: (await signUp(contender)).cookie } satisfies Start))
}
process.exit()
