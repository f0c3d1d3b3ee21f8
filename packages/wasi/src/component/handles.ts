/** The table of an instance of a component: resources of its own, of other components, of the host, by number. */
import { Handle, HOST } from './resources.ts'

/** More are held by no program; they lie in the host's heap. */
const MOST = 65536

/** An object of the host: a stream, a descriptor, a pollable. */
export abstract class Resource {
  /** The component gives it up. */
  drop(): void {}
}

/** Lets go of an object of the host. */
export const release = (rep: unknown): void => {
  if (rep instanceof Resource) rep.drop()
  else (rep as Partial<Disposable> | null)?.[Symbol.dispose]?.()
}

export class Handles {
  readonly #entries: (object | null)[] = [null]
  readonly #free: number[] = []

  /** The number of a new entry; 0 when there are too many. */
  put(entry: object): number {
    const index = this.#free.pop() ?? this.#entries.length
    if (index > MOST) return 0
    this.#entries[index] = entry
    return index
  }

  at(index: number): object | null {
    return this.#entries[index >>> 0] ?? null
  }

  remove(index: number): void {
    this.#entries[index >>> 0] = null
    this.#free.push(index >>> 0)
  }

  /** Forgets all entries, and lets go of none. */
  clear(): void {
    this.#entries.length = 1
    this.#free.length = 0
  }

  /** The number of an object of the host; 0 when there are too many. */
  add(resource: Resource): number {
    return this.put(new Handle(HOST, resource, null))
  }

  /** Null for a number that stands for nothing, or for something else. */
  get<T extends Resource>(index: number, type: abstract new (...args: never[]) => T): T | null {
    const entry = this.at(index)
    return entry instanceof Handle && entry.rep instanceof type ? entry.rep : null
  }

  /** Takes an object of the host from the component, for good. Null as for `get`, and for one that is lent. */
  take<T extends Resource>(index: number, type: abstract new (...args: never[]) => T): T | null {
    const resource = this.get(index, type)
    const entry = this.at(index)
    if (resource === null || !(entry instanceof Handle) || !entry.isOwn || entry.lends > 0) return null
    this.remove(index)
    return resource
  }
}
