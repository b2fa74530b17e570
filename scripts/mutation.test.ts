/** The mutants that nobody can tell from the original: each is explained, and of code that is still there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

interface Explained {
  /** The line it begins in. */
  readonly in: string
  readonly was: string
  readonly is: string
  readonly why: string
}

const root = join(import.meta.dirname, '..')
const explained: Record<string, Explained[]> = JSON.parse(
  readFileSync(join(root, 'scripts/mutation/explained.json'), 'utf8'),
)
/** As in the file of explanations: blanks are one, and long texts are cut. */
const short = (text: string) => text.replace(/\s+/g, ' ').trim()

it.each(Object.entries(explained))(
  'the survivors of %s are of its present code, each with a reason',
  (file, entries) => {
    const source = readFileSync(join(root, file), 'utf8')
    const lines = source.split('\n').map(short)
    for (const { in: line, was, is, why } of entries) {
      expect(
        lines.some((one) => one.startsWith(line)),
        `${file} has no line ${line}`,
      ).toBe(true)
      expect(short(source), line).toContain(was)
      expect(is, line).not.toBe(was)
      expect(why.length, line).toBeGreaterThan(20)
    }
  },
)
