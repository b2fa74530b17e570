import { describe, expect, it } from 'vitest'
import * as acts from '../src/races/acts.ts'
import { alone, crowds, exploreAll, onDatabase, outdated, races } from '../src/races/index.ts'
import { raceProcesses, withRacers } from '../src/races/processes.ts'
import { onStage, pairs } from '../src/races/scenes.ts'
import { explore, inOrder } from '../src/races/schedule.ts'
import { type Answer, plain, type World } from '../src/races/world.ts'

/** What a user would do: these in more orders, and between processes. */
const common = new Set([
  'revoke against refresh',
  'revoke-all against sign-in',
  'deletion of the user against sign-in',
  'change-password by a against sign-in',
  'refresh against refresh',
  'consume against consume',
  'sign-up against sign-up in capitals',
])
const isCommon = ({ name }: { readonly name: string }) => [...common].some((one) => name.includes(one))

it('RC-07 in any order of their calls, what ends a session wins over what gives one', async () => {
  const { schedules, whole, failures } = await exploreAll(alone, 30, 1)
  expect(failures).toEqual([])
  expect(whole).toBeGreaterThan(100)
  expect(schedules).toBeGreaterThan(3000)
})

it('and when each is done twice', async () => {
  const { schedules, failures } = await exploreAll(crowds.filter(isCommon), 150, 2)
  expect(failures).toEqual([])
  expect(schedules).toBeGreaterThan(1000)
})

it('and on SQLite', async () => {
  const { failures } = await exploreAll(onDatabase, 4, 3)
  expect(failures).toEqual([])
})

it('a sign-in still succeeds while another brings the hash up to date', async () => {
  const { schedules, failures } = await exploreAll([outdated], 6, 4)
  expect(failures).toEqual([])
  expect(schedules).toBeGreaterThan(5)
})

describe('two processes on one file', () => {
  it('keep to the same', async () => {
    let met = 0
    // On a busy machine one act is often over before the other process has its turn.
    for (let seed = 5; seed < 15 && met <= 5; seed++) {
      const { overlapping, failures } = await raceProcesses(pairs.filter(isCommon), 6, seed)
      expect(failures).toEqual([])
      met += overlapping
    }
    expect(met).toBeGreaterThan(5)
  })

  it('make 50 users each at once, the tables not yet made', async () => {
    await withRacers(async ({ auth, race }) => {
      const signUps = (prefix: string) =>
        Array.from({ length: 50 }, (_, i) => {
          const world = { email: '', freeEmail: `${prefix}${i}@example.com`, cookies: { a: '', b: '' }, handle: '' }
          return { act: acts.signUp.name, world }
        })
      const told = (await race([signUps('a'), signUps('b')])).flat()
      expect(told.map(({ result }) => result.status)).toEqual(Array.from({ length: 100 }, () => 200))
      const { store, tables } = await auth.$context
      expect([await store.count(tables.user, {}), await store.count(tables.session, {})]).toEqual([100, 100])
    })
  })
})

describe('the programme notices', () => {
  const answer = (count: number): Answer => ({ status: count > 0 ? 200 : 404, json: { count }, cookie: undefined })
  const rows = async ({ auth, email }: World) => {
    const { store, tables } = await auth.$context
    return { store, tables, user: await store.find(tables.user, { email }) }
  }

  const consumeInTwo: acts.Act = {
    ...acts.consume,
    async does(world) {
      const { store, tables } = await rows(world)
      const found = await store.find(tables.verification, { identifier: world.email })
      if (found) await store.remove(tables.verification, { id: found.id })
      return answer(found ? 1 : 0)
    },
  }
  const refreshBlindly: acts.Act = {
    ...acts.refresh,
    async does(world) {
      const { store, tables, user } = await rows(world)
      const [, row] = await store.list(tables.session, { userId: user?.id ?? '' })
      if (row) await store.remove(tables.session, { id: row.id })
      if (row) await store.insert(tables.session, row)
      return answer(row ? 1 : 0)
    },
  }
  const revokeNothing: acts.Act = { ...acts.revoke, does: async () => answer(1) }
  const fail: acts.Act = { ...acts.updateUser, does: async () => ({ ...answer(1), status: 500 }) }
  const openTwice: acts.Act = {
    name: 'a session of nobody',
    async does(world) {
      const { store, tables, user } = await rows(world)
      const [row] = await store.list(tables.session, { userId: user?.id ?? '' })
      const { id: _, ...copied } = row ?? { id: '', token: '' }
      await store.insert(tables.session, { ...copied, token: `${copied.token}x`, userId: 'nobody' })
      return answer(1)
    },
  }

  it.each([
    ['two winners', '2 times the one consume', consumeInTwo, consumeInTwo],
    ['a session that comes back', 'the session of b lives after revoke', acts.revoke, refreshBlindly],
    ['a session that lives on', 'the session of b lives after revoke', revokeNothing, acts.updateUser],
    ['a server error', 'update-user answers 500', acts.signOut, fail],
    ['a session of nobody', 'a session of nobody', acts.refresh, openTwice],
    [
      'a refusal without a reason',
      'refused (404) without a reason',
      acts.refresh,
      { ...acts.refresh, does: async () => answer(0) },
    ],
  ] satisfies [string, string, acts.Act, acts.Act][])('%s', async (_title, sentence, one, other) => {
    const found = await onStage([one, other], plain, 'memory', async (scene) => {
      const { failure } = await explore(scene, 1000, 1)
      const again = failure && (await scene(inOrder([...failure.schedule].map(Number))))
      return { failure, again }
    })
    expect(found.failure?.wrong.join()).toContain(sentence)
    expect(found.again?.wrong).toEqual(found.failure?.wrong)
  })
})

it('plays every order once, and any of them again', async () => {
  const orders = new Set<string>()
  const found = await onStage([acts.revokeAll, acts.updateUser], plain, 'memory', (scene) =>
    explore(
      async (choose) => {
        const result = await scene(choose)
        orders.add(result.played.steps.map(({ actor }) => actor).join(''))
        return result
      },
      1000,
      1,
    ),
  )
  // Three calls each.
  expect(found).toEqual({ schedules: 20, whole: true })
  expect(orders.size).toBe(20)
  const { ok, lines } = await races(['revoke-all against update-user, plain rows, memory', '010101'])
  expect(ok).toBe(true)
  expect(lines.join()).toContain('update-user: update user')
})
