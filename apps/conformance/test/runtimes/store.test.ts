/** Core's tests of stores, under the runtimes that have an SQLite of their own. */
import { expect, it } from 'vitest'
import { program, run } from '../../../../scripts/run.mjs'
import { need, ofName } from './runtimes.ts'

const files = ['packages/core/src/store/contract.test.ts', 'packages/core/src/store/sqlite.test.ts']
const flags = { 'Node 22': [], 'Node 24': [], Bun: ['--bun'], Deno: ['run', '-A'] }

it.for(Object.entries(flags))('on %s', async ([name, flags], { skip }) => {
  const runtime = ofName(name)
  need(runtime, skip)
  const vitest = [program('vitest'), 'run', '--config', 'vitest.workspace.ts', '--project', 'core', ...files]
  const { ok, output } = await run(runtime.path ?? '', [...flags, ...vitest])
  expect(ok, output).toBe(true)
})
