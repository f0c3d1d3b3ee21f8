/** The parts of a component, in the order in which it is put together. Numbers are indices of what came before. */

import type { CoreModuleType } from './core-types.ts'

/** The sorts of a component's parts: each is counted by itself. */
export type Sort = 'func' | 'type' | 'component' | 'instance' | CoreSort
export type CoreSort =
  | 'core func' | 'core table' | 'core memory' | 'core global' | 'core tag'
  | 'core type' | 'core module' | 'core instance'

export interface Named {
  readonly name: string
  readonly sort: Sort
  readonly index: number
}

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16'

/** How values cross between a core module and what is outside: where they lie, and how room for them is made. */
export interface CanonOptions {
  readonly encoding: StringEncoding
  readonly memory: number | null
  readonly realloc: number | null
  readonly postReturn: number | null
  /** The function answers by task.return; a call of it does not wait. */
  readonly isAsync: boolean
  readonly callback: number | null
}

/** A type of values as it is written: a name, or the index of a type. */
export type TypeRef = string | number

/** The description of an import or an export. A type is the one of that number, or (null) a resource of its own. */
export type Extern =
  | { readonly sort: 'func' | 'instance' | 'component' | 'core module'; readonly type: number }
  | { readonly sort: 'type'; readonly type: number | null }

export type FuncPart = Extract<TypePart, { kind: 'func' }>

export type TypePart =
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: TypeRef])[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [name: string, type: TypeRef | null])[] }
  | { readonly kind: 'option'; readonly of: TypeRef }
  /** `length` is null for a list of any length. */
  | { readonly kind: 'list'; readonly of: TypeRef; readonly length: number | null }
  | { readonly kind: 'map'; readonly key: TypeRef; readonly value: TypeRef }
  | { readonly kind: 'tuple'; readonly items: readonly TypeRef[] }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'result'; readonly ok: TypeRef | null; readonly error: TypeRef | null }
  | { readonly kind: 'alias'; readonly of: TypeRef }
  | { readonly kind: 'own' | 'borrow'; readonly type: number }
  | { readonly kind: 'stream' | 'future'; readonly of: TypeRef | null }
  | { readonly kind: 'resource'; readonly destroy: number | null }
  | { readonly kind: 'func'; readonly isAsync: boolean; readonly result: TypeRef | null
    readonly params: readonly (readonly [name: string, type: TypeRef])[] }
  | { readonly kind: 'instance' | 'component'; readonly declarations: readonly Declaration[] }

export type CoreTypePart =
  | { readonly kind: 'core func'; readonly signature: string }
  | { readonly kind: 'core module' } & CoreModuleType

/** A piece of the type of an instance or a component. */
export type Declaration = Extract<Part, { kind: 'type' | 'core type' | 'alias' | 'outer alias' }>
  | { readonly kind: 'import' | 'export'; readonly name: string; readonly extern: Extern }

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
  | { readonly kind: 'core type'; readonly type: CoreTypePart }
  | { readonly kind: 'lift'; readonly func: number; readonly options: CanonOptions; readonly type: number }
  | { readonly kind: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly kind: 'resource'; readonly act: 'new' | 'drop' | 'rep'; readonly type: number }
  | Builtin
  | { readonly kind: 'import'; readonly name: string; readonly sort: Sort; readonly extern: Extern }
  | { readonly kind: 'export'; readonly name: string; readonly sort: Sort; readonly index: number
    readonly extern: Extern | null }

/** A function of the canonical ABI for tasks, streams and futures. */
export interface Builtin {
  readonly kind: 'builtin'
  readonly name: string
  /** The type of a stream or a future. */
  readonly type: number | null
  /** The values that task.return gives. */
  readonly result: TypeRef | null
  readonly options: CanonOptions
  readonly isAsync: boolean
  /** Of context.get and context.set. */
  readonly slot: number
}

export type ComponentParts = readonly Part[]
