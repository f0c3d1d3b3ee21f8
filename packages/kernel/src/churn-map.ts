/**
 * A Map for keys that come and go: a lock file in a directory of a hundred thousand names. V8's own keeps what was
 * deleted in its chain until the whole table is made anew, so that one key which is set and deleted again and again is
 * looked for behind thousands of its own remains. Here the newest few stand in a small table, where that is little,
 * and those that stay move to a large one, which is made anew after so many deletions.
 *
 * It is a Map in all else, and the order is that of insertion. A loop over it does not come to what is added meanwhile.
 */

/** Entries of the small table. */
const FEW = 16
/** The large one is made anew once this share of it has been deleted. */
const SHARE = 8

/** Made empty: `new ChurnMap()`. */
export class ChurnMap<K, V> extends Map<K, V> {
  private old: Map<K, V> | null = null
  /** Deleted from `old` since it was made. */
  private deleted = 0

  override get size(): number {
    return super.size + (this.old === null ? 0 : this.old.size)
  }

  override get(key: K): V | undefined {
    const { old } = this
    const value = super.get(key)
    return value !== undefined || old === null ? value : old.get(key)
  }

  override has(key: K): boolean {
    return super.has(key) || (this.old !== null && this.old.has(key))
  }

  override set(key: K, value: V): this {
    if (this.old !== null && this.old.has(key)) {
      this.old.set(key, value)
      return this
    }
    super.set(key, value)
    if (super.size > FEW) this.settle()
    return this
  }

  override delete(key: K): boolean {
    if (super.delete(key)) return true
    const { old } = this
    if (old === null || !old.delete(key)) return false
    if (++this.deleted > FEW && this.deleted * SHARE > old.size) {
      this.old = old.size === 0 ? null : new Map(old)
      this.deleted = 0
    }
    return true
  }

  override clear(): void {
    super.clear()
    this.old = null
    this.deleted = 0
  }

  override *entries(): MapIterator<[K, V]> {
    const { old } = this
    const young = [...super.entries()]
    // what is deleted meanwhile is gone, wherever it is by then
    if (old !== null) for (const entry of old) if (this.old === old || this.has(entry[0])) yield entry
    for (const entry of young) if (this.has(entry[0])) yield entry
  }
  override *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key
  }
  override *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value
  }
  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }
  override forEach(visit: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this)
  }

  /** The newest have stayed. */
  private settle(): void {
    const old = (this.old ??= new Map())
    for (const [key, value] of super.entries()) old.set(key, value)
    super.clear()
  }
}
