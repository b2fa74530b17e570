/** A burst of sign-ins by strangers with real hashes, all at once, as often as asked. */
import { createAuth } from '@keystile/core'
import type { Burst, Shed } from './shed.ts'

const origin = 'http://localhost:3000'
const auth = createAuth({
  database: ':memory:',
  secret: 'x9J2kd8Qm4vZ7sLpW0aRtY6uEoIcBnHg',
  baseURL: origin,
  env: {},
  production: false,
  emailAndPassword: { enabled: true },
})

async function post(path: string, name = 'ada'): Promise<string> {
  const body = JSON.stringify({ name, email: `${name}@example.com`, password: 'correct horse' })
  const headers = { origin, 'content-type': 'application/json' }
  const answer = await auth.handler(new Request(`${origin}/api/auth${path}`, { method: 'POST', headers, body }))
  const { code } = JSON.parse(await answer.text()) as { code?: string }
  return [answer.status, code, answer.headers.has('retry-after') ? 'retry' : undefined].filter(Boolean).join(' ')
}

process.on('message', async ({ requests, seconds }: Burst) => {
  const answers: Record<string, number> = {}
  let rss = 0
  await post('/sign-up/email')
  const end = performance.now() + seconds * 1000
  do {
    const all = Array.from({ length: requests }, (_, i) => post('/sign-in/email', `nobody${i}`))
    for (const answer of await Promise.all(all)) answers[answer] = (answers[answer] ?? 0) + 1
    rss = Math.max(rss, process.memoryUsage.rss())
  } while (performance.now() < end)
  process.send?.({ answers, rss, after: await post('/sign-in/email') } satisfies Shed)
})
