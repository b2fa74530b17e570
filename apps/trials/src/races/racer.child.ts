/** A process of its own: `racer.child.ts <file>` does the acts of a job at the moment it names, and tells how they went. */
import { perform } from './acts.ts'
import { type Job, monotonic, type Task, type Told } from './job.ts'
import { pairs } from './scenes.ts'
import { makeAuth } from './world.ts'

const auth = makeAuth(process.argv[2] ?? '')
const acts = new Map(pairs.flatMap((pair) => pair.acts.map((act) => [act.name, act])))

async function done({ act: name, world }: Task): Promise<Told> {
  const act = acts.get(name)
  if (!act) throw new Error(`no act is named ${name}`)
  const began = monotonic()
  const result = await perform(act, { ...world, auth })
  return { began, ended: monotonic(), result }
}

process.on('message', async ({ tasks, at }: Job) => {
  // A timer is not exact enough.
  while (monotonic() < at);
  process.send?.(await Promise.all(tasks.map(done)))
})
process.send?.('ready')
