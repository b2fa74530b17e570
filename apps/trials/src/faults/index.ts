/** Every fault at every call of every flow, on every kind of store; pairs of faults where two things must agree. */
import type { Report } from '../report.ts'
import { type Fault, kinds } from './fault.ts'
import { flows } from './flows.ts'
import { judge, reference } from './judge.ts'
import { shed } from './shed.ts'
import { makeWorld, type StoreKind, storeKinds } from './world.ts'

export interface Outcome {
  readonly runs: number
  /** What did not hold, and where: one line each. */
  readonly broken: readonly string[]
}

export async function singles(stores: readonly StoreKind[] = storeKinds): Promise<Outcome> {
  return each(
    stores,
    () => true,
    (calls) => calls.flatMap((_, at) => kinds.map((kind) => [{ at, kind }])),
  )
}

/** Two faults in one run, of sign-up and change of password. A pair meets the second only where the first lets it. */
export async function pairs(
  stores: readonly StoreKind[] = storeKinds,
  isWanted = (name: string) => /^(sign-up|change-password)/.test(name),
): Promise<Outcome> {
  return each(stores, isWanted, (calls) =>
    // One call more: what follows a failure may be a call that there is not otherwise.
    [...calls, ''].flatMap((_, second) =>
      calls.slice(0, second).flatMap((_, first) =>
        kinds.flatMap((a) =>
          kinds.map((b) => [
            { at: first, kind: a },
            { at: second, kind: b },
          ]),
        ),
      ),
    ),
  )
}

async function each(
  stores: readonly StoreKind[],
  isWanted: (flow: string) => boolean,
  faultsOf: (calls: readonly string[]) => readonly (readonly Fault[])[],
): Promise<Outcome> {
  const world = await makeWorld()
  const broken: string[] = []
  let runs = 0
  try {
    for (const store of stores) {
      for (const flow of flows.filter(({ name }) => isWanted(name))) {
        const usual = await reference(world, store, flow)
        for (const faults of faultsOf(usual.calls)) {
          runs++
          const where = faults.map(({ at, kind }) => `${kind} at ${at} ${usual.calls[at] ?? 'after'}`).join(', ')
          const lines = await judge(world, store, flow, usual, faults)
          broken.push(...lines.map((line) => `${store}, ${flow.name}, ${where}: ${line}`))
        }
      }
    }
  } finally {
    world.close()
  }
  return { runs, broken }
}

export async function faults(): Promise<Report> {
  const single = await singles()
  const double = await pairs()
  const broken = [...single.broken, ...double.broken]
  const burst = await shed({ requests: 10_000, seconds: 60 })
  const turnedAway = burst.answers['503 HASH_QUEUE_FULL retry'] ?? 0
  const ok = broken.length === 0 && turnedAway > 0 && burst.after === '200'
  return {
    ok,
    lines: [
      `${single.runs} runs with one fault, ${double.runs} with two; ${broken.length} promises broken`,
      ...broken,
      `bursts of 10,000 sign-ins for a minute, 128 MB: ${JSON.stringify(burst.answers)}, ${Math.round(burst.rss / 2 ** 20)} MiB at most`,
    ],
    figures: { single: single.runs, double: double.runs, broken, burst },
  }
}
