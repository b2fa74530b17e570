import { createAuth } from '@keystile/core'
import { memoryAdapter } from '@keystile/core/memory'
import { beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { overloaded, type Soak } from '../src/soak/index.ts'

describe('five seconds at three times the capacity', () => {
  let found: Soak

  beforeAll(async () => {
    found = await overloaded(5, 1)
  })

  /** How late an event loop that has nothing to do may be, in milliseconds, for times to tell anything of the server. */
  const calm = 10

  /**
   * Whether a run keeps to a promise about times. One that does not is made again: a machine that stalls does so once,
   * and one that others keep busy tells nothing.
   */
  async function inOneRun({ skip }: TestContext, idleLag: (run: Soak) => number, keeps: (run: Soak) => void) {
    const broken: unknown[] = []
    for (let run = 1; run <= 3; run++) {
      if (run > 1) found = await overloaded(5, run)
      try {
        return keeps(found)
      } catch (error) {
        if (idleLag(found) <= calm) broken.push(error)
      }
    }
    if (broken.length > 1) throw broken[0]
    skip(`the machine is busy: an idle event loop is late by ${Math.round(idleLag(found))} ms`)
  }

  it('many are sent away with a time to come back, and nobody is failed', () => {
    expect(found.outcomes).toMatchObject({ 'sign-in shed 503': expect.any(Number) })
    expect(found.shed.count).toBeGreaterThan(10)
    expect(found.failed, JSON.stringify(found.outcomes)).toBe(0)
  })

  it('the memory is what it was', () => {
    expect(found.memory.grown).toBeLessThan(4 * 2 ** 20)
  })

  it('thirty-two sign-ins at once leave the event loop alone', async (context) => {
    const idleLag = ({ signIns }: Soak) => signIns.idleLag.p99
    await inOneRun(context, idleLag, ({ signIns }) => {
      expect(signIns.lag.p99).toBeLessThan(50)
      expect(signIns.reads.p99).toBeLessThan(250)
    })
  })

  it('four fifths and more of what is done at the peak are done, and soon all is well again', async (context) => {
    const idleLag = (run: Soak) => run.idleLag.p99
    await inOneRun(context, idleLag, ({ overload, overloadOfPeak, recovery }) => {
      expect(overloadOfPeak.all).toBeGreaterThanOrEqual(0.8)
      // How many hashes that leaves in a few seconds, the machine decides.
      expect(overload.hashing).toBeGreaterThan(0)
      expect(recovery).toBeLessThanOrEqual(5)
    })
  })
})

const soon = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))

it('a change of password that has begun is not sent away', async () => {
  const held: (() => void)[] = []
  const turn = () => new Promise<void>((resolve) => held.push(resolve))
  const auth = createAuth({
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    baseURL: 'http://localhost:3000',
    production: false,
    env: {},
    logger: { disabled: true },
    emailAndPassword: {
      enabled: true,
      password: {
        async hash(password) {
          if (password.startsWith('held')) await turn()
          return password
        },
        async verify({ hash, password }) {
          await turn()
          return hash === password
        },
      },
    },
  })
  const post = (path: string, body: object, cookie = '') => {
    const headers = { 'content-type': 'application/json', origin: 'http://localhost:3000', cookie }
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    return auth.handler(new Request(`http://localhost:3000/api/auth${path}`, init))
  }
  let count = 0
  const signUp = (password: string) =>
    post('/sign-up/email', { name: 'Ada', email: `${count++}@example.com`, password })

  const cookie = (await signUp('password')).headers.getSetCookie()[0]?.split(';', 1)[0]
  const change = post('/change-password', { currentPassword: 'password', newPassword: 'password 2' }, cookie)
  while (held.length === 0) await soon()
  const waiting: Promise<Response>[] = []
  let full = false
  while (!full) {
    const asked = signUp('held password')
    waiting.push(asked)
    full = (await Promise.race([asked, soon()]))?.status === 503
  }
  // The old password is found right, and the next in the queue gets the place; then the new password's turn comes.
  for (const _ of ['verify', 'sign-up']) {
    while (held.length === 0) await soon()
    held.shift()?.()
    await soon()
  }
  expect((await change).status).toBe(200)

  let over = false
  const all = Promise.all(waiting).then(() => {
    over = true
  })
  while (!over) {
    for (const release of held.splice(0)) release()
    await soon()
  }
  await all
})
