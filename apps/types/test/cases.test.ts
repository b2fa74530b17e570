import { join } from 'node:path'
import type ts5 from 'typescript-5'
import { expect, it } from 'vitest'
import { compile } from '../src/compilers.ts'

const cases = join(import.meta.dirname, 'cases')

// Every wrong thing in the cases stands under `@ts-expect-error`, so a compiler that lets it pass has an error to tell.

it.each(['tsconfig.json', 'tsconfig.client.json'])('TypeScript 7.0 finds the cases right, %s', async (config) => {
  await compile('7.0', ['-p', config], cases)
})

it.each([
  ['5.9', 'typescript-5'],
  ['6.0', 'typescript-6'],
])('TypeScript %s finds the cases and the declarations right', async (_, name) => {
  const ts: typeof ts5 = (await import(name)).default
  for (const config of ['tsconfig.json', 'tsconfig.client.json']) {
    const { config: json } = ts.readConfigFile(join(cases, config), ts.sys.readFile)
    const { fileNames, options } = ts.parseJsonConfigFileContent(json, ts.sys, cases)
    const program = ts.createProgram(fileNames, options)
    // Ours alone: the frameworks' declarations take these compilers most of the time.
    const ours = program.getSourceFiles().filter((file) => !file.fileName.includes('/node_modules/'))
    expect(ours.some((file) => file.fileName.endsWith('/packages/core/dist/index.d.ts'))).toBe(true)
    const errors = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    ]
    expect(
      errors.map((d) => `${d.file?.fileName}:${d.start} ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`),
    ).toEqual([])
  }
})
