/**
 * The corpus in the repository, a folder a target: `*.txt` are inputs written by hand or found, one a file; `reached.jsonl`
 * are those that a run found to reach a branch first, one a line as a JSON string of one character a byte.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TargetName } from './targets.ts'

export interface Entry {
  readonly name: string
  readonly input: Uint8Array
}

const folder = (target: TargetName) => fileURLToPath(new URL(`../../corpus/${target}/`, import.meta.url))
const reachedFile = (target: TargetName) => `${folder(target)}reached.jsonl`

export async function readCorpus(target: TargetName): Promise<Entry[]> {
  const names = (await readdir(folder(target))).filter((name) => name.endsWith('.txt')).sort()
  const files = names.map(async (name) => ({ name, input: await readFile(folder(target) + name) }))
  return [...(await Promise.all(files)), ...(await readReached(target))]
}

async function readReached(target: TargetName): Promise<Entry[]> {
  if (!existsSync(reachedFile(target))) return []
  const lines = (await readFile(reachedFile(target), 'utf8')).split('\n').filter(Boolean)
  return lines.map((line, i) => ({ name: `reached ${i + 1}`, input: Buffer.from(JSON.parse(line), 'latin1') }))
}

/** Adds inputs to those that were found to reach something. */
export async function addReached(target: TargetName, inputs: readonly Uint8Array[]): Promise<void> {
  const all = [...(await readReached(target)).map(({ input }) => input), ...inputs]
  const lines = all.map((input) => JSON.stringify(Buffer.from(input).toString('latin1')))
  await mkdir(folder(target), { recursive: true })
  await writeFile(reachedFile(target), `${[...new Set(lines)].join('\n')}\n`)
}
