/** Counts the statements of each act, below everyone: at the driver. */
import type { ContenderName } from './contender.ts'
import { type Connection, databaseClass, type Statement } from './driver.ts'
import { openContender } from './open.ts'
import { cookieHeader, forge, get, newUser, post, signUp } from './visitor.ts'

export type Statements = Record<string, { readonly statements: number; readonly brackets: number }>

/** `brackets`: begin and commit. */
export async function countStatements(name: ContenderName): Promise<Statements> {
  const ran = await watchDriver()
  const counts: Statements = {}
  const contender = await openContender(name, { path: ':memory:' })
  const count = async (act: string, request: Request, by = contender) => {
    ran.length = 0
    const response = await by.handler(request)
    await response.text()
    if (!response.ok) throw new Error(`${name} answered ${act} with ${response.status}`)
    const brackets = ran.filter((text) => /^\s*(begin|commit)/i.test(text)).length
    counts[act] = { statements: ran.length - brackets, brackets }
    return response
  }

  await signUp(contender)
  const user = newUser()
  await count('sign-up', post('/sign-up/email', user))
  const cookie = cookieHeader(await count('sign-in', post('/sign-in/email', user)))
  await count('get-session', get('/get-session', cookie))
  await count('get-session, forged cookie', get('/get-session', forge(cookie)))
  await count('list-sessions', get('/list-sessions', cookie))
  await count('sign-out', post('/sign-out', {}, cookie))
  if (name === 'floor') return counts

  const refreshing = await openContender(name, { path: ':memory:', updateAge: 0 })
  const other = await signUp(refreshing)
  // A refresh is due once the clock has moved.
  await new Promise((resolve) => setTimeout(resolve, 10))
  await count('get-session, refresh due', get('/get-session', other.cookie), refreshing)
  return counts
}

/** The texts of all statements that run in this process from now on. */
async function watchDriver(): Promise<string[]> {
  const ran: string[] = []
  const Database = await databaseClass()
  const probe = new Database(':memory:')
  const ofStatements = Object.getPrototypeOf(probe.prepare('select 1')) as Record<string, Statement['run']>
  const ofDatabases = Object.getPrototypeOf(probe) as { prepare: Connection['prepare']; exec: Connection['exec'] }
  const texts = new WeakMap<object, string>()

  const { prepare, exec } = ofDatabases
  ofDatabases.prepare = function (text) {
    const statement = prepare.call(this, text)
    texts.set(statement, text)
    return statement
  }
  ofDatabases.exec = function (text) {
    ran.push(text)
    return exec.call(this, text)
  }
  // libsql's `all` runs through its own `iterate`.
  let inside = false
  for (const name of ['get', 'run', 'all', 'iterate']) {
    const method = ofStatements[name] as Statement['run']
    ofStatements[name] = function (this: object, ...params: unknown[]) {
      if (inside) return method.apply(this, params)
      ran.push(texts.get(this) ?? '')
      inside = true
      try {
        return method.apply(this, params)
      } finally {
        inside = false
      }
    }
  }
  return ran
}
