/** A block of a module while it is built: the part that holds always, or an optional one. */
import type { Declaration, ModuleConditional, ModuleRule } from '../../module/module.ts'
import { symbolKinds } from '../../module/module.ts'
import type { Kind, RoleEntry, TypeEntry, UserEntry } from './symbols.ts'

export type Bits = Readonly<Record<Kind, Set<number>>>

const noBits = (): Bits => Object.fromEntries(symbolKinds.map((kind) => [kind, new Set<number>()])) as unknown as Bits

export class Block {
  readonly id: number
  readonly parent: Block | null
  /** Of an optional: what holds where the block does not. */
  otherwise: Block | null = null
  readonly isElse: boolean
  hasRequire = false
  readonly required = noBits()
  readonly declared = noBits()
  /** By class value: bits of the permissions required. */
  readonly requiredPermissions = new Map<number, Set<number>>()
  readonly rules: ModuleRule[] = []
  readonly conditionals: ModuleConditional[] = []
  readonly roleTransitions: Declaration['roleTransitions'][number][] = []
  readonly roleAllows: Declaration['roleAllows'][number][] = []
  readonly nameTransitions: Declaration['nameTransitions'][number][] = []
  readonly rangeTransitions: Declaration['rangeTransitions'][number][] = []
  /** Additions of an optional block to symbols; the block that holds always adds to the symbols themselves. */
  readonly types = new Map<string, TypeEntry>()
  readonly roles = new Map<string, RoleEntry>()
  readonly users = new Map<string, UserEntry>()

  constructor(id: number, parent: Block | null, isElse = false) {
    this.id = id
    this.parent = parent
    this.isElse = isElse
  }

  /** An optional inside another one needs what that one needs. */
  takeRequirements(): void {
    for (let around = this.parent; around !== null; around = around.parent) {
      for (const kind of symbolKinds) for (const bit of around.required[kind]) this.required[kind].add(bit)
      for (const [tclass, bits] of around.requiredPermissions) {
        const own = this.requiredPermissions.get(tclass) ?? new Set()
        for (const bit of bits) own.add(bit)
        this.requiredPermissions.set(tclass, own)
      }
    }
  }
}

/**
 * Blocks of a base module that are in force: the part that holds always, and each optional block whose needs such
 * blocks declare, or else its other branch (libsepol's enable_avrules).
 */
export const blocksInForce = (blocks: readonly Block[]): ReadonlySet<Block> => {
  const inForce = new Set<Block>()
  const declared = noBits()
  const isMet = ({ required }: Block): boolean =>
    symbolKinds.every((kind) => [...required[kind]].every((bit) => declared[kind].has(bit)))
  const enable = (block: Block): void => {
    inForce.add(block)
    for (const kind of symbolKinds) for (const bit of block.declared[kind]) declared[kind].add(bit)
  }
  for (let before = -1; before < inForce.size;) {
    before = inForce.size
    for (const block of blocks) {
      const branches = block.otherwise === null ? [block] : [block, block.otherwise]
      if (branches.some((branch) => inForce.has(branch))) continue
      const met = branches.find((branch) => branch.parent === null || isMet(branch))
      if (met !== undefined) enable(met)
    }
  }
  return inForce
}
