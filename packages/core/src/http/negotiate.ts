/** Whether an `Accept` header lets `type` (lower case) be the answer (RFC 9110, 12.5.1): the most specific range decides. */
export function accepts(header: string | null, type: string): boolean {
  if (!header?.trim()) return true
  const wanted = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']
  let best = wanted.length
  let allowed = false
  for (const range of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
    const rank = wanted.indexOf(name)
    if (rank === -1 || rank >= best) continue
    best = rank
    allowed = !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  }
  return allowed
}
