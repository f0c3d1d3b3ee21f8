/** Symbols of a module while it is built: values in the order of their first mention, and the blocks that know them. */
import type { ConstraintNode, ObjectClass } from '../../policydb/policydb.ts'
import { symbolKinds } from '../../module/module.ts'
import type { WrittenLevel } from '../../module/module.ts'

export type Kind = (typeof symbolKinds)[number]

/** The blocks that declare or require a name. */
export interface Scope {
  isDeclared: boolean
  /** Blocks by number; the one that declares it is the last. */
  readonly blocks: number[]
}

/** Names of a set, those left out, `SET_ALL` and `SET_OTHERS`. */
export interface NamesBuilt {
  readonly names: Set<number>
  readonly without: Set<number>
  flags: number
}
export const noNames = (): NamesBuilt => ({ names: new Set(), without: new Set(), flags: 0 })

export interface TypeEntry {
  readonly name: string
  readonly value: number
  readonly isPrimary: boolean
  readonly isAttribute: boolean
  isPermissive: boolean
  bounds: number
  /** Bits of an attribute's types. */
  readonly members: Set<number>
}
export interface RoleEntry {
  readonly name: string
  readonly value: number
  readonly isAttribute: boolean
  bounds: number
  readonly types: NamesBuilt
  readonly members: Set<number>
  /** Whether the entry says that the role dominates itself. */
  readonly dominatesItself: boolean
}
export interface UserEntry {
  readonly name: string
  readonly value: number
  readonly roles: NamesBuilt
  level: WrittenLevel
  range: { low: WrittenLevel; high: WrittenLevel }
}
export interface BoolEntry {
  readonly name: string
  readonly value: number
  state: boolean
  isTunable: boolean
}
export interface ClassEntry extends Pick<ObjectClass, 'defaultUser' | 'defaultRole' | 'defaultType' | 'defaultRange'> {
  readonly name: string
  readonly value: number
  common: CommonEntry | null
  readonly permissions: Map<string, number>
  /** The highest value of a permission, those of the common counted. */
  nprim: number
  readonly constraints: { permissions: number; expression: ConstraintNode[] }[]
  readonly validatetrans: { permissions: number; expression: ConstraintNode[] }[]
}
export interface CommonEntry {
  readonly name: string
  readonly value: number
  readonly permissions: Map<string, number>
}
export interface SensitivityEntry {
  readonly name: string
  readonly isAlias: boolean
  value: number
  cats: Set<number>
}
export interface CategoryEntry {
  readonly name: string
  readonly value: number
  readonly isAlias: boolean
}

interface Entries {
  readonly commons: CommonEntry
  readonly classes: ClassEntry
  readonly roles: RoleEntry
  readonly types: TypeEntry
  readonly users: UserEntry
  readonly booleans: BoolEntry
  readonly sensitivities: SensitivityEntry
  readonly categories: CategoryEntry
}
export type Entry<K extends Kind> = Entries[K]

export const noLevel: WrittenLevel = { sens: 0, cats: [] }

export const makeType = (name: string, value: number, isAttribute: boolean, isPrimary = true): TypeEntry =>
  ({ name, value, isPrimary, isAttribute, isPermissive: false, bounds: 0, members: new Set() })
export const makeRole = (name: string, value: number, isAttribute: boolean, dominatesItself: boolean): RoleEntry =>
  ({ name, value, isAttribute, bounds: 0, types: noNames(), members: new Set(), dominatesItself })
export const makeUser = (name: string, value: number): UserEntry =>
  ({ name, value, roles: noNames(), level: noLevel, range: { low: noLevel, high: noLevel } })
export const makeClass = (name: string, value: number): ClassEntry => ({
  name, value, common: null, permissions: new Map(), nprim: 0, constraints: [], validatetrans: [], defaultUser: 0,
  defaultRole: 0, defaultType: 0, defaultRange: 0,
})

export class Symbols {
  readonly tables: { readonly [K in Kind]: Map<string, Entry<K>> } = {
    commons: new Map(), classes: new Map(), roles: new Map(), types: new Map(), users: new Map(), booleans: new Map(),
    sensitivities: new Map(), categories: new Map(),
  }
  readonly scopes = Object.fromEntries(symbolKinds.map((kind) => [kind, new Map()])) as
    Readonly<Record<Kind, Map<string, Scope>>>
  readonly #next: Record<Kind, number> = {
    commons: 0, classes: 0, roles: 0, types: 0, users: 0, booleans: 0, sensitivities: 0, categories: 0,
  }

  get<K extends Kind>(kind: K, name: string): Entry<K> | null {
    return (this.tables[kind] as Map<string, Entry<K>>).get(name) ?? null
  }

  /** The number of values of a kind. */
  count(kind: Kind): number {
    return this.#next[kind]
  }

  /** The entry, and whether it is new. `makes` gets the next value. */
  add<K extends Kind>(kind: K, name: string, makes: (value: number) => Entry<K>): { entry: Entry<K>; isNew: boolean } {
    const table = this.tables[kind] as Map<string, Entry<K>>
    const known = table.get(name)
    if (known !== undefined) return { entry: known, isNew: false }
    const entry = makes(++this.#next[kind])
    table.set(name, entry)
    return { entry, isNew: true }
  }

  /** An alias takes no value of its own. */
  alias<K extends Kind>(kind: K, name: string, entry: Entry<K>): void {
    (this.tables[kind] as Map<string, Entry<K>>).set(name, entry)
  }

  /** False where it is declared already, and must not be again. */
  scope(kind: Kind, name: string, block: number, isDeclared: boolean): boolean {
    const scope = this.scopes[kind].get(name)
    if (scope === undefined) {
      this.scopes[kind].set(name, { isDeclared, blocks: [block] })
      return true
    }
    if (scope.isDeclared && isDeclared && kind !== 'roles' && kind !== 'users') return false
    const wasDeclared = scope.isDeclared
    scope.isDeclared ||= isDeclared
    if (scope.blocks.includes(block)) return true
    if (wasDeclared && !isDeclared) scope.blocks.splice(-1, 0, block)
    else scope.blocks.push(block)
    return true
  }
}
