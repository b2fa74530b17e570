/** The table of ASVS requirements: all of its chapters, and no test named that does not exist. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../asvs.md'), 'utf8')
const cases: Record<string, string> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../conformance/test/security/cases.json'), 'utf8'),
)
const rows = [...page.matchAll(/^\| (\d+\.\d+\.\d+) +\|(.*)\|$/gm)].map(([, id = '', rest = '']) => {
  const [asks = '', state = '', how = '', tests = ''] = rest.split('|').map((cell) => cell.trim())
  return { id, asks, state, how, tests: tests.split(' ').filter(Boolean) }
})

/** Requirements of each section of chapters 3, 6, 7 and 9 in version 5.0.0. */
const sections: Record<string, number[]> = {
  3: [1, 3, 5, 8, 8, 1, 5],
  6: [3, 12, 8, 6, 8, 4, 2, 4],
  7: [3, 4, 2, 5, 3, 2],
  9: [3, 4],
}

it('lists every requirement of the chapters once, in order', () => {
  const all = Object.entries(sections).flatMap(([chapter, counts]) =>
    counts.flatMap((count, section) => Array.from({ length: count }, (_, i) => `${chapter}.${section + 1}.${i + 1}`)),
  )
  expect(rows.map(({ id }) => id)).toEqual(all)
})

/** Met by what there is not: no page but one, no secret questions. */
const nothingThere = ['3.7.1', '6.4.2']

it('says of each how it stands, and names only cases that are tested', () => {
  for (const { id, state, how, tests } of rows) {
    expect(['met', 'partly', 'app', 'open'], id).toContain(state)
    if (state === 'partly') expect(how, id).not.toBe('')
    if (state === 'met' && !nothingThere.includes(id)) expect(tests, id).not.toEqual([])
    for (const name of tests) expect(cases[name], `${id} names ${name}`).toBe('tested')
  }
})
