/** The pairs of acts that are played, each in a world of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryAdapter } from '@keystile/core/memory'
import * as acts from './acts.ts'
import { type Act, perform } from './acts.ts'
import { judge } from './judge.ts'
import { play, type Scene, stopAtCalls } from './schedule.ts'
import { clear, type Kind, makeAuth, makeWorld, plain, sameEachTime, send } from './world.ts'

export interface Pair {
  readonly name: string
  readonly acts: readonly [Act, Act]
}

const pair = (one: Act, other: Act): Pair => ({ name: `${one.name} against ${other.name}`, acts: [one, other] })

const { changePasswordOf, refresh, signIn, signUp, signOut } = acts

const ending = [
  signOut,
  acts.revoke,
  acts.revokeOwn,
  acts.revokeAll,
  acts.revokeOthers,
  changePasswordOf.a,
  changePasswordOf.b,
  acts.changePasswordAlone,
  acts.deleteUser,
  acts.unlink,
  acts.signInOver,
]
const giving = [signIn, acts.signInAnew, refresh, acts.updateUser, changePasswordOf.b]

export const signIns = pair(signIn, signIn)

/** Every act that ends something against every one that gives something, and the rivals for what there is once. */
export const pairs: readonly Pair[] = [
  ...ending.flatMap((one) => giving.map((other) => pair(one, other))),
  signIns,
  pair(refresh, refresh),
  pair(acts.consume, acts.consume),
  pair(signUp, acts.signUpShouting),
  pair(acts.deleteNewcomer, signUp),
  pair(changePasswordOf.a, acts.changePasswordAlone),
]

export const kinds: readonly Kind[] = [plain, { name: 'tokens in clear', clear: true }, { name: 'hooks', hooked: true }]

export type Place = 'memory' | 'SQLite'

/** Acts in a world of their own each time. `SQLite` is a file: readers see what is committed while others write. */
export async function onStage<T>(
  together: readonly Act[],
  kind: Kind,
  place: Place,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const folder = place === 'SQLite' ? await mkdtemp(join(tmpdir(), 'keystile-races-')) : undefined
  const { clock, options } = sameEachTime()
  const auth = makeAuth(folder ? join(folder, 'auth.db') : memoryAdapter({}), options, kind)
  stopAtCalls((await auth.$context).store)
  try {
    return await use(async (choose) => {
      const world = await makeWorld(auth, kind)
      clock.now += 1000
      // What comes of the time that has passed is no act's doing: the sweep of expired rows.
      await send(auth, { path: '/ok' })
      await auth.idle()
      const played = await play(
        together.map((act) => () => perform(act, world)),
        choose,
      )
      const outcomes = played.results.map((outcome, i) => ({ ...outcome, act: together[i] as Act }))
      const wrong = await judge(world, outcomes, true)
      await clear(auth)
      return { played, wrong }
    })
  } finally {
    await auth.close()
    if (folder) await rm(folder, { recursive: true })
  }
}
