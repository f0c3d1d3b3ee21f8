/** Namespaces that a kernel has nothing in: they begin and end, and that is all. */
import type { PlainNamespace } from './namespaces.ts'

export class EmptyNamespaces {
  /** Ends one that is left. */
  readonly #end: (ns: PlainNamespace) => void
  /** The first namespace of the machine is not among them: it never ends. */
  readonly #living = new Set<PlainNamespace>()

  constructor(end: (ns: PlainNamespace) => void) {
    this.#end = end
  }

  begin(ns: PlainNamespace): void {
    this.#living.add(ns)
  }

  /** No task is left in it. */
  end(ns: PlainNamespace): void {
    if (this.#living.delete(ns)) this.#end(ns)
  }
}
