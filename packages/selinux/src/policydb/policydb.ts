/**
 * A kernel policy as a value: what the reader makes, the writer takes, and a compiler produces.
 *
 * Everything keeps the order it has in the file. Symbols have values from 1 on, each kind its own; bit n of a set is
 * the symbol of value n + 1, but in `permissive` and `neveraudit`, where it is the type of value n.
 */
import type { Avtab } from './avtab.ts'
import type { Ebitmap } from './ebitmap.ts'

/** Symbols of one kind. Values lie in 1..nprim; there may be holes, and aliases share a value. */
export interface SymbolTable<T> {
  nprim: number
  items: T[]
}

/** A permission; bit `value - 1` of a mask. */
export interface Permission {
  name: string
  value: number
}

export interface Common {
  name: string
  value: number
  permissions: SymbolTable<Permission>
}

export interface ObjectClass {
  name: string
  value: number
  /** The name of the common whose permissions come first, null of none. */
  common: string | null
  /** Its own permissions; `nprim` counts those of the common too. */
  permissions: SymbolTable<Permission>
  constraints: Constraint[]
  validatetrans: Constraint[]
  /** 0, DEFAULT_SOURCE or DEFAULT_TARGET. */
  defaultUser: number
  defaultRole: number
  defaultType: number
  /** 0, DEFAULT_SOURCE_LOW … DEFAULT_GLBLUB. */
  defaultRange: number
}

export interface Constraint {
  /** The permissions refused when the expression is false; 0 in validatetrans. */
  permissions: number
  /** Postfix. */
  expression: ConstraintNode[]
}

export interface ConstraintNode {
  /** CEXPR_NOT, _AND, _OR, _ATTR or _NAMES. */
  kind: number
  /** The attribute to compare: CEXPR_USER and so on. */
  attribute: number
  /** How: CEXPR_EQ and so on. */
  operator: number
  /** Of CEXPR_NAMES: the values compared with, attributes written out. */
  names: Ebitmap | null
  /** Of CEXPR_NAMES, since version 29: the names as the source has them. Nothing is decided by it. */
  typeSet: TypeSet | null
}

export interface TypeSet {
  types: Ebitmap
  negated: Ebitmap
  flags: number
}

export interface Role {
  name: string
  value: number
  /** The role that bounds it, 0 of none. */
  bounds: number
  dominates: Ebitmap
  types: Ebitmap
}

export interface Type {
  name: string
  value: number
  /** TYPE_PRIMARY, TYPE_ATTRIBUTE; an alias has neither. */
  properties: number
  /** The type that bounds it, 0 of none. */
  bounds: number
}

export interface User {
  name: string
  value: number
  bounds: number
  roles: Ebitmap
  range: Range
  defaultLevel: Level
}

export interface Bool {
  name: string
  value: number
  state: boolean
}

export interface Sensitivity {
  name: string
  isAlias: boolean
  /** `sens` is the value; `cats` the categories it may have. */
  level: Level
}

export interface Category {
  name: string
  value: number
  isAlias: boolean
}

/** A sensitivity, 0 in a policy without MLS, and categories. */
export interface Level {
  sens: number
  cats: Ebitmap
}

export interface Range {
  low: Level
  high: Level
}

export interface Context {
  user: number
  role: number
  type: number
  range: Range
}

/** Rules that hold while an expression of booleans is true, and those that hold while it is false. */
export interface Conditional {
  /** As the file says; at load it is worked out anew. */
  state: boolean
  /** Postfix. */
  expression: ConditionalNode[]
  /** Read it once: of a policy that was read it may be a table made for you. */
  readonly whenTrue: Avtab
  readonly whenFalse: Avtab
}

export interface ConditionalNode {
  /** COND_BOOL … COND_NEQ. */
  kind: number
  /** The value of the boolean, of COND_BOOL. */
  bool: number
}

export interface RoleTransition {
  role: number
  type: number
  tclass: number
  newRole: number
}

export interface RoleAllow {
  role: number
  newRole: number
}

/** The type of a new object of this name, by the type of its maker. */
export interface FilenameTransition {
  name: string
  target: number
  tclass: number
  results: { sources: Ebitmap; type: number }[]
}

export interface RangeTransition {
  source: number
  target: number
  tclass: number
  range: Range
}

export interface InitialSid {
  sid: number
  context: Context
}

/** `fscon`: nothing reads it any more. */
export interface FsContext {
  name: string
  fs: Context
  file: Context
}

export interface Port {
  /** IPPROTO_TCP, _UDP, _DCCP or _SCTP. */
  protocol: number
  low: number
  high: number
  context: Context
}

export interface Netif {
  name: string
  interface: Context
  packet: Context
}

/** Address and mask in network order, 4 or 16 bytes. */
export interface Node {
  address: Uint8Array
  mask: Uint8Array
  context: Context
}

export interface FsUse {
  /** 1 xattr, 2 trans, 3 task. */
  behavior: number
  name: string
  context: Context
}

export interface IbPkey {
  /** 8 bytes, network order. */
  subnetPrefix: Uint8Array
  low: number
  high: number
  context: Context
}

export interface IbEndport {
  name: string
  port: number
  context: Context
}

export interface Genfs {
  fstype: string
  paths: GenfsPath[]
}

export interface GenfsPath {
  path: string
  /** 0: of any class. */
  tclass: number
  context: Context
}

/** The eight tables of symbols. */
export interface PolicySymbols {
  commons: SymbolTable<Common>
  classes: SymbolTable<ObjectClass>
  roles: SymbolTable<Role>
  types: SymbolTable<Type>
  users: SymbolTable<User>
  booleans: SymbolTable<Bool>
  sensitivities: SymbolTable<Sensitivity>
  categories: SymbolTable<Category>
}

export interface Policydb extends PolicySymbols {
  version: number
  mls: boolean
  rejectUnknown: boolean
  allowUnknown: boolean
  /** Bit numbers as in `policycapNames`. */
  policycaps: Ebitmap
  /** Bit n is the type of value n, here and in `neveraudit`. */
  permissive: Ebitmap
  neveraudit: Ebitmap
  avtab: Avtab
  conditionals: Conditional[]
  roleTransitions: RoleTransition[]
  roleAllows: RoleAllow[]
  filenameTransitions: FilenameTransition[]
  initialSids: InitialSid[]
  fsContexts: FsContext[]
  ports: Port[]
  netifs: Netif[]
  nodes: Node[]
  fsUses: FsUse[]
  nodes6: Node[]
  ibPkeys: IbPkey[]
  ibEndports: IbEndport[]
  genfs: Genfs[]
  rangeTransitions: RangeTransition[]
  /** By type value - 1: the attributes it has, bit n the attribute of value n + 1; its own bit may be set or not. */
  typeAttributes: Ebitmap[]
}
