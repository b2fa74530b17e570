/** What a sign-in with a password does beside its answer: how often it checks, and what becomes of older hashes. */
import { pbkdf2Sync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ada, bob, quickPasswords, setup } from '../support.ts'

/** Counts the checks, and runs `meanwhile` after each. */
function counted(meanwhile: () => void = () => {}) {
  const checks = { count: 0 }
  const verify: typeof quickPasswords.verify = async (input) => {
    checks.count++
    const right = await quickPasswords.verify(input)
    meanwhile()
    return right
  }
  return { checks, options: { emailAndPassword: { enabled: true, password: { ...quickPasswords, verify } } } }
}

describe('a password', () => {
  it('is checked at its greatest length, and not at all beyond', async () => {
    const { checks, options } = counted()
    const { browser } = setup(options)
    const longest = { ...ada, password: 'x'.repeat(128) }
    await browser().signUp(longest)
    expect((await browser().signIn(longest)).status).toBe(200)
    expect(checks.count).toBe(1)
    // Beyond it is no guess either, which would count against the account.
    for (let i = 0; i < 25; i++) {
      expect((await browser().signIn({ ...longest, password: 'x'.repeat(129) })).status).toBe(401)
    }
    expect(checks.count).toBe(1)
    expect((await browser().signIn(longest)).status).toBe(200)
  })

  it('is checked three times, where it is always another by the time the session is written', async () => {
    let changes = 0
    const { checks, options } = counted(() => {
      for (const account of made.rows.account) account.id = `changed ${++changes} times`
    })
    const made = setup(options)
    await made.browser().signUp()
    made.rows.session.length = 0
    const answer = await made.browser().signIn()
    expect([answer.status, answer.json.code]).toEqual([401, 'FAILED_TO_CREATE_SESSION'])
    expect(checks.count).toBe(3)
    expect(made.rows.session).toEqual([])
  })

  it('is checked once, where a hook refuses the session', async () => {
    const { checks, options } = counted()
    let refuses = false
    const { browser } = setup({
      ...options,
      databaseHooks: { session: { create: { before: () => (refuses ? false : undefined) } } },
    })
    await browser().signUp()
    refuses = true
    const answer = await browser().signIn()
    expect([answer.status, answer.json.code]).toEqual([401, 'FAILED_TO_CREATE_SESSION'])
    expect(checks.count).toBe(1)
  })
})

describe('an older hash', () => {
  const older = (password: string) =>
    `pbkdf2_sha256$1000$salt$${pbkdf2Sync(password, 'salt', 1000, 32, 'sha256').toString('base64')}`

  async function withOlderHashes() {
    let broken = false
    const made = setup({
      emailAndPassword: { enabled: true, password: undefined },
      random: (length: number) => {
        // The salt of the new hash is the first that a sign-in asks for.
        if (broken) {
          broken = false
          throw new Error('no entropy')
        }
        return crypto.getRandomValues(new Uint8Array(length))
      },
    })
    for (const person of [ada, bob]) await made.browser().signUp(person)
    const hashes = [ada, bob].map(({ password }) => older(password))
    made.rows.account.forEach((account, i) => {
      account.password = hashes[i]
    })
    const stored = () => made.rows.account.map(({ password }) => password)
    return { ...made, hashes, stored, breakNext: () => (broken = true) }
  }

  it('is brought up to date in the one account that signs in', async () => {
    const { browser, hashes, stored } = await withOlderHashes()
    expect((await browser().signIn(bob)).status).toBe(200)
    expect(stored()).toEqual([hashes[0], expect.stringMatching(/^\$argon2id\$/)])
  })

  it('opens the session, and says so in the log, where no newer one can be made', async () => {
    const { breakNext, browser, hashes, logged, rows, stored } = await withOlderHashes()
    rows.session.length = 0
    breakNext()
    expect((await browser().signIn()).status).toBe(200)
    expect(stored()).toEqual(hashes)
    expect(rows.session).toHaveLength(1)
    expect(logged).toContainEqual('warn: a password hash could not be brought up to date')
  })
})
