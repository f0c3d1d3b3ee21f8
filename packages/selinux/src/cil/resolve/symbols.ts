/** The meaning of names: one class a kind of symbol. Statements fill them in after all names are known. */
import type { Bits } from '../../bits.ts'
import type { Ranges } from '../expand/number-ranges.ts'
import type { Expression } from './expression.ts'
import { Declared } from './scope.ts'
import type { Scope } from './scope.ts'

/** A type, role or user. */
export class Atom extends Declared {
  bounds: Atom | null = null
  /** Types of a role, roles of a user. */
  members: Bits | null = null
  level: LevelSymbol | null = null
  range: RangeSymbol | null = null
}

/** How rules name an attribute; it decides whether the attribute is kept. */
export const USED_IN_RULE = 1
export const USED_IN_NEVERALLOW = 2
export const USED_IN_CONSTRAINT = 4
export const EXPAND_TRUE = 8
export const EXPAND_FALSE = 16

/** A set of types, roles or users. */
export class Attribute extends Declared {
  readonly sets: Expression[] = []
  used = 0
  bits: Bits | null = null
  /** It stays an attribute in the policy; rules on others are written out. */
  isKept = false
}

export class Alias extends Declared {
  /** The symbol it is bound to, which may be an alias too. */
  bound: Declared | null = null
  /** The symbol at the end of the alias; null until it is settled, or if there is none. */
  actual: Declared | null = null
}

/** A class, a common, or a class map. Bit n of a mask is permission n, those of the common first. */
export class ClassSymbol extends Declared {
  /** Own permissions by name; values count from the end of the common's. */
  readonly permissions = new Map<number, Permission>()
  common: ClassSymbol | null = null
  isOrdered = false
  #all: readonly Permission[] | null = null

  /** Its own permissions, in the order of the declaration. */
  get entries(): readonly Permission[] {
    return this.#all ??= [...this.permissions.values()]
  }

  get count(): number {
    return this.permissions.size + (this.common?.permissions.size ?? 0)
  }

  permission(name: number): Permission | undefined {
    return this.permissions.get(name) ?? this.common?.permissions.get(name)
  }

  bitOf(permission: Permission): number {
    return permission.index + (permission.owner === this ? this.common?.permissions.size ?? 0 : 0)
  }
}

/** A permission of a class or common; of a map, with the permissions it maps to. */
export interface Permission {
  readonly name: number
  readonly owner: ClassSymbol
  /** Its place in the declaration. */
  readonly index: number
  /** Of a map: what it stands for. */
  readonly mapped: ClassPermissions[]
  /** The same, written out. */
  flat: readonly ClassMask[] | null
}

/** Permissions of a class, entries of a class map, or a named set of such. */
export type ClassPermissions =
  | ClassMask
  | { readonly map: ClassSymbol; readonly permissions: readonly Permission[] }
  | { readonly named: ClassPermissionSymbol }

export class ClassPermissionSymbol extends Declared {
  readonly sets: ClassPermissions[] = []
  flat: readonly ClassMask[] | null = null
}

/** Permissions of one class, as a mask. */
export interface ClassMask {
  readonly tclass: ClassSymbol
  readonly mask: number
}

export class XpermSymbol extends Declared {
  kind: 'ioctl' | 'nlmsg' = 'ioctl'
  tclass: ClassSymbol | null = null
  /** The list of numbers. */
  numbers = -1
  ranges: Ranges | null = null
}

export class BooleanSymbol extends Declared {
  state = false
}

export class SensitivitySymbol extends Declared {
  readonly categories: Expression[] = []
  bits: Bits | null = null
  isOrdered = false
}

export class CategorySymbol extends Declared {
  isOrdered = false
}

export class CategorySetSymbol extends Declared {
  expression: Expression | null = null
  bits: Bits | null = null
}

export class LevelSymbol extends Declared {
  sensitivity: SensitivitySymbol | null = null
  categories: Expression | null = null
  bits: Bits | null = null
}

export class RangeSymbol extends Declared {
  low: LevelSymbol | null = null
  high: LevelSymbol | null = null
}

export class ContextSymbol extends Declared {
  user: Atom | null = null
  role: Atom | null = null
  type: Atom | null = null
  range: RangeSymbol | null = null
}

export class SidSymbol extends Declared {
  context: ContextSymbol | null = null
  isOrdered = false
}

export class AddressSymbol extends Declared {
  /** 4 or 16 bytes. */
  bytes = new Uint8Array()
}

/** A block; its names are found through it. */
export class BlockSymbol extends Declared {
  readonly scopes: Scope[] = []
  isAbstract = false
}

export class MacroSymbol extends Declared {
  scope: Scope | null = null
  /** Kind and name of each parameter, as keywords and names. */
  parameters: readonly { readonly kind: number; readonly name: number }[] = []
}

export class OptionalSymbol extends Declared {
  readonly scopes: Scope[] = []
}
