import { join } from 'node:path'
import { describe, it } from 'vitest'
import { compile, compilers } from '../src/compilers.ts'

const cases = join(import.meta.dirname, 'cases')

// Every wrong thing in the cases stands under `@ts-expect-error`, so a compiler that lets it pass has an error to tell.
// A compiler is busy on one core, so two run at once.
describe.concurrent.each(compilers)('TypeScript %s', (compiler) => {
  it('finds the cases right', async () => {
    await compile(compiler, ['-p', 'tsconfig.json'], cases)
  })

  it('finds the official client right', async () => {
    await compile(compiler, ['-p', 'tsconfig.client.json'], cases)
  })
})
