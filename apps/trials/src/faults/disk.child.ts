/** An instance on a file whose place is not as it should be, in a process that may be without rights. */
import { createAuth } from '@keystile/core'
import type { Asked, Told } from './disk.ts'

const origin = 'http://localhost:3000'
const logged: string[] = []
let auth: ReturnType<typeof open> | undefined

function open(database: string) {
  return createAuth({
    database,
    secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
    baseURL: origin,
    env: {},
    production: false,
    emailAndPassword: {
      enabled: true,
      password: {
        hash: async (password) => password,
        verify: async ({ hash, password }) => hash === password,
      },
    },
    logger: { log: (level, message, details) => logged.push(`${level}: ${message}: ${details}`) },
  })
}

process.on('message', async (asked: Asked) => {
  if ('database' in asked) {
    if (asked.userId !== undefined) process.setuid?.(asked.userId)
    auth = open(asked.database)
    const problem = await auth.$context.then(
      () => undefined,
      ({ problems }: { problems?: readonly object[] }) => problems?.[0] ?? {},
    )
    process.send?.({ problem, logged: logged.splice(0) } satisfies Told)
    return
  }
  const { path, body, cookie } = asked
  const headers = { origin, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) }
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
  const answer = await auth?.handler(new Request(`${origin}/api/auth${path}`, init))
  const line = answer?.headers.getSetCookie()[0]?.split(';', 1)[0]
  process.send?.({
    status: answer?.status ?? 0,
    body: await answer?.text(),
    cookie: line,
    logged: logged.splice(0),
  } satisfies Told)
})
