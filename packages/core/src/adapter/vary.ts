/** `Vary` of an answer that a host and we both have something to say of: every name once. */
export function joinVary(present: string | null | undefined, added: string): string {
  const names = new Map<string, string>()
  for (const name of `${present ?? ''},${added}`.split(',')) {
    const trimmed = name.trim()
    const key = trimmed.toLowerCase()
    if (key && !names.has(key)) names.set(key, trimmed)
  }
  return [...names.values()].join(', ')
}
