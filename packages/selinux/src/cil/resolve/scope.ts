/**
 * Where statements stand once macros are called and blocks inherited. A statement is never copied: the same node of
 * the tree stands in several scopes, and names are looked up from the scope.
 */
import type { Question } from './settle-optionals.ts'
import type { BlockSymbol, Declared, MacroSymbol, OptionalSymbol } from './symbols.ts'
import { SPACES } from './symbols.ts'

export type ScopeKind =
  | 'policy' | 'block' | 'macro' | 'call' | 'inherit' | 'optional' | 'booleanif' | 'true' | 'false' | 'tunableif' | 'in'

/** The value of a macro's parameter in one call. */
export interface Argument {
  readonly space: number
  readonly parameter: number
  /** The name given, -1 for what was written out in place. */
  readonly name: number
  readonly node: number
  /** Null for what stands for nothing, and of strings; undefined before it is bound. */
  symbol: Declared | null | undefined
}

const NO_ARGUMENTS: readonly Argument[] = []

export class Scope {
  readonly kind: ScopeKind
  readonly parent: Scope | null
  /** The statement it comes from, -1 of the policy. */
  readonly node: number
  /** How many scopes are around it. */
  readonly depth: number
  /** What stands in it: statements that hold no others are nodes of the tree. */
  items: (number | Scope)[] = []
  /** All places around it and itself, as bits of ast/places. */
  readonly places: number
  /** The symbol that a block, macro or optional declares. */
  symbol: BlockSymbol | MacroSymbol | OptionalSymbol | null = null
  /** Names declared in it, of the policy, a block or a macro. Scopes of one block share them. */
  tables: Tables | null = null
  /** Of a call: the macro. Of an inherit: the block. */
  source: Scope | null = null
  arguments: readonly Argument[] = NO_ARGUMENTS
  /** It was in an optional that was taken out. */
  isDropped = false
  /** Statements in it that bind aliases and commons. */
  bindings: Question[] | null = null

  constructor(kind: ScopeKind, parent: Scope | null, node: number, places: number) {
    this.kind = kind
    this.parent = parent
    this.node = node
    this.depth = parent === null ? 0 : parent.depth + 1
    this.places = places
  }

  /** The policy, block or macro that what is declared here belongs to. */
  get namespace(): Scope {
    let scope: Scope = this
    while (scope.tables === null) scope = scope.parent!
    return scope
  }

  /** The innermost scope of a kind around and including this one. */
  within(kind: ScopeKind): Scope | null {
    let scope: Scope | null = this
    while (scope !== null && scope.kind !== kind) scope = scope.parent
    return scope
  }
}

/** Names of one namespace: a map for each kind of name, made when the first is declared. */
export class Tables {
  private readonly maps: (Map<number, Declared> | undefined)[] = Array.from({ length: SPACES })

  get(space: number, name: number): Declared | undefined {
    return this.maps[space]?.get(name)
  }

  set(space: number, name: number, symbol: Declared): void {
    (this.maps[space] ??= new Map()).set(name, symbol)
  }

  delete(space: number, name: number): void {
    this.maps[space]?.delete(name)
  }

  /** The names of one kind, for hints. */
  names(space: number): Iterable<number> {
    return this.maps[space]?.keys() ?? []
  }
}
