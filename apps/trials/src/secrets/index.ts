/** Looks for secrets in all that services leave behind: `npm run trial -- secrets`. */
import type { Report, Trial } from '../report.ts'
import { hunt } from './hunt.ts'
import { hunts } from './hunts.ts'

export const secrets: Trial = async (): Promise<Report> => {
  const lines: string[] = []
  const figures: Record<string, unknown> = {}
  let ok = true
  for (const [name, options] of Object.entries(hunts)) {
    const { leaks, canaries, searched } = await hunt(options)
    if (leaks.length > 0) ok = false
    const where = Object.entries(searched).map(([kind, count]) => `${count} ${kind}s`)
    lines.push(`${name}: ${canaries} secrets, looked for in ${where.join(', ')}: ${leaks.length} found`)
    for (const { canary, form, place, before } of leaks) {
      lines.push(`  ${canary} (${form}) in a ${place}, behind ${JSON.stringify(before)}`)
    }
    figures[name] = { canaries, searched, leaks }
  }
  return { ok, lines, figures }
}
