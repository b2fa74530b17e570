/** Figures beside one another, and whether our goals hold. */
import type { ContenderName } from './contender.ts'

export interface Goal {
  readonly text: string
  readonly holds: boolean
  /** `--check` insists on it. */
  readonly required?: boolean | undefined
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

const titles = ['', 'better-auth', 'floor', 'keystile', 'goals (! must be met)']

/** Prints one table and gives its goals, each with its place. */
export function print(heading: string, unit: string, figures: readonly Figure[]): Goal[] {
  const cell = (value: number | undefined) => (value === undefined ? '–' : round(value))
  const rows = figures.map(({ measure, values, goals }) => [
    measure,
    cell(values['better-auth']),
    cell(values.floor),
    cell(values.keystile),
    goals.map(({ text, holds, required }) => `${holds ? '✓' : '✗'} ${text}${required ? '!' : ''}`).join('   '),
  ])
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] as string).length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => (i === 0 || i === 4 ? text.padEnd(widths[i] as number) : text.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd()
  console.log(`\n${heading} (${unit})\n${[titles, ...rows].map(line).join('\n')}`)
  return figures.flatMap(({ measure, goals }) =>
    goals.map((goal) => ({ ...goal, text: `${heading}, ${measure}: ${goal.text}` })),
  )
}

/** Prints which goals were missed and, as the last line, how many were met. Gives whether all were that must be. */
export function conclude(goals: readonly Goal[]): boolean {
  const missed = goals.filter(({ holds }) => !holds)
  if (missed.length > 0) {
    console.log(`\nMissed:\n${missed.map(({ text, required }) => `  ${text}${required ? '!' : ''}`).join('\n')}`)
  }
  const count = (required: boolean) => {
    const of = goals.filter((goal) => required === (goal.required ?? false))
    return `${of.filter(({ holds }) => holds).length} of ${of.length}`
  }
  console.log(`\nGoals met: ${count(true)} that must be, ${count(false)} others.`)
  return !missed.some(({ required }) => required)
}
