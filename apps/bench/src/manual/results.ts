import type { Figure, Table } from '../report.ts'

/** A run, as it is kept. */
export interface Results {
  readonly date: string
  /** The processes that wanted to run in the minute before. */
  readonly load: number
  readonly node: string
  readonly processors: number
  readonly long: boolean
  readonly versions: { readonly [name: string]: string }
  readonly tables: readonly Table[]
}

/** Keystile beside better-auth and the floor; all of these are the better the smaller. */
export interface Ratio {
  readonly measure: string
  /** How many times better-auth's figure is ours. */
  readonly overPeer: number
  /** The floor's in the same way, where it has one. */
  readonly floorOverPeer: number | undefined
}

export const ratiosOf = ({ figures }: Table, measure = (figure: Figure) => figure.measure): Ratio[] =>
  figures.flatMap((figure) => {
    const { keystile, 'better-auth': peer, floor } = figure.values
    if (!keystile || !peer) return []
    return [{ measure: measure(figure), overPeer: peer / keystile, floorOverPeer: floor && peer / floor }]
  })

const tableNamed = ({ tables }: Results, heading: string) => tables.find((table) => table.heading === heading)

const guard = 'Guard on '

/** What the page and the picture begin with. */
export function mainRatios(results: Results): Ratio[] {
  const work = tableNamed(results, 'Work of a request')
  const guards = results.tables.filter(({ heading }) => heading.startsWith(guard))
  return [
    ...(work ? ratiosOf(work) : []),
    ...guards.flatMap(({ figures: [cost], heading, ...rest }) =>
      cost ? ratiosOf({ ...rest, heading, figures: [cost] }, () => `a guard, ${heading.slice(guard.length)}`) : [],
    ),
  ]
}
