/** Patterns by what they begin with: a tree of characters, so that only those are tried that could match. */
import { PairSet } from './pair-set.ts'
import { matchesRest } from './pattern.ts'
import type { Spec } from './spec.ts'

class Node {
  /** What is on the way to here from the parent. */
  label: string
  readonly children = new Map<number, Node>()
  /** Those whose prefix ends here, the later ones last. */
  readonly specs: Spec[] = []
  /** Directories that the prefix of the specifications fixes. */
  stem = 0

  constructor(label: string) {
    this.label = label
  }
}

const slashes = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1)) count++
  return count
}

const commonLength = (a: string, b: string): number => {
  let length = 0
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

export class PrefixTree {
  readonly #root = new Node('')
  /** Nodes met on the way down; kept so that a look-up makes nothing. */
  readonly #way: Node[] = []
  readonly #pairs = new PairSet()
  /** The file context whose pattern is being matched. */
  trying: Spec | null = null

  /** Specifications must come in ascending order. */
  add(spec: Spec): void {
    let node = this.#root
    let rest = spec.pattern.prefix
    while (rest !== '') {
      const child = node.children.get(rest.charCodeAt(0))
      if (child === undefined) {
        const leaf = new Node(rest)
        node.children.set(rest.charCodeAt(0), leaf)
        node = leaf
        break
      }
      const common = commonLength(child.label, rest)
      if (common < child.label.length) {
        const middle = new Node(child.label.slice(0, common))
        child.label = child.label.slice(common)
        middle.children.set(child.label.charCodeAt(0), child)
        node.children.set(rest.charCodeAt(0), middle)
        node = middle
      } else node = child
      rest = rest.slice(common)
    }
    node.stem = slashes(spec.pattern.prefix)
    node.specs.push(spec)
  }

  /**
   * The last specification that matches the path; `kind` 0 matches those of any kind. As in libselinux, which looks in
   * the deepest directory first, `<<none>>` there ends the search. Throws MatchLimit.
   */
  find(path: string, kind: number): Spec | null {
    const way = this.#way
    let node = this.#root
    let depth = 0
    way[depth++] = node
    for (let at = 0; at < path.length;) {
      const child = node.children.get(path.charCodeAt(at))
      if (child === undefined || !path.startsWith(child.label, at)) break
      at += child.label.length
      node = child
      if (node.specs.length > 0) way[depth++] = node
    }
    this.#pairs.fill(path)
    let best: Spec | null = null
    let stem = 0
    while (--depth >= 0) {
      const { specs, stem: own } = way[depth]!
      if (own < stem && best !== null && best.context === null) return best
      stem = own
      for (let i = specs.length - 1; i >= 0; i--) {
        const spec = specs[i]!
        if (best !== null && spec.order < best.order) break
        if (kind !== 0 && spec.kind !== 0 && spec.kind !== kind) continue
        this.trying = spec
        if (!matchesRest(spec.pattern, path, this.#pairs)) continue
        best = spec
        break
      }
    }
    return best
  }
}
