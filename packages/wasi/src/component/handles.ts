/** The host's objects that a component holds: streams, descriptors, pollables. It knows them by numbers. */

/** More are held by no program; they lie in the host's heap. */
const MOST = 65536

export abstract class Resource {
  /** The component gives it up. */
  drop(): void {}
}

export class Handles {
  readonly #entries: (Resource | null)[] = [null]
  readonly #free: number[] = []

  /** Its number; 0 when there are too many. */
  add(resource: Resource): number {
    const index = this.#free.pop() ?? this.#entries.length
    if (index > MOST) return 0
    this.#entries[index] = resource
    return index
  }

  /** Null for a number that stands for nothing, or for something else. */
  get<T extends Resource>(index: number, type: abstract new (...args: never[]) => T): T | null {
    const resource = this.#entries[index]
    return resource instanceof type ? resource : null
  }

  /** Takes an object of the host from the component, for good. Null as for `get`. */
  take<T extends Resource>(index: number, type: abstract new (...args: never[]) => T): T | null {
    const resource = this.get(index, type)
    if (resource === null) return null
    this.#entries[index] = null
    this.#free.push(index)
    return resource
  }

  /** Whether there was one. */
  drop(index: number): boolean {
    const resource = this.#entries[index] ?? null
    if (resource === null) return false
    this.#entries[index] = null
    this.#free.push(index)
    resource.drop()
    return true
  }
}
