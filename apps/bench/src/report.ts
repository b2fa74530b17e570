/** Figures beside one another, and whether our goals hold. */
import type { ContenderName } from './contender.ts'

export interface Goal {
  readonly text: string
  readonly holds: boolean
}

export interface Figure {
  readonly measure: string
  readonly values: { readonly [Name in ContenderName]?: number | undefined }
  readonly goals: readonly Goal[]
}

/** `value` is the larger the better. */
export const atLeast = (value: number, least: number, of: string): Goal => ({
  text: `${round(value)} ${of} (${least})`,
  holds: value >= least,
})

/** `value` is the smaller the better. */
export const atMost = (value: number, most: number, of = ''): Goal => ({
  text: of ? `${round(value)} ${of} (at most ${most})` : `at most ${most}`,
  holds: value <= most,
})

/** Two decimals below ten, one below a hundred, none above. */
export function round(value: number): string {
  return value.toFixed(Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

const titles = ['', 'better-auth', 'floor', 'keystile', 'goals']

/** Prints one table and gives the goals that were missed. */
export function print(heading: string, unit: string, figures: readonly Figure[]): string[] {
  const cell = (value: number | undefined) => (value === undefined ? '–' : round(value))
  const rows = figures.map(({ measure, values, goals }) => [
    measure,
    cell(values['better-auth']),
    cell(values.floor),
    cell(values.keystile),
    goals.map(({ text, holds }) => `${holds ? '✓' : '✗'} ${text}`).join('   '),
  ])
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] as string).length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => (i === 0 || i === 4 ? text.padEnd(widths[i] as number) : text.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd()
  console.log(`\n${heading} (${unit})\n${[titles, ...rows].map(line).join('\n')}`)
  return figures.flatMap(({ measure, goals }) =>
    goals.filter(({ holds }) => !holds).map(({ text }) => `${heading}, ${measure}: ${text}`),
  )
}
