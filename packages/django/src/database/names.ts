/** One name here, a first and a last one there: put together they give back what was taken apart. */

/** `undefined` where the columns have no room for it. Lengths are counted in code points. */
export function splitName(
  name: string,
  room: { readonly first: number; readonly last: number },
): { readonly first: string; readonly last: string } | undefined {
  const fits = (text: string, most: number) => [...text].length <= most
  const at = name.indexOf(' ')
  const [first, last] = [name.slice(0, at), name.slice(at + 1)]
  if (at > 0 && last !== '' && fits(first, room.first) && fits(last, room.last)) return { first, last }
  // A space at either end, or too long a word in front.
  return fits(name, room.first) ? { first: name, last: '' } : undefined
}
