import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { page, picture, type Results } from '@keystile/bench/manual'
import { describe, expect, it } from 'vitest'

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8')

describe('the page of figures', () => {
  const results: Results = JSON.parse(read('generated/figures.json'))

  it('is what a run made of it, and nobody has edited', () => {
    expect(read('figures.md')).toBe(page(results))
    expect(read('figures.svg')).toBe(picture(results))
  })

  it('comes from a run of everything', () => {
    const headings = results.tables.map(({ heading }) => heading)
    for (const heading of [
      'Work of a request',
      'Heap per answer',
      'Statements',
      'Bridge',
      'Bundle',
      'Installation',
      'Types',
    ]) {
      expect(headings).toContain(heading)
    }
    expect(headings.filter((heading) => heading.startsWith('Guard on '))).toHaveLength(5)
  })
})
