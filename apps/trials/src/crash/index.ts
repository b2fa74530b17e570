/** Kills a server with -9 again and again, and looks for what it has lost, made by halves or brought back to life. */
import { parseArgs } from 'node:util'
import { seeded } from '../random.ts'
import type { Trial } from '../report.ts'
import { type Act, acts } from './actor.ts'
import { killPoints } from './points.ts'
import { type Round, type RoundOptions, round } from './round.ts'

/** Runs rounds, two at a time, and adds them up. */
export async function rounds(plan: readonly RoundOptions[]): Promise<Round> {
  const waiting = [...plan]
  const done: Round[] = []
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) done.push(await round(next))
  }
  await Promise.all([worker(), worker()])
  return {
    kills: done.flatMap(({ kills }) => kills),
    acknowledged: sum(done.map(({ acknowledged }) => acknowledged)),
    cutOff: Object.fromEntries(
      Object.keys(acts).map((name) => {
        const of = done.map(({ cutOff }) => cutOff[name as Act])
        return [name, { times: sum(of.map(({ times }) => times)), done: sum(of.map(({ done }) => done)) }]
      }),
    ) as Round['cutOff'],
    restarts: done.flatMap(({ restarts }) => restarts),
    violations: done.flatMap(({ violations }) => violations),
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** Files of thirty deaths; every tenth death meets real hashes. */
export function plan(kills: number, seed: number): RoundOptions[] {
  const real = Math.round(kills / 10)
  const split = (total: number, hashing: RoundOptions['hashing'], actors: number) => {
    const files = Math.ceil(total / 30)
    return Array.from({ length: files }, (_, i): RoundOptions => {
      const points = killPoints(Math.floor((total + i) / files), hashing, seeded(seed + i))
      return { seed: seed + i, points, hashing, actors }
    })
  }
  return [...split(real, 'argon2', 6), ...split(kills - real, 'none', 10)]
}

/** `--kills=600 --seed=1` */
export const crash: Trial = async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { kills: { type: 'string', default: '600' }, seed: { type: 'string', default: String(Date.now()) } },
  })
  const { kills, acknowledged, cutOff, restarts, violations } = await rounds(
    plan(Number(values.kills), Number(values.seed)),
  )
  const slowest = Math.max(...restarts)
  return {
    ok: violations.length === 0,
    lines: [
      `${kills.length} kills, seed ${values.seed}: ${acknowledged} acts acknowledged, ${violations.length} promises broken`,
      // Of a sign-in whose cookie never came nobody can tell.
      ...Object.entries(cutOff).map(
        ([act, { times, done }]) =>
          `${act}: cut off ${times} times${act === 'sign-in' ? '' : `, done nevertheless ${done}`}`,
      ),
      `up again within ${Math.round(slowest)} ms, in a process that was there already`,
      ...violations,
    ],
    figures: { seed: Number(values.seed), kills, acknowledged, cutOff, slowestRestart: slowest, violations },
  }
}
