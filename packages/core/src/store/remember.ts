/** The statements of one table or connection: callers choose the combinations of fields, so there is an end to them. */
const most = 256

/** Keeps a value under a key; the oldest goes when there are too many. */
export function remember<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
  return value
}
