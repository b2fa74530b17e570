import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ids = `
CR-01 CR-03 CR-04 CR-05 CR-08 CR-09 CR-10 CR-11 CR-12 CR-13 CR-14 CR-16 CR-17 CR-18 CR-22 CR-23
SE-01 SE-02 SE-03 SE-04 SE-06 SE-07 SE-09 SE-10 SE-11 SE-13 SE-15 SE-16 SE-17 SE-19 SE-20 SE-21 SE-23 SE-27
CK-01 CK-02 CK-03 CK-04 CK-05 CK-06 CK-07 CK-09 CK-10 CK-11 CK-13 CK-14
OR-01 OR-02 OR-03 OR-05 OR-06 OR-07 OR-08 OR-10 OR-12 OR-13 OR-14 OR-15 OR-16 OR-17 OR-18
RL-01 RL-02 RL-05 RL-06 RL-09 RL-11 RL-12
IN-01 IN-02 IN-03 IN-04 IN-08 IN-09 IN-10 IN-11 IN-12 IN-14 IN-17 IN-18 IN-22
MA-01 MA-02 MA-05 MA-09
HD-01 HD-02 HD-03 HD-04 HD-05 HD-06 HD-10 CA-05
RC-15 FI-13 TM-05 LG-07 LG-08 SP-06
`

it('every case of the list has one test, and no test a case outside it', () => {
  const folder = new URL('./', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
  const titles = files.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    return [...text.matchAll(/\b(?:it|describe)\(\s*['"`]([A-Z]{2}-\d{2})\b/g)].map(([, id]) => id)
  })
  const listed = ids.trim().split(/\s+/)
  expect(listed).toHaveLength(99)
  expect(titles.sort()).toEqual(listed.sort())
})
