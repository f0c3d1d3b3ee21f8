/** Which members of kernel structs ever have a value, over all objects that hooks hand over. */
import { hookDefs, hookNames } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { byteObjects } from '../../../packages/bpf/src/kobject/members.ts'
import { layoutOf } from '../../../packages/bpf/src/kobject/struct-layout.ts'
import { Within } from '../../../packages/bpf/src/kobject/within.ts'
import type { Leaf, StructLayout } from '../../../packages/bpf/src/kobject/struct-layout.ts'

/** Pointers that are followed from an argument. */
const DEEPEST = 2

/** Structs of a hook's arguments; null for what is no pointer to one. */
const argumentStructs = new Map(hookNames.map((hook) => [
  hook, hookDefs[hook].params.split(',').map((text) => /\bstruct (\w+) \*(?!\*)/.exec(text)?.[1] ?? null),
]))

export class MemberSurvey {
  /** Members whose value no object has had yet, by struct. */
  readonly #missing = new Map<string, Set<Leaf>>()
  readonly #layouts = new Map<string, StructLayout | null>()
  /** Reading these threw. */
  readonly thrown = new Set<string>()

  watch(stack: Stack): void {
    for (const hook of hookNames) {
      const structs = argumentStructs.get(hook)!
      const entry = (...args: unknown[]): void => {
        const met = new Set<object>()
        for (const [at, struct] of structs.entries()) if (struct !== null) this.#look(args[at], struct, met, 0)
      }
      stack.observe(hook, { entry: entry as never })
    }
  }

  /** `struct.member` of structs that were met; elements of arrays count as one member. */
  get missing(): string[] {
    const found = new Set<string>()
    for (const [struct, leaves] of this.#missing) {
      const layout = this.#layouts.get(struct)!
      const there = new Set(layout.leaves.filter((leaf) => !leaves.has(leaf)).map(nameOf))
      for (const leaf of leaves) if (!there.has(nameOf(leaf))) found.add(`${struct}.${nameOf(leaf)}`)
    }
    return [...found].sort()
  }

  get structs(): string[] {
    return [...this.#missing.keys()].sort()
  }

  #look(object: unknown, struct: string, met: Set<object>, depth: number): void {
    // a pointer into an object leads to what is looked at with that object
    if (typeof object !== 'object' || object === null || met.has(object) || object instanceof Within) return
    met.add(object)
    const missing = this.#missingOf(struct)
    for (const leaf of missing ?? []) {
      if (this.#read(leaf, struct, object) !== undefined) missing!.delete(leaf)
    }
    if (depth === DEEPEST) return
    for (const leaf of this.#layouts.get(struct)?.leaves ?? []) {
      if (leaf.form === 'pointer' && leaf.struct !== null) {
        this.#look(this.#read(leaf, struct, object), leaf.struct, met, depth + 1)
      }
    }
  }

  #read(leaf: Leaf, struct: string, object: object): unknown {
    try {
      return leaf.read(object as never)
    } catch {
      this.thrown.add(`${struct}.${leaf.name}`)
      return undefined
    }
  }

  /** Null for structs whose objects are bytes. */
  #missingOf(struct: string): Set<Leaf> | null {
    if (Object.hasOwn(byteObjects, struct)) return null
    let missing = this.#missing.get(struct)
    if (missing === undefined) {
      const layout = layoutOf(vmlinuxBtf(), struct)
      this.#layouts.set(struct, layout)
      if (layout === null) return null
      this.#missing.set(struct, (missing = new Set(layout.leaves)))
    }
    return missing
  }
}

const nameOf = ({ name }: Leaf): string => name.replace(/\[\d+\]/, '[]')
