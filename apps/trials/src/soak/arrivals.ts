/** How requests come: each after the last answer, or when they come, answered or not. */

/** So many at once, each asking again as soon as it is answered: what a server gives when it is never left alone. */
export async function closed<T>(
  atOnce: number,
  milliseconds: number,
  ask: (which: number) => Promise<T>,
): Promise<T[]> {
  const end = performance.now() + milliseconds
  const outcomes: T[] = []
  const one = async (_: unknown, which: number) => {
    while (performance.now() < end) outcomes.push(await ask(which))
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return outcomes
}

/** At random, so many a second, however long answers take. Resolves when all are asked, some not yet answered. */
export async function open<T>(
  perSecond: number,
  milliseconds: number,
  random: () => number,
  ask: () => Promise<T>,
): Promise<Promise<T>[]> {
  const end = performance.now() + milliseconds
  const asked: Promise<T>[] = []
  for (let next = performance.now(); next < end; next += (-Math.log(1 - random()) * 1000) / perSecond) {
    const early = next - performance.now()
    // A timer is late by a millisecond or so: what is due by then is asked at once.
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
    asked.push(ask())
  }
  return asked
}
