import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compile, compilers } from '../src/compilers.ts'

const fixtures = join(import.meta.dirname, '../fixtures')

/** What must be said, by line, from the `//!` above it. */
const wanted = readFileSync(join(fixtures, 'mistakes.ts'), 'utf8')
  .split('\n')
  .flatMap((line, index) => (line.startsWith('//! ') ? [{ line: index + 2, words: line.slice(4) }] : []))

it.each(compilers)('TypeScript %s says what is wrong where it is wrong', async (compiler) => {
  const output = await compile(compiler, ['-p', 'tsconfig.json', '--pretty', 'false'], fixtures).catch(String)
  const said = output.split(/^(?=mistakes\.ts\()/m).slice(1)
  const lines = said.map((text) => Number(/^mistakes\.ts\((\d+)/.exec(text)?.[1]))
  expect(lines).toEqual(wanted.map(({ line }) => line))
  for (const [index, { words }] of wanted.entries()) {
    expect(said[index]).toContain(words)
    expect(said[index]).not.toContain('No overload matches')
  }
})
