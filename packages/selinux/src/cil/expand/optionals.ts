/** Optionals: one in which a name stands for nothing is taken out as a whole, with what it declares. */
import { CilError } from '../errors.ts'
import type { CilWarning } from '../errors.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Tree } from '../parse.ts'
import { declares, undeclare } from '../resolve/declare.ts'
import type { Declared, Scope } from '../resolve/scope.ts'
import { Alias, ClassSymbol } from '../resolve/symbols.ts'

export class Optionals {
  readonly #tree: Tree
  readonly #warn: (warning: CilWarning) => void
  readonly #failed = new Set<Scope>()

  constructor(tree: Tree, warn: (warning: CilWarning) => void) {
    this.#tree = tree
    this.#warn = warn
  }

  /**
   * A name stands for nothing: the innermost optional around `scope` will be taken out. Throws CilError when there is
   * none. Answers null, so that what was asked has no answer.
   */
  missing(scope: Scope, atom: number, kind: string, known: Iterable<string> = []): null {
    const optional = scope.within('optional')
    const text = this.#tree.text(atom)
    if (optional === null) {
      throw new CilError('unresolved', `there is no ${kind} \`${text}\``, this.#tree.place(atom),
        { hint: didYouMean(text, known), related: this.#callers(scope) })
    }
    if (!this.#failed.has(optional)) {
      this.#failed.add(optional)
      this.#warn({ code: 'optional-disabled', place: this.#tree.place(atom),
        message: `optional \`${this.#tree.names.text(optional.symbol!.name)}\` is left out: no ${kind} \`${text}\`` })
    }
    return null
  }

  /** Some have failed and are not taken out yet. */
  get isWaiting(): boolean {
    return this.#failed.size > 0
  }

  /** Takes out the optionals that failed; answers the symbols that are gone, and those that lost what they had. */
  drop(): Declared[] {
    const changed: Declared[] = []
    for (const optional of this.#failed) this.#takeBack(optional, changed)
    this.#failed.clear()
    return changed
  }

  #takeBack(scope: Scope, changed: Declared[]): void {
    for (const item of scope.items) {
      const node = typeof item === 'number' ? item : item.node
      const keyword = this.#tree.word[node + 1]!
      if (declares(keyword)) {
        const gone = undeclare(this.#tree, scope, node, keyword)
        if (gone !== null) changed.push(gone)
      }
      if (typeof item !== 'number') this.#takeBack(item, changed)
    }
    for (const { bound } of scope.bindings ?? []) {
      if (bound instanceof Alias) bound.bound = bound.actual = null
      else if (bound instanceof ClassSymbol) bound.common = null
      if (bound !== null) changed.push(bound)
    }
    scope.items = []
    scope.isDropped = true
  }

  #callers(scope: Scope): { message: string; place: ReturnType<Tree['place']> }[] {
    const found = []
    for (let call = scope.within('call'); call !== null; call = call.parent?.within('call') ?? null) {
      found.push({ message: 'called here', place: this.#tree.place(call.node) })
    }
    return found
  }
}
