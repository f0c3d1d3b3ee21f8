/**
 * Where statements stand once macros are called and blocks inherited, and the names declared there. A statement is
 * never copied: the same node of the tree stands in several scopes, and names are looked up from the scope.
 */
import { SPACES } from './spaces.ts'

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
  /** Its contents: statements that hold no others are nodes of the tree. */
  items: (number | Scope)[] = []
  /** All places around it and itself, as bits of ast/places. */
  readonly places: number
  /** The symbol that a block, macro or optional declares. */
  symbol: Declared | null = null
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
  readonly #maps: (Map<number, Declared> | undefined)[] = Array.from({ length: SPACES })

  get(space: number, name: number): Declared | undefined {
    return this.#maps[space]?.get(name)
  }

  set(space: number, name: number, symbol: Declared): void {
    (this.#maps[space] ??= new Map()).set(name, symbol)
  }

  delete(space: number, name: number): void {
    this.#maps[space]?.delete(name)
  }

  /** The names of one kind, for hints. */
  names(space: number): Iterable<number> {
    return this.#maps[space]?.keys() ?? []
  }
}

export type Flavor =
  | 'block' | 'macro' | 'optional' | 'user' | 'userattribute' | 'role' | 'roleattribute' | 'type' | 'typeattribute'
  | 'typealias' | 'common' | 'class' | 'classmap' | 'classpermission' | 'permissionx' | 'boolean' | 'tunable'
  | 'sensitivity' | 'sensitivityalias' | 'category' | 'categoryalias' | 'categoryset' | 'level' | 'levelrange' | 'sid'
  | 'context' | 'ipaddr' | 'policycap' | 'string'

const NO_QUESTIONS: Question[] = []

/** A declared name; symbols.ts has a class for each kind. Values count from 0, given when it is known what stays. */
export class Declared {
  readonly flavor: Flavor
  /** The interned name, -1 of what an argument or a statement gives without one. */
  readonly name: number
  /** The block, macro or whole policy it is declared in. */
  readonly home: Scope | null
  /** The first statement that declares it. */
  readonly node: number
  /** How many statements declare it. */
  declarations = 1
  value = -1
  /** It may be gone, or stand for something else, once optionals are taken out. */
  mayChange = false
  /** The questions that went through it, while optionals are settled. */
  dependents: Question[] = NO_QUESTIONS

  constructor(flavor: Flavor, name: number, home: Scope | null, node: number) {
    this.flavor = flavor
    this.name = name
    this.home = home
    this.node = node
  }
}

/** Something that asks for names, and asks again when one that it went through is gone or stands for another. */
export interface Question {
  /** Of the first time: what is asked again keeps the order of the text. */
  readonly order: number
  readonly scope: Scope
  readonly what: 'alias' | 'common' | 'argument' | 'statement' | 'condition'
  readonly node: number
  readonly argument: Argument | null
  /** The alias or class that it gave something to. */
  bound: Declared | null
}
