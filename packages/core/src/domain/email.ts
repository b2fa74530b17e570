/** Addresses: one grammar, one canonical form. */

/** Plain ASCII local parts and domain names; no quoted parts, comments or address literals. */
const grammar = /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/
/** RFC 5321: the longest path that can be mailed to. */
const longest = 254

export function isEmail(text: string): boolean {
  return text.length <= longest && grammar.test(text)
}

/** The form in which an address is stored and looked up. */
export function canonicalEmail(text: string): string {
  return text.toLowerCase()
}
