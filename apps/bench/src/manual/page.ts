/** The manual's page of figures. */
import { cell, goalText, round, summary, type Table } from '../report.ts'
import { limitOf } from './limits.ts'
import { mainRatios, type Results } from './results.ts'

/** The page of a run. */
export function page(results: Results): string {
  const { date, node, processors, load, long, versions, tables } = results
  const busy = load > processors / 2
  const { missed, line } = summary(tables)
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const ratios = mainRatios(results).map(({ measure, overPeer, floorOverPeer }) => [
    measure,
    `${round(overPeer)} ×`,
    floorOverPeer === undefined ? '–' : `${round(floorOverPeer)} ×`,
    floorOverPeer === undefined ? '–' : round(overPeer / floorOverPeer),
  ])
  return [
    '<!-- Made by `npm run bench -- --long --manual` from generated/figures.json. Not to be edited. -->',
    '# Figures',
    `${long ? 'One long run' : 'One short run'} on ${date}: Node ${node}, ${processors} processors, a load of ${round(load)} before it began.${busy ? ' The machine was busy with other work: times by the clock have little to say, and processor time is longer for all.' : ''} All contenders took turns in it, each in a process of its own, so only ratios count: read each as ±20 %. Statements, instantiations, bytes and packages are exact.`,
    '![How many times faster than better-auth: a bar for each request, with a mark where the floor is](figures.svg)',
    '## How many times faster than better-auth',
    'The _floor_ is a hand-written server of the same wire with nothing that can be left out: no origin checks, no limits, no plugins, tokens in clear. It is what JavaScript can do on this Node.',
    markdown(['', 'Keystile', 'the floor', 'Keystile, of the floor'], ratios),
    ...tables.flatMap((table) => [`## ${table.heading}`, `${capital(table.unit)}.`, tableText(table)]),
    '## Goals missed',
    line,
    missed.length > 0 ? missed.map(withLimit).join('\n') : 'None.',
    '## How it is measured',
    [
      '- Work is the processor time of all threads. Requests are made in the process that answers them, from the `Request` to the text of the `Response`; SQLite in memory; no hashing unless it says so; no rate limits.',
      '- A guard is measured over HTTP on four kept connections: the processor time of the server, all threads, for a guarded request less that for an open one with the same headers. Keystile, better-auth and the floor read a session and its user from SQLite; express-session and @fastify/session have theirs in memory; koa-session, iron-session, hono/jwt and Auth.js have it in a cookie, and nothing that could be revoked.',
      '- Heap is what one answer allocates, the `Request` and the reading of the `Response` among it.',
      '- Start is a process of its own on a database that is there already.',
      '- An installation has the packages that a package manager lays down for this platform, without the web framework.',
      `- Versions: ${libraries.join(', ')}.`,
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n')
}

function withLimit(goal: string): string {
  const limit = limitOf(goal)
  return limit === undefined ? `- ${goal}` : `- ${goal}: ${limit}`
}

function tableText({ columns, figures }: Table): string {
  const withGoals = figures.some(({ goals }) => goals.length > 0)
  return markdown(
    ['', ...columns, ...(withGoals ? ['goals'] : [])],
    figures.map(({ measure, values, goals }) => [
      measure,
      ...columns.map((column) => cell(values[column])),
      ...(withGoals ? [goals.map(goalText).join('<br>')] : []),
    ]),
  )
}

/** The first column and the goals to the left, numbers to the right. */
function markdown(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = titles.map((title, i) => (i === 0 || title === 'goals' ? '---' : '---:'))
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Units stay as they are: a capital µ is another letter. */
const capital = (text: string) => (text.startsWith('µ') ? text : text.charAt(0).toUpperCase() + text.slice(1))
