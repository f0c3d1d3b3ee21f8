/** Puts statements into scopes: those of the text first, then again those of macros, blocks and ins. */
import * as places from '../ast/places.ts'
import { CilError } from '../errors.ts'
import { W, statementWords } from '../keywords.ts'
import { DEEPEST } from '../parse.ts'
import type { Tree } from '../parse.ts'
import { declare, declares } from '../resolve/declare.ts'
import { Scope, Tables } from '../resolve/scope.ts'
import type { ScopeKind } from '../resolve/scope.ts'
import { BlockSymbol, MacroSymbol, OptionalSymbol } from '../resolve/symbols.ts'

/**
 * What macros and blocks may come to: a macro of ten calls of one of ten calls … stops here. A scope counts for eight.
 */
const MOST_COPIES = 1 << 20
const SCOPE_WEIGHT = 8

export interface InstanceOptions {
  readonly multipleDeclarations: boolean
  /** Tunables stay, as booleans. */
  readonly preserveTunables: boolean
}

/** Keywords of statements that hold others. */
const containers: ReadonlyMap<number, ScopeKind> = new Map([
  [W.block, 'block'], [W.macro, 'macro'], [W.optional, 'optional'], [W.call, 'call'], [W.blockinherit, 'inherit'],
  [W.booleanif, 'booleanif'], [W.tunableif, 'tunableif'], [W.in, 'in'],
])

const placeOf: Readonly<Partial<Record<ScopeKind, number>>> = {
  block: places.IN_BLOCK, macro: places.IN_MACRO, optional: places.IN_OPTIONAL, booleanif: places.IN_BOOLEANIF,
}

export class Instances {
  readonly tree: Tree
  readonly policy: Scope
  readonly #options: InstanceOptions
  /** How many blocks, macros and optionals were declared, and for each name when it was last. */
  containers = 0
  readonly lastContainer = new Map<number, number>()
  #copies = 0

  constructor(tree: Tree, options: InstanceOptions) {
    this.tree = tree
    this.#options = options
    this.policy = new Scope('policy', null, -1, 0)
    this.policy.tables = new Tables()
    for (const { from, to } of tree.roots) this.add(this.policy, from, to)
  }

  /** Adds the statements from node `from` to before `to` at the end of a scope. */
  add(scope: Scope, from: number, to: number): void {
    for (let node = from; node < to; node = this.tree.next[node]!) this.#addStatement(scope, node)
  }

  /** Adds all that stands in `source` at the end of `into`, as if written there. */
  copy(source: Scope, into: Scope): void {
    const byInheritance = into.kind === 'inherit' || into.within('inherit') !== null
    for (const item of [...source.items]) {
      const isLeaf = typeof item === 'number'
      this.#copies += isLeaf ? 1 : SCOPE_WEIGHT
      if (this.#copies > MOST_COPIES) {
        throw new CilError('too-many', 'macros and blocks come to millions of statements', this.tree.place(into.node))
      }
      if (isLeaf) this.#addLeaf(into, item, this.tree.word[item + 1]!, byInheritance)
      else this.#copyScope(item, into, byInheritance)
    }
  }

  /** The keyword of a statement, a preserved tunable's being that of a boolean. */
  keyword(node: number): number {
    const word = this.tree.word[node + 1]!
    if (this.#options.preserveTunables) {
      if (word === W.tunable) return W.boolean
      if (word === W.tunableif) return W.booleanif
    }
    return word
  }

  #addStatement(scope: Scope, node: number): void {
    const keyword = this.keyword(node)
    const kind = containers.get(keyword)
    if (kind === undefined) return this.#addLeaf(scope, node, keyword, false)
    const inner = this.#open(scope, node, keyword, kind, false)
    if (inner === null) return
    const { tree } = this
    const end = tree.next[node]!
    switch (kind) {
      case 'block':
      case 'optional':
      case 'macro': {
        const first = tree.child(node, kind === 'macro' ? 3 : 2)
        if (first >= 0) this.add(inner, first, end)
        break
      }
      case 'booleanif':
        for (const branch of tree.children(node, 2)) {
          const isTrue = tree.word[branch + 1] === W.true
          const side = this.#inside(inner, isTrue ? 'true' : 'false', branch, inner.places)
          inner.items.push(side)
          this.add(side, tree.next[branch + 1]!, tree.next[branch]!)
        }
    }
  }

  #inside(scope: Scope, kind: ScopeKind, node: number, around: number): Scope {
    if (scope.depth < DEEPEST) return new Scope(kind, scope, node, around)
    throw new CilError('too-deep', `more than ${DEEPEST} blocks, calls and optionals inside one another`,
      this.tree.place(node), { hint: 'macros that are called and blocks that are inherited count too' })
  }

  #addLeaf(scope: Scope, node: number, word: number, mayRepeat: boolean): void {
    const keyword = word === W.tunable ? this.keyword(node) : word
    this.#checkPlace(scope, node, keyword)
    if (declares(keyword)) declare(this.tree, scope, node, keyword, this.#options, mayRepeat)
    scope.items.push(node)
  }

  /** Makes the scope of a container and declares it; null for a macro that is there already. */
  #open(scope: Scope, node: number, keyword: number, kind: ScopeKind, mayRepeat: boolean): Scope | null {
    this.#checkPlace(scope, node, keyword)
    const inner = this.#inside(scope, kind, node, scope.places | (placeOf[kind] ?? 0))
    if (declares(keyword)) {
      const { symbol, isNew } = declare(this.tree, scope, node, keyword, this.#options, mayRepeat)
      this.lastContainer.set(symbol.name, this.containers++)
      if (symbol instanceof MacroSymbol) {
        if (!isNew) return null
        symbol.scope = inner
      } else if (symbol instanceof BlockSymbol || symbol instanceof OptionalSymbol) symbol.scopes.push(inner)
      inner.symbol = symbol
      if (symbol instanceof BlockSymbol) inner.tables = isNew ? new Tables() : symbol.scopes[0]!.tables
      else if (symbol instanceof MacroSymbol) inner.tables = new Tables()
    }
    scope.items.push(inner)
    return inner
  }

  #copyScope(source: Scope, into: Scope, byInheritance: boolean): void {
    if (source.kind === 'true' || source.kind === 'false') {
      const side = this.#inside(into, source.kind, source.node, into.places)
      into.items.push(side)
      return this.copy(source, side)
    }
    const inner = this.#open(into, source.node, this.keyword(source.node), source.kind, byInheritance)
    if (inner === null) return
    inner.source = source.source
    if (source.kind === 'call') return
    this.copy(source, inner)
  }

  #checkPlace(scope: Scope, node: number, keyword: number): void {
    const place = places.misplaced(keyword, scope.places)
    if (place === null) return
    const call = scope.within('call')
    throw new CilError('misplaced', `\`${statementWords[keyword]}\` is not allowed in ${place}`, this.tree.place(node),
      { related: call === null ? [] : [{ message: 'called here', place: this.tree.place(call.node) }] })
  }
}
