/**
 * What lies on which dentry: chains by inode number, twice as many when they get long, never made anew for what has
 * gone. Keys are names with an inode that they keep while they are here: places of mounts.
 */
import type { Dentry } from '@lsmkit/core'
import { LinkedList } from './linked-list.ts'
import type { ListNode } from './linked-list.ts'

class Entry<V> {
  readonly dentry: Dentry
  value: V
  /** The next one of the chain. */
  next: Entry<V> | null = null
  /** Its place in the order of coming. */
  node: ListNode<Entry<V>> | null = null

  constructor(dentry: Dentry, value: V) {
    this.dentry = dentry
    this.value = value
  }
}

const FIRST_CHAINS = 4

export class DentryMap<V> {
  private chains: (Entry<V> | null)[] = []
  private readonly order = new LinkedList<Entry<V>>()

  get size(): number {
    return this.order.size
  }

  get(dentry: Dentry): V | null {
    return this.find(dentry)?.value ?? null
  }

  has(dentry: Dentry): boolean {
    return this.find(dentry) !== null
  }

  set(dentry: Dentry, value: V): void {
    const known = this.find(dentry)
    if (known !== null) known.value = value
    else {
      if (this.order.size >= this.chains.length) this.grow()
      const entry = new Entry(dentry, value)
      this.chain(entry)
      entry.node = this.order.add(entry)
    }
  }

  delete(dentry: Dentry): void {
    const at = this.chainOf(dentry)
    let before: Entry<V> | null = null
    for (let entry = this.chains[at] ?? null; entry !== null; before = entry, entry = entry.next) {
      if (entry.dentry !== dentry) continue
      if (before === null) this.chains[at] = entry.next
      else before.next = entry.next
      this.order.remove(entry.node!)
      return
    }
  }

  /** In the order they came. */
  *values(): Generator<V> {
    for (const { value } of this.order) yield value
  }

  private find(dentry: Dentry): Entry<V> | null {
    let entry = this.chains[this.chainOf(dentry)] ?? null
    while (entry !== null && entry.dentry !== dentry) entry = entry.next
    return entry
  }

  /** Numbers of a file system count up, so their low bits spread. */
  private chainOf(dentry: Dentry): number {
    return (dentry.d_inode?.i_ino ?? 0) & (this.chains.length - 1)
  }

  private chain(entry: Entry<V>): void {
    const at = this.chainOf(entry.dentry)
    entry.next = this.chains[at] ?? null
    this.chains[at] = entry
  }

  private grow(): void {
    this.chains = Array<Entry<V> | null>(Math.max(FIRST_CHAINS, 2 * this.chains.length)).fill(null)
    for (const entry of this.order) this.chain(entry)
  }
}
