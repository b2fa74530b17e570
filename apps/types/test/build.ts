/**
 * Builds the packages before any test of the project, so that the declarations it reads are those of the sources as they
 * are now. What did not change is not built again: turbo knows by the sources' hashes.
 */
import { program, run } from '../../../scripts/run.mjs'

export async function setup(): Promise<void> {
  const flags = ['--filter=./packages/*', '--output-logs=errors-only', '--ui=stream']
  const { ok, output } = await run(process.execPath, [program('turbo'), 'run', 'build', ...flags])
  if (!ok) throw new Error(`the packages could not be built\n${output}`)
}
