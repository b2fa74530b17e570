/** The picture of the manual's page: a bar for each request. */
import { round } from '../report.ts'
import { mainRatios, type Results } from './results.ts'

const width = 760
const labels = 200
const numbers = 70
const row = 24
const top = 64
const bar = 14

/** Readable on light ground and on dark; told in words to who does not see it. */
export function picture(results: Results): string {
  const ratios = mainRatios(results)
  const most = Math.max(...ratios.flatMap(({ overPeer, floorOverPeer = 0 }) => [overPeer, floorOverPeer]))
  const at = (ratio: number) => round(labels + (ratio / most) * (width - labels - numbers))
  const height = top + ratios.length * row + 12
  const words = ratios.map(({ measure, overPeer }) => `${measure} ${round(overPeer)}`)
  const bars = ratios.flatMap(({ measure, overPeer, floorOverPeer }, i) => {
    const y = top + i * row
    const end = Math.max(overPeer, floorOverPeer ?? 0)
    return [
      `<text x="${labels - 10}" y="${y + 11}" text-anchor="end">${escaped(measure)}</text>`,
      `<rect class="bar" x="${labels}" y="${y}" width="${round(Number(at(overPeer)) - labels)}" height="${bar}" rx="2"/>`,
      ...(floorOverPeer === undefined ? [] : [`<path class="floor" d="M${at(floorOverPeer)} ${y - 3}v${bar + 6}"/>`]),
      `<text x="${round(Number(at(end)) + 8)}" y="${y + 11}">${round(overPeer)} ×</text>`,
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">How many times faster than better-auth ${results.versions['better-auth']}</title>
<desc id="desc">Times faster than better-auth: ${escaped(words.join(', '))}. Node ${results.node}, ${results.date}.</desc>
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.bar { fill: #0b6bcb }
.floor { stroke: #b35900; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #58a6ff } .floor { stroke: #f0a050 } }
</style>
<text class="title" x="10" y="22">Times faster than better-auth ${results.versions['better-auth']}</text>
<path class="floor" d="M14 34v14"/>
<text x="24" y="45">the floor: what JavaScript can do</text>
${bars.join('\n')}
</svg>
`
}

const escaped = (text: string) => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
