/** Figures beside one another, and whether our goals hold. */

export interface Goal {
  readonly text: string
  readonly holds: boolean
  /** `--check` insists on it. */
  readonly required?: boolean | undefined
}

export interface Figure {
  readonly measure: string
  /** By contender. */
  readonly values: { readonly [column: string]: number | undefined }
  readonly goals: readonly Goal[]
}

export interface Table {
  readonly heading: string
  readonly unit: string
  /** In the order they are shown. */
  readonly columns: readonly string[]
  readonly figures: readonly Figure[]
}

export const tableOf = (heading: string, unit: string, figures: readonly Figure[]): Table => ({
  heading,
  unit,
  columns: [...new Set(figures.flatMap(({ values }) => Object.keys(values)))],
  figures,
})

/** `value` is the larger the better. */
export const atLeast = (value: number, least: number, of: string): Goal => ({
  text: `${round(value)} ${of} (${least})`,
  holds: value >= least,
})

/** `value` is the smaller the better. */
export const atMost = (value: number, most: number, of = ''): Goal => ({
  text: `${round(value)} ${of && `${of} `}(at most ${most})`,
  holds: value <= most,
})

/** Two decimals below ten, one below a hundred, none above. */
export function round(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

export const cell = (value: number | undefined) => (value === undefined ? '–' : round(value))

/** Whether it holds, what was found, and `!` where it must hold. */
export const goalText = ({ text, holds, required }: Goal) => `${holds ? '✓' : '✗'} ${text}${required ? '!' : ''}`

export function print({ heading, unit, columns, figures }: Table): void {
  const rows = figures.map(({ measure, values, goals }) => [
    measure,
    ...columns.map((column) => cell(values[column])),
    goals.map(goalText).join('   '),
  ])
  const titles = ['', ...columns, rows.some((row) => row.at(-1)) ? 'goals (! must be met)' : '']
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] as string).length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => (i === 0 || i > columns.length ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  console.log(`\n${heading} (${unit})\n${[titles, ...rows].map(line).join('\n')}`)
}

/** All goals, each with its place. */
const goalsOf = (tables: readonly Table[]): Goal[] =>
  tables.flatMap(({ heading, figures }) =>
    figures.flatMap(({ measure, goals }) =>
      goals.map((goal) => ({ ...goal, text: `${heading}, ${measure}: ${goal.text}` })),
    ),
  )

/** Which goals were missed and, at the end, how many were met. */
export function summary(tables: readonly Table[]): {
  readonly missed: readonly string[]
  readonly line: string
  /** Whether all were met that must be. */
  readonly fine: boolean
} {
  const goals = goalsOf(tables)
  const missed = goals.filter(({ holds }) => !holds)
  const count = (required: boolean) => {
    const of = goals.filter((goal) => required === (goal.required ?? false))
    return `${of.filter(({ holds }) => holds).length} of ${of.length}`
  }
  return {
    missed: missed.map(({ text, required }) => `${text}${required ? '!' : ''}`),
    line: `Goals met: ${count(true)} that must be, ${count(false)} others.`,
    fine: !missed.some(({ required }) => required),
  }
}
