import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a programme found. */
export interface Report {
  /** False where a promise was broken. */
  readonly ok: boolean
  /** For people: what was done and what came of it. */
  readonly lines: readonly string[]
  /** For machines; goes to the result file as it is. */
  readonly figures: Readonly<Record<string, unknown>>
}

/** A programme; its arguments are those of the command line. */
export type Trial = (args: readonly string[]) => Promise<Report>

const artifacts = fileURLToPath(new URL('../../../artifacts/trials', import.meta.url))

/** Writes `artifacts/trials/<name>.json` and returns that name. */
export async function writeReport(name: string, { ok, lines, figures }: Report): Promise<string> {
  const file = join(artifacts, `${name}.json`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify({ ok, node: process.version, lines, figures }, undefined, 2)}\n`)
  return `artifacts/trials/${name}.json`
}
