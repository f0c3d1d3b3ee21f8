/**
 * A Map for keys that come and go, such as a lock file in a directory with a hundred thousand names. A Map of V8 keeps
 * deleted entries in its chains until it rehashes, so a key that is set and deleted again and again has thousands of
 * dead entries in front of it.
 *
 * Here new keys are kept in a small second table, which remembers a deleted key and reuses its entry. Keys that stay
 * move to the large table, one at a time. So only V8 rehashes, when a table is full, and there are few dead entries in
 * front of any key.
 *
 * In all other respects it is a Map with the order of insertion. A value is never undefined. As in a Map, a loop may
 * reach entries that are added during the loop.
 */
import { LinkedList, ListNode } from './vfs/linked-list.ts'

/** So many keys need no young ones beside them. So many are young then, and so many that have gone are remembered. */
const FEW = 16
/** Of many keys one in so many is young, up to `MOST_YOUNG`. */
const SHARE = 16
const MOST_YOUNG = 1024

/** A young key: `held` is undefined once it has gone. */
class YoungKey<K, V> extends ListNode<K> {
  held: V | undefined = undefined
}

/** The newest keys, and some that were and have gone. */
class Young<K, V> {
  readonly #all = new Map<K, YoungKey<K, V>>()
  readonly present = new LinkedList<K>()
  readonly #gone = new LinkedList<K>()

  get(key: K): V | undefined {
    return this.#all.get(key)?.held
  }

  set(key: K, value: V): void {
    let node = this.#all.get(key)
    if (node === undefined) this.#all.set(key, (node = new YoungKey<K, V>(key)))
    else if (node.held === undefined) this.#gone.remove(node)
    if (node.held === undefined) this.present.put(node)
    node.held = value
  }

  delete(key: K): boolean {
    const node = this.#all.get(key)
    if (node === undefined || node.held === undefined) return false
    node.held = undefined
    this.present.remove(node)
    this.#gone.put(node)
    if (this.#gone.size > FEW) this.takeOldest(this.#gone)
    return true
  }

  takeOldest(list: LinkedList<K>): YoungKey<K, V> {
    const node = list.oldest as YoungKey<K, V>
    list.remove(node)
    this.#all.delete(node.value)
    return node
  }
}

/** Made empty: `new ChurnMap()`. */
export class ChurnMap<K, V> extends Map<K, V> {
  #young: Young<K, V> | null = null

  override get size(): number {
    return super.size + (this.#young === null ? 0 : this.#young.present.size)
  }

  override get(key: K): V | undefined {
    const young = this.#young
    const value = super.get(key)
    return value !== undefined || young === null ? value : young.get(key)
  }

  override has(key: K): boolean {
    return this.get(key) !== undefined
  }

  override set(key: K, value: V): this {
    if ((this.#young === null && super.size < FEW) || super.has(key)) {
      super.set(key, value)
      return this
    }
    const young = (this.#young ??= new Young())
    young.set(key, value)
    if (young.present.size > Math.min(MOST_YOUNG, Math.max(FEW, super.size / SHARE))) {
      const stayed = young.takeOldest(young.present)
      super.set(stayed.value, stayed.held!)
    }
    return this
  }

  override delete(key: K): boolean {
    const young = this.#young
    if (young === null) return super.delete(key)
    if (!young.delete(key) && !super.delete(key)) return false
    // an empty map holds no memory
    if (young.present.size === 0 && super.size === 0) this.#young = null
    return true
  }

  override clear(): void {
    super.clear()
    this.#young = null
  }

  /** `large`, and then `of` of the young keys of now, without those that are deleted meanwhile in either table. */
  *#withYoung<T>(large: Iterable<T>, of: (key: K) => T): MapIterator<T> {
    // young ones that move during a loop are met in it, at the end of the large table
    yield* large
    const young = this.#young === null ? [] : [...this.#young.present.nodes()]
    for (const { value: key } of young) if (this.has(key)) yield of(key)
  }

  override entries(): MapIterator<[K, V]> {
    return this.#withYoung(super.entries(), (key) => [key, this.get(key)!])
  }
  override keys(): MapIterator<K> {
    return this.#withYoung(super.keys(), (key) => key)
  }
  override values(): MapIterator<V> {
    return this.#withYoung(super.values(), (key) => this.get(key)!)
  }
  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }
  override forEach(visit: (value: V, key: K, map: Map<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this)
  }
}
