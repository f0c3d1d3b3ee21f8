/** Types as values: one shape a kind of BTF, made from the file's words when first asked for. */

export type BtfType =
  | BtfVoid | BtfInt | BtfPtr | BtfArray | BtfComposite | BtfEnum | BtfFwd | BtfModifier | BtfFunc | BtfFuncProto
  | BtfVar | BtfDatasec | BtfFloat | BtfDeclTag

export type BtfKind = BtfType['kind']

/** Kinds by their number in the file. */
export const btfKinds = [
  'void', 'int', 'ptr', 'array', 'struct', 'union', 'enum', 'fwd', 'typedef', 'volatile', 'const', 'restrict', 'func',
  'func_proto', 'var', 'datasec', 'float', 'decl_tag', 'type_tag', 'enum64',
] as const satisfies readonly BtfKind[]

interface Named {
  readonly id: number
  /** Empty for an anonymous type. */
  readonly name: string
}

export interface BtfVoid extends Named {
  readonly kind: 'void'
}

export interface BtfInt extends Named {
  readonly kind: 'int'
  /** Bytes. */
  readonly size: number
  readonly bits: number
  readonly bitOffset: number
  readonly isSigned: boolean
  readonly isChar: boolean
  readonly isBool: boolean
}

export interface BtfPtr extends Named {
  readonly kind: 'ptr'
  readonly type: number
}

export interface BtfArray extends Named {
  readonly kind: 'array'
  readonly type: number
  readonly indexType: number
  readonly length: number
}

export interface BtfComposite extends Named {
  readonly kind: 'struct' | 'union'
  /** Bytes. */
  readonly size: number
  readonly members: readonly BtfMember[]
}

export interface BtfMember {
  readonly name: string
  readonly type: number
  /** From the beginning of the struct. */
  readonly bitOffset: number
  /** 0 for a member that is not a bit-field. */
  readonly bitSize: number
}

export interface BtfEnum extends Named {
  readonly kind: 'enum' | 'enum64'
  /** Bytes. */
  readonly size: number
  readonly isSigned: boolean
  readonly values: readonly BtfEnumerator[]
}

export interface BtfEnumerator {
  readonly name: string
  /** As the enumeration's sign says. */
  readonly value: bigint
}

export interface BtfFwd extends Named {
  readonly kind: 'fwd'
  readonly isUnion: boolean
}

export interface BtfModifier extends Named {
  readonly kind: 'typedef' | 'volatile' | 'const' | 'restrict' | 'type_tag'
  readonly type: number
}

export interface BtfFunc extends Named {
  readonly kind: 'func'
  /** The prototype. */
  readonly type: number
  /** `BTF_FUNC_STATIC`, `_GLOBAL`, `_EXTERN`. */
  readonly linkage: number
}

export interface BtfFuncProto extends Named {
  readonly kind: 'func_proto'
  /** The type it returns; 0 is void. */
  readonly type: number
  readonly params: readonly BtfParam[]
  /** Ends in `...`: then `params` has the named ones only. */
  readonly isVariadic: boolean
}

export interface BtfParam {
  readonly name: string
  readonly type: number
}

export interface BtfVar extends Named {
  readonly kind: 'var'
  readonly type: number
  /** `BTF_VAR_STATIC`, `_GLOBAL_ALLOCATED`, `_GLOBAL_EXTERN`. */
  readonly linkage: number
}

export interface BtfDatasec extends Named {
  readonly kind: 'datasec'
  /** Bytes; 0 when the compiler left it to the linker. */
  readonly size: number
  readonly vars: readonly BtfSecVar[]
}

export interface BtfSecVar {
  /** A `var` or `func`. */
  readonly type: number
  /** Bytes into the section. */
  readonly offset: number
  readonly size: number
}

export interface BtfFloat extends Named {
  readonly kind: 'float'
  readonly size: number
}

export interface BtfDeclTag extends Named {
  readonly kind: 'decl_tag'
  /** The type that is tagged. */
  readonly type: number
  /** Member or parameter that is tagged, -1 for the whole. */
  readonly component: number
}
