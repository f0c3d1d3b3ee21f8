/** Numbers of maps, programs, links and types, as user space walks them (idr_alloc_cyclic from 1). */

export interface Numbered {
  id: number
}

export class Ids<T extends Numbered> {
  readonly #all = new Map<number, T>()
  #last = 0

  /** Gives it the next number, or one that rises elsewhere. */
  add(object: T, id = ++this.#last): void {
    object.id = id
    this.#all.set(id, object)
  }

  remove({ id }: Numbered): void {
    this.#all.delete(id)
  }

  at(id: number): T | null {
    return this.#all.get(id) ?? null
  }

  /** The lowest number from `from` on; 0 if there is none. */
  nextFrom(from: number): number {
    // numbers only rise, and a map keeps the order in which they were given
    for (const id of this.#all.keys()) if (id >= from) return id
    return 0
  }

  get size(): number {
    return this.#all.size
  }
}
