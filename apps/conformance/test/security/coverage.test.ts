import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import cases from './cases.json' with { type: 'json' }

/** What a case may wait for: the part of the library with which it can hold. */
const parts = [
  'robust',
  'schemes',
  'django',
  'protocol',
  'sessions',
  'databases',
  'oauth',
  'plugins-1',
  'plugins-2',
  'cli',
]

/** A test or a group of tests, however it is declared, with its title; what is skipped without a reason shows nothing. */
const titled = /\b(?:it|test|describe)((?:\.\w+(?:\((?:[^()]|\([^()]*\))*\))?)*)\(\s*(['"`])((?:(?!\2)[^\\]|\\.)*)\2/g

/** The ids of cases that titles name, wherever they stand in them. */
const idsIn = (text: string) =>
  [...text.matchAll(titled)].flatMap(([, modifiers = '', , title = '']) =>
    /\.(?:skip|todo)\b/.test(modifiers) ? [] : (title.match(/\b[A-Z]{2}-\d{2}\b/g) ?? []),
  )

/** The files that name each case in a title. */
function tested(): Map<string, string[]> {
  const root = fileURLToPath(new URL('../../../../', import.meta.url))
  const found = new Map<string, string[]>()
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'dist') visit(path)
      } else if (/\.test\.tsx?$/.test(entry.name)) {
        for (const id of idsIn(readFileSync(path, 'utf8')))
          found.set(id, [...(found.get(id) ?? []), relative(root, path)])
      }
    }
  }
  for (const folder of ['apps', 'packages', 'scripts']) visit(join(root, folder))
  return found
}

describe('the index of cases', () => {
  const index = Object.entries(cases)
  const found = tested()

  it('has 440 cases, each tested or waiting for a part', () => {
    expect(index).toHaveLength(440)
    expect(
      index.filter(([id, state]) => !/^[A-Z]{2}-\d{2}$/.test(id) || ![...parts, 'tested'].includes(state)),
    ).toEqual([])
  })

  it('says tested of those that a test names', () => {
    expect(index.filter(([id, state]) => state === 'tested' && !found.has(id)).map(([id]) => id)).toEqual([])
  })

  it('says waiting of no case that a test names', () => {
    expect(
      index.filter(([id, state]) => state !== 'tested' && found.has(id)).map(([id]) => [id, found.get(id)]),
    ).toEqual([])
  })

  it('has every case that a test names', () => {
    expect([...found].filter(([id]) => !Object.hasOwn(cases, id))).toEqual([])
  })

  it('reads titles however they are declared', () => {
    const ways = ["it('", 'describe("', 'it.each([[f(1)]])(`', "test(\n'", "it.concurrent.for([f('x')])('", "it('a, "]
    const titles = ways.map((way, i) => `${way}${'ABCDEF'[i]?.repeat(2)}-01 x${/['"`]/.exec(way.slice(-4))?.[0]})`)
    const others = ["'GG-06'", "it('HH-007')", "it.skip('II-01')", "it.todo('JJ-01')", "it('UTF-16')"]
    const text = [...titles, ...others].join()
    expect(idsIn(text)).toEqual(['AA-01', 'BB-01', 'CC-01', 'DD-01', 'EE-01', 'FF-01'])
  })
})
