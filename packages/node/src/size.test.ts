/** Adapters stay thin: what more than one of them needs is the bridge's or the core's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const folderOf = (adapter: string) => join(import.meta.dirname, '../..', adapter, 'src')

/** Lines that do something: none of imports, types, comments, and none that are empty. */
function linesOf(text: string): number {
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ESNext, true)
  const of = (at: number) => file.getLineAndCharacterOfPosition(at).line
  const counted = new Set<number>()
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) continue
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) continue
    for (let line = of(statement.getStart()); line <= of(statement.end); line++) counted.add(line)
  }
  const lines = text.split('\n')
  return [...counted].filter((line) => !/^\s*(?:$|\/\/|\/?\*)/.test(lines[line] ?? '')).length
}

it.for(['express', 'fastify', 'koa', 'hono'])('%s: the gate is of 60 lines, and no other file of 40', (adapter) => {
  const folder = folderOf(adapter)
  const sizes = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => [name, linesOf(readFileSync(join(folder, name), 'utf8'))]),
  )
  const gate = ['index.ts', 'guard.ts', 'host.ts']
  for (const name of gate) expect(existsSync(join(folder, name)), name).toBe(true)
  expect(gate.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)).toBeLessThanOrEqual(60)
  expect([...sizes].filter(([, lines]) => lines > 40)).toEqual([])
})

it('lines are counted as they are meant', () => {
  const text = `import x from 'x'
/** Says. */
export type T = { a: 1 }
export interface I {
  a: 1
}
export { y } from 'y'

// Why.
export function f(a: number): number {
  // Because.

  return a
}
`
  expect(linesOf(text)).toBe(3)
})
