/** Facts about all objects of one struct: its layout, and how bytes of it are found. */
import { ownValue } from '@lsmkit/abi'
import type { Leaf, StructLayout } from './struct-layout.ts'
import { byteObjects } from './members.ts'

/** Kernel objects that tell of their end by a hook, by struct: they are known by one address for their lives. */
const LASTING: ReadonlySet<string> = new Set(['task_struct', 'cred', 'inode', 'file', 'super_block', 'sock'])

export class Kind {
  readonly struct: string
  readonly layout: StructLayout
  /** An object keeps its address until a free hook reports its end. */
  readonly isLasting: boolean
  /** The kind's name in hooks differs from its own: its objects' own number stays for their struct. */
  readonly isNameless: boolean
  /** All of it is bytes, as a function of the object gives them. */
  readonly bytes: ((object: object) => Uint8Array | undefined) | null
  /** Its words may be text of the caller, which is then at an address of its own. */
  readonly mayBeText: boolean
  /** Slots of objects without a field for them, while they are shown. */
  readonly met = new Map<object, number>()
  /** By offset: the leaf that begins there. */
  readonly #at: (Leaf | undefined)[] = []

  constructor(layout: StructLayout, isNameless = false) {
    this.struct = layout.name
    this.layout = layout
    this.isNameless = isNameless
    this.isLasting = LASTING.has(layout.name)
    this.mayBeText = layout.name === 'pt_regs'
    this.bytes = (ownValue(byteObjects, layout.name) as Kind['bytes'] | undefined) ?? null
    // of two that begin at one place the first counts: they are one thing by two names
    for (const leaf of layout.leaves) if (leaf.bits === null) this.#at[leaf.offset] ??= leaf
  }

  /** The leaf of exactly these bytes. */
  exact(offset: number, size: number): Leaf | null {
    const leaf = this.#at[offset]
    return leaf !== undefined && leaf.size === size ? leaf : null
  }

  /** The leaf that has these bytes and more of them; null where they are of several, or of none. */
  around(offset: number, size: number): Leaf | null {
    for (let at = offset; at >= 0 && offset - at < 8; at--) {
      const leaf = this.#at[at]
      if (leaf !== undefined) return offset + size <= leaf.offset + leaf.size ? leaf : null
    }
    return null
  }

  /** All leaves that have one of these bytes. */
  touching(offset: number, size: number): readonly Leaf[] {
    return this.layout.leaves.filter((leaf) => leaf.offset < offset + size && offset < leaf.offset + leaf.size)
  }
}

/** The kind of a text, a reference or anything without a struct. */
export const plainKind = (struct: string, leaves: readonly Leaf[]): Kind =>
  new Kind({ name: struct, size: 8, leaves, parts: [], offsets: new Map() }, true)
