/** What was recorded of Django, as tests replay it. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'

/** The releases that were recorded. */
export const recordedVersions = ['2.2', '3.2', '4.2', '5.2', '6.1'] as const

// biome-ignore lint/suspicious/noExplicitAny: recordings have many forms, and the tests say which they expect.
export type Recorded = Record<string, any>

/** A file of recordings. */
export function recorded(topic: string, version: string): Recorded {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${topic}-${version}.json`, import.meta.url), 'utf8'))
}

/**
 * Checks every record of a list. Those that we differ in on purpose are named, each with its reason, by what `nameOf`
 * gives; of such a one the check must fail, so that the list of them cannot grow old.
 */
export function replay(
  records: readonly Recorded[],
  check: (record: Recorded) => void,
  differences: Readonly<Record<string, string>> = {},
  nameOf: (record: Recorded) => string = (record) => String(record.case),
): void {
  const found = records.flatMap((record) => {
    const reason = differences[nameOf(record)]
    try {
      check(record)
      return reason ? [`no difference any more: ${nameOf(record)}`] : []
    } catch (error) {
      return reason ? [] : [`${JSON.stringify(record).slice(0, 500)}\n${(error as Error).message}`]
    }
  })
  expect(found).toEqual([])
}

/** The code of what a call throws. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}
