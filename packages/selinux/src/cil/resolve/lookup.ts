/** From a name to what it stands for: outwards through blocks, calls and inherited blocks, then the whole policy. */
import { LONGEST_NAME } from '../ast/names.ts'
import type { Effort } from '../effort.ts'
import { CilError } from '../errors.ts'
import type { Tree } from '../parse.ts'
import type { Declared, Question, Scope } from './scope.ts'
import { BLOCKS } from './spaces.ts'
import { Alias } from './symbols.ts'
import type { BlockSymbol, MacroSymbol } from './symbols.ts'

export class Lookup {
  readonly #tree: Tree
  readonly policy: Scope
  /** The part of a name that was not there, after a container was not found. */
  missed = -1
  /** The asker, while optionals are settled. */
  question: Question | null = null
  readonly effort: Effort

  constructor(tree: Tree, policy: Scope, effort: Effort) {
    this.#tree = tree
    this.policy = policy
    this.effort = effort
  }

  /**
   * The symbol that `name` stands for, seen from a statement in `scope`; an alias stands for the symbol it is bound to.
   */
  find(scope: Scope, space: number, name: number): Declared | null {
    const found = this.findAlias(scope, space, name)
    if (!(found instanceof Alias) || found.actual === null) return found
    this.#note(found.actual)
    return found.actual
  }

  /** The same, and an alias stands for itself. */
  findAlias(scope: Scope, space: number, name: number): Declared | null {
    const isDotted = this.#tree.names.hasDot(name)
    const found = isDotted ? this.#dotted(scope, space, name, false) : this.#plain(scope, space, name)
    this.#note(found)
    return found
  }

  /** The question depends on what the symbol stands for. */
  #note(symbol: Declared | null | undefined): void {
    const { question } = this
    if (question === null || !symbol?.mayChange || symbol.dependents.at(-1) === question) return
    if (symbol.dependents.length === 0) symbol.dependents = [question]
    else symbol.dependents.push(question)
  }

  /** The container that an `in` names: it may go through optionals and macros too. */
  findContainer(scope: Scope, name: number): Declared | null {
    this.missed = name
    return this.#tree.names.hasDot(name) ? this.#dotted(scope, BLOCKS, name, true) : this.#plain(scope, BLOCKS, name)
  }

  #plain(scope: Scope, space: number, name: number): Declared | null {
    return this.#outwards(scope, space, name) ?? this.policy.tables!.get(space, name) ?? null
  }

  #outwards(from: Scope | null, space: number, name: number): Declared | null {
    if (from !== null) {
      this.effort.node = from.node
      this.effort.spend(from.depth)
    }
    for (let scope = from; scope !== null && scope.kind !== 'policy'; scope = scope.parent) {
      let found: Declared | null = null
      switch (scope.kind) {
        case 'block':
          if (!(scope.symbol as BlockSymbol).isAbstract) found = scope.tables!.get(space, name) ?? null
          break
        case 'macro':
          found = scope.tables!.get(space, name) ?? null
          break
        case 'call':
          found = this.#ofCall(scope, space, name)
          break
        case 'inherit':
          // First where it is inherited, then where the block stands; nowhere else.
          return this.#outwards(scope.parent, space, name) ?? this.#outwards(scope.source?.parent ?? null, space, name)
      }
      if (found !== null) return found
    }
    return null
  }

  /** A name of the macro's own is looked for where it is called; any other is an argument, or one around the macro. */
  #ofCall(call: Scope, space: number, name: number): Declared | null {
    const macro = call.source
    if (macro === null || macro.tables!.get(space, name) !== undefined) return null
    for (const argument of call.arguments) {
      if (argument.parameter === name && argument.space === space) return argument.symbol ?? null
    }
    return this.#outwards(macro.parent, space, name)
  }

  #dotted(scope: Scope, space: number, name: number, isIn: boolean): Declared | null {
    const { path, isAbsolute } = this.#tree.names.split(name)
    this.effort.spend(path.length)
    const [first] = path
    if (first === undefined) return null
    let tables = this.policy.tables!
    this.missed = first
    if (!isAbsolute) {
      const start = this.#plain(scope, BLOCKS, first)
      if (start === null) return null
      this.#note(start)
      tables = start.home!.tables!
    }
    for (let at = 0; at < path.length - 1; at++) {
      const part = path[at]!
      this.missed = part
      const container = tables.get(BLOCKS, part)
      this.#note(container)
      if (container?.flavor === 'block') tables = (container as BlockSymbol).scopes[0]!.tables!
      else if (container === undefined || !isIn) return null
      else if (container.flavor === 'macro') tables = (container as MacroSymbol).scope!.tables!
    }
    this.missed = path.at(-1)!
    return tables.get(space, this.missed) ?? null
  }
}

/**
 * The name with the blocks it is declared in before it, as the policy has it. Throws CilError for one that is longer
 * than a name may be.
 */
export const qualifiedName = (tree: Tree, symbol: Declared): string => {
  const parts = [tree.names.text(symbol.name)]
  for (let scope = symbol.home; scope !== null && scope.kind === 'block'; scope = homeOf(scope)) {
    parts.push(tree.names.text(scope.symbol!.name))
  }
  const name = parts.reverse().join('.')
  if (name.length < LONGEST_NAME) return name
  throw new CilError('bad-name', `a name of more than ${LONGEST_NAME - 1} characters, with the blocks around it`,
    tree.place(symbol.node))
}

const homeOf = (block: Scope): Scope | null => block.symbol!.home
