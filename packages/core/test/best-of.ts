/** Times of the processor, by which tests tell what costs too much. They mean the same on a slow machine. */

/** Milliseconds that the yardstick takes where the limits of the tests were set. */
const usual = 11
/** How long a reading of the yardstick holds, in milliseconds: machines change their speed within minutes. */
const holds = 5000

let read = { at: Number.NEGATIVE_INFINITY, slowness: 1 }

/** How many times longer the same work takes now than where the limits were set; never less than 1. */
export async function slowness(): Promise<number> {
  if (performance.now() - read.at > holds) {
    const slowness = Math.max(1, (await least(8, yardstick)) / usual)
    read = { at: performance.now(), slowness }
  }
  return read.slowness
}

/**
 * The least processor time of several runs of `work`, in milliseconds of a machine at its usual speed. What happens
 * once, as a collection of garbage, is no cost, nor is what a busy machine lets wait.
 */
export async function bestOf(runs: number, work: () => unknown): Promise<number> {
  return (await least(runs, work)) / (await slowness())
}

async function least(runs: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < runs; i++) {
    const begun = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(begun)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

/** Work of the kind that is judged: texts are taken apart and put together. */
function yardstick(): void {
  const text = JSON.stringify(Array.from({ length: 1000 }, (_, id) => ({ id, name: `name ${id}` })))
  for (let i = 0; i < 12; i++) {
    for (const { id, name } of JSON.parse(text)) new URL(`https://${id}.example/${name}`).pathname.split('%20')
  }
}
