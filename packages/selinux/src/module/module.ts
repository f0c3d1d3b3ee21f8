/** A policy module as a value: what checkmodule writes and semodule installs, symbols and rules in blocks. */
import type { Bool, Category, Common, Genfs, Level, ObjectClass, Policydb, Sensitivity } from '../policydb/policydb.ts'
import type { Ebitmap } from '../policydb/ebitmap.ts'

/** Types or roles by name, less those excluded; `flags` may take all, or all others. */
export interface NameSet {
  readonly names: Ebitmap
  readonly without: Ebitmap
  readonly flags: number
}
export const SET_ALL = 1
export const SET_OTHERS = 2

export interface ModuleType {
  readonly name: string
  readonly value: number
  /** Of an alias the value of its type, of another type itself or 1. */
  readonly primary: number
  /** MODULE_ATTRIBUTE, MODULE_ALIAS, MODULE_PERMISSIVE. */
  readonly properties: number
  readonly bounds: number
  /** Of an attribute: its types. */
  readonly members: Ebitmap
}
export const MODULE_ATTRIBUTE = 2
export const MODULE_ALIAS = 4
export const MODULE_PERMISSIVE = 8

export interface ModuleRole {
  readonly name: string
  readonly value: number
  readonly bounds: number
  readonly types: NameSet
  readonly isAttribute: boolean
  readonly members: Ebitmap
}

/** A level as it was written: pairs of first and last category. */
export interface WrittenLevel {
  readonly sens: number
  readonly cats: readonly (readonly [low: number, high: number])[]
}

export interface ModuleUser {
  readonly name: string
  readonly value: number
  readonly bounds: number
  readonly roles: NameSet
  readonly range: { readonly low: WrittenLevel; readonly high: WrittenLevel }
  readonly level: WrittenLevel
}

export interface ModuleBool extends Bool {
  readonly isTunable: boolean
}

/** By kind, as `symbolKinds` orders them. */
export interface ModuleSymbols {
  readonly commons: readonly Common[]
  readonly classes: readonly ObjectClass[]
  readonly roles: readonly ModuleRole[]
  readonly types: readonly ModuleType[]
  readonly users: readonly ModuleUser[]
  readonly booleans: readonly ModuleBool[]
  readonly sensitivities: readonly Sensitivity[]
  readonly categories: readonly Category[]
}
export const symbolKinds =
  ['commons', 'classes', 'roles', 'types', 'users', 'booleans', 'sensitivities', 'categories'] as const

export interface ModuleRule {
  readonly specified: number
  /** RULE_SELF: the target is the source too. RULE_NOT_SELF: it is left out. */
  readonly flags: number
  readonly sources: NameSet
  readonly targets: NameSet
  /** A class and a mask, or a class and a type. */
  readonly perms: readonly { readonly tclass: number; readonly data: number }[]
  readonly xperms: { readonly kind: number; readonly driver: number; readonly bits: readonly number[] } | null
}
export const RULE_SELF = 1
export const RULE_NOT_SELF = 2

export interface ModuleConditional {
  readonly expression: readonly { readonly kind: number; readonly bool: number }[]
  readonly whenTrue: readonly ModuleRule[]
  readonly whenFalse: readonly ModuleRule[]
  readonly isTunable: boolean
}

/** Symbols by kind, as bits. */
export type Scopes = Readonly<Record<(typeof symbolKinds)[number], Ebitmap>>

/** The rules of a block, and what they declare and need. */
export interface Declaration {
  readonly id: number
  readonly conditionals: readonly ModuleConditional[]
  readonly rules: readonly ModuleRule[]
  readonly roleTransitions: readonly {
    readonly roles: NameSet; readonly types: NameSet; readonly classes: Ebitmap; readonly newRole: number,
  }[]
  readonly roleAllows: readonly { readonly roles: NameSet; readonly newRoles: NameSet }[]
  readonly nameTransitions: readonly {
    readonly name: string; readonly sources: NameSet; readonly targets: NameSet; readonly tclass: number
    readonly type: number; readonly flags: number,
  }[]
  readonly rangeTransitions: readonly {
    readonly sources: NameSet; readonly targets: NameSet; readonly classes: Ebitmap
    readonly range: ModuleUser['range'],
  }[]
  readonly required: Scopes
  readonly declared: Scopes
  /** The block's additions to symbols that are declared elsewhere. */
  readonly added: ModuleSymbols
}

export interface PolicyModule {
  /** `base` of the base module. */
  readonly name: string
  readonly isBase: boolean
  readonly mls: boolean
  readonly handleUnknown: 'allow' | 'deny' | 'reject'
  readonly policycaps: Ebitmap
  readonly symbols: ModuleSymbols
  /** The first holds always; each other is optional, and only its first branch counts. */
  readonly blocks: readonly Declaration[]
  /** By kind: names that the module declares, with the blocks that do. */
  readonly declaredIn: Readonly<Record<(typeof symbolKinds)[number], ReadonlyMap<string, readonly number[]>>>
  readonly contexts: Pick<Policydb, 'initialSids' | 'fsContexts' | 'ports' | 'netifs' | 'nodes' | 'fsUses' | 'nodes6' |
    'ibPkeys' | 'ibEndports'>
  readonly genfs: readonly Genfs[]
}

export type { Level }
