/** The parts of a component, in the order in which it is put together. Numbers are indices of what came before. */

/** The sorts of a component's parts: each is counted by itself. */
export type Sort = 'func' | 'type' | 'component' | 'instance' | CoreSort
export type CoreSort =
  | 'core func' | 'core table' | 'core memory' | 'core global' | 'core module' | 'core instance'

export interface Named {
  readonly name: string
  readonly sort: Sort
  readonly index: number
}

/** How values cross between a core module and what is outside: where they lie, and how room for them is made. */
export interface CanonOptions {
  readonly memory: number | null
  readonly realloc: number | null
  readonly postReturn: number | null
}

/** A type of values as it is written: a name, or the index of a type. */
export type TypeRef = string | number

export type TypePart =
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: TypeRef])[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [name: string, type: TypeRef | null])[] }
  | { readonly kind: 'list' | 'option'; readonly of: TypeRef }
  | { readonly kind: 'tuple'; readonly items: readonly TypeRef[] }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'result'; readonly ok: TypeRef | null; readonly error: TypeRef | null }
  | { readonly kind: 'alias'; readonly of: TypeRef }
  | { readonly kind: 'func'; readonly params: readonly TypeRef[]; readonly result: TypeRef | null }
  /** Handles, and what only describes imports. */
  | { readonly kind: 'other' }

export type Part =
  | { readonly kind: 'core module'; readonly number: number }
  | { readonly kind: 'core instance'; readonly module: number; readonly args: readonly Named[] }
  | { readonly kind: 'core exports' | 'exports'; readonly exports: readonly Named[] }
  | { readonly kind: 'component'; readonly component: ComponentParts }
  | { readonly kind: 'instance'; readonly component: number; readonly args: readonly Named[] }
  /** An export of an instance: of a core one for all sorts of its exports. */
  | { readonly kind: 'alias'; readonly sort: Sort; readonly instance: number; readonly name: string }
  | { readonly kind: 'outer alias'; readonly sort: Sort; readonly count: number; readonly index: number }
  | { readonly kind: 'type'; readonly type: TypePart }
  | { readonly kind: 'lift'; readonly func: number; readonly options: CanonOptions; readonly type: number }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: 'drop' }
  | { readonly kind: 'import'; readonly name: string; readonly sort: Sort }
  | { readonly kind: 'export'; readonly name: string; readonly sort: Sort; readonly index: number }

export type ComponentParts = readonly Part[]
