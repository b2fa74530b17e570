import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'

const manual = join(import.meta.dirname, '..')
const root = join(manual, '../..')
const packages = readdirSync(join(root, 'packages')).map((name) => `../../packages/${name}/README.md`)
const pages = [...readdirSync(manual).filter((name) => name.endsWith('.md')), '../../README.md', ...packages]
// Beside the manual, so that imports resolve as they do for its packages.
const folder = mkdtempSync(join(manual, '.code-'))

afterAll(() => rmSync(folder, { recursive: true }))

const blocks = pages.flatMap((page) => {
  const text = readFileSync(join(manual, page), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], index) => ({ page, index, code }))
})
const standalone = blocks.filter(({ code }) => code.includes('import '))

describe('the manual', () => {
  it('compiles under the strictest flags, every example that stands alone', () => {
    const files = standalone.map(({ page, index, code }) => {
      // One that others import says its name.
      const [, name = `${page.replaceAll(/[^a-z]/gi, '_')}_${index}.ts`] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? []
      const file = join(folder, name)
      writeFileSync(file, `${code}\nexport {}\n`)
      return file
    })
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
    // A reader's unused handler argument is no fault of the example.
    const program = ts.createProgram(files, {
      ...options,
      noEmit: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
    })
    const errors = files.flatMap((file) => {
      const source = program.getSourceFile(file)
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    })
    expect(errors.map((d) => `${d.file?.fileName}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`)).toEqual(
      [],
    )
    expect(files.length).toBeGreaterThan(10)
  })

  it('leads nowhere that is not there', () => {
    for (const page of pages) {
      const text = readFileSync(join(manual, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        expect(() => readFileSync(join(manual, page, '..', target)), `${page} → ${target}`).not.toThrow()
      }
    }
  })

  it('explains every code that a start can fail with', () => {
    const source = join(root, 'packages/core/src')
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^(?:setup|http|store|adapter|auth)\b.*(?<!\.test)\.ts$/.test(name),
    )
    const codes = files.flatMap((name) => {
      const text = readFileSync(join(source, name), 'utf8')
      const found = text.matchAll(/(?:\bcode: |\b(?:refuse|mistake)\(\s*)'([A-Z][A-Z\d_]+)',/g)
      return [...found].map(([, code = '']) => code)
    })
    const page = readFileSync(join(manual, 'configuration.md'), 'utf8')
    expect(codes.length).toBeGreaterThan(25)
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([])
  })

  it('shows every row of differences.json', () => {
    const rows: readonly Record<string, string | null>[] = JSON.parse(
      readFileSync(join(manual, 'differences.json'), 'utf8'),
    )
    const page = readFileSync(join(manual, 'differences.md'), 'utf8')
    const shown = rows.map(({ id, upstream, keystile, why, option }) =>
      [id, upstream, keystile, why, option ? `\`${option}\`` : 'none'].join(' | '),
    )
    const table = page.split('\n').filter((line) => line.startsWith('| '))
    const cells = (line: string) =>
      line
        .slice(1, -1)
        .split(' |')
        .map((cell) => cell.trim())
    expect(table.slice(2).map((line) => cells(line).join(' | '))).toEqual(shown)
  })
})
