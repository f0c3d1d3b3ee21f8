/** The order of names in a table of libsepol: by the buckets of its hash, and by bytes within one. */

const encoder = new TextEncoder()

const hashOf = (bytes: Uint8Array): number => {
  let hash = 5381
  for (const byte of bytes) hash = (((hash << 5) + hash) ^ byte) >>> 0
  return hash
}

const compare = (a: Uint8Array, b: Uint8Array): number => {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** `size` is the number of buckets of an empty table; it doubles as the table fills. */
export const inHashOrder = <T extends { readonly name: string }>(items: Iterable<T>, size: number): T[] => {
  const keyed = Array.from(items, (item) => ({ item, bytes: encoder.encode(item.name) }))
  let buckets = size
  while (buckets < keyed.length) buckets *= 2
  const sortable = keyed.map((key) => ({ ...key, bucket: hashOf(key.bytes) & (buckets - 1) }))
  return sortable.sort((a, b) => a.bucket - b.bucket || compare(a.bytes, b.bytes)).map(({ item }) => item)
}
