import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript-5'
import { describe, expect, it } from 'vitest'

const packages = join(import.meta.dirname, '../../../packages')
const names = readdirSync(packages)

const filesIn = (folder: string, ending: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))

/** The lines at which a syntax tree has what is looked for. */
function places(file: string, found: (node: ts.Node) => boolean): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true)
  const lines: string[] = []
  const visit = (node: ts.Node) => {
    if (found(node)) lines.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return lines
}

/** `declare module 'x'` and `declare global`; a namespace is how a function's own properties are written. */
const isAugmentation = (node: ts.Node) =>
  ts.isModuleDeclaration(node) && (ts.isStringLiteral(node.name) || node.name.text === 'global')

describe.each(names)('@keystile/%s', (name) => {
  const declarations = filesIn(join(packages, name, 'dist'), '.d.ts')
  const sources = filesIn(join(packages, name, 'src'), '.ts')

  it('has declarations', () => {
    expect(declarations.length).toBeGreaterThan(0)
  })

  it('says `any` nowhere in them', () => {
    expect(declarations.flatMap((file) => places(file, ({ kind }) => kind === ts.SyntaxKind.AnyKeyword))).toEqual([])
  })

  it('adds to no module and to nothing global', () => {
    expect(declarations.flatMap((file) => places(file, isAugmentation))).toEqual([])
  })

  it('silences no compiler in its sources', () => {
    const silencing = /@ts-(ignore|nocheck)|@ts-expect-error/
    const silenced = sources.filter((file) => !file.endsWith('.test.ts') && silencing.test(readFileSync(file, 'utf8')))
    expect(silenced).toEqual([])
  })
})
