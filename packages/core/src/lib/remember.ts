/**
 * Keeps a value under a key. The oldest goes when there are more than `most`: whoever chooses the keys, a request or a
 * caller, can choose any number of them.
 */
export function remember<K, V>(map: Map<K, V>, key: K, value: V, most = 256): V {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
  return value
}
