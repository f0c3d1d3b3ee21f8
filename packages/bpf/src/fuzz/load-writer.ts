/** Random typed programs, and what a plain reading of the layout says that they come to. */
import {
  BPF_ADD, BPF_B, BPF_DW, BPF_H, BPF_JEQ, BPF_JNE, BPF_MOV, BPF_MUL, BPF_PSEUDO_KFUNC_CALL, BPF_PSEUDO_MAP_FD, BPF_SUB,
  BPF_W, bpfHelperByName, ownValue,
} from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { Code } from '../insn/code.ts'
import { inside } from '../kobject/members.ts'
import { CodeWriter } from '../testing/code-writer.ts'
import type { Right } from '../testing/code-writer.ts'
import type { Random } from '../testing/random.ts'
import { imageOf } from './object-image.ts'
import type { Image } from './object-image.ts'
import type { World } from './object-world.ts'

/** A pointer in a register: what the program takes it for, and what it is. */
interface Variable {
  readonly register: number
  readonly struct: string
  /** The object, its own struct and where in that the pointer points; null for a null pointer. */
  readonly to: { readonly object: object; readonly struct: string; readonly offset: number } | null
}

const REGISTERS = [6, 7, 8] as const
const LOOKUP = bpfHelperByName('bpf_map_lookup_elem')!
const PROBE = bpfHelperByName('bpf_probe_read_kernel')!
/** By bytes. */
const SIZES: ReadonlyMap<number, number> = new Map([[1, BPF_B], [2, BPF_H], [4, BPF_W], [8, BPF_DW]])
const PROBE_SIZES = [1, 2, 3, 4, 8, 13, 16]

/** Images of objects by the struct that they are read as, for programs of one world. */
export type Images = Map<object, Map<string, Image>>

/** Writes a program and reckons what it comes to. */
export class LoadWriter {
  expected = 0n
  readonly #out = new CodeWriter()
  readonly #btf: Btf
  readonly #world: World
  readonly #random: Random
  readonly #variables = new Map<number, Variable>()
  readonly #images: Images

  constructor(btf: Btf, world: World, random: Random, images: Images) {
    this.#btf = btf
    this.#world = world
    this.#random = random
    this.#images = images
  }

  code(): Code {
    return this.#out.code()
  }

  write(structs: readonly (string | null)[], args: readonly unknown[]): void {
    const out = this.#out
    out.alu('r', BPF_MOV, 9, { constant: 7 })
    this.expected = 7n
    const usable = structs.flatMap((struct, at) => (struct !== null && this.#world.has(struct) ? [at] : []))
    for (const register of REGISTERS) {
      const at = this.#random.pick(usable)
      out.load(BPF_DW, register, { register: 1, off: at * 8 })
      this.#set(register, structs[at]!, args[at] as object | null)
    }
    const withCalls = this.#random.below(2) === 0
    for (let left = 3 + this.#random.below(10); left > 0; left--) this.#step(withCalls)
    const end = out.label()
    out.wide(1, 0, 0, BPF_PSEUDO_MAP_FD)
    out.store(BPF_W, { register: 10, off: -4 }, { constant: 0 })
    this.#frame(2, -4)
    out.call(LOOKUP)
    out.jump('r', BPF_JEQ, 0, { constant: 0 }, end)
    out.store(BPF_DW, { register: 0, off: 0 }, { register: 9 })
    out.mark(end)
    out.alu('r', BPF_MOV, 0, { constant: 0 })
    out.exit()
  }

  #step(withCalls: boolean): void {
    const variable = this.#random.pick([...this.#variables.values()])
    switch (this.#random.below(withCalls ? 11 : 7)) {
      case 0: case 1: case 2: return this.#loadNumber(variable)
      case 3: case 4: return this.#follow(variable)
      case 5: return this.#test(variable)
      case 6: return this.#climb(variable)
      case 7: return this.#cast(variable)
      case 8: return this.#probe(variable)
      case 9: return this.#spill(variable)
      default: return this.#compare(variable)
    }
  }

  /** r9 * 31 + r2. */
  #mix(value: bigint): void {
    this.#out.alu('r', BPF_MUL, 9, { constant: 31 })
    this.#out.alu('r', BPF_ADD, 9, { register: 2 })
    this.expected = this.expected * 31n + value
  }

  /** The register points into the frame. */
  #frame(register: number, off: number): void {
    this.#out.alu('r', BPF_MOV, register, { register: 10 })
    this.#out.alu('r', BPF_ADD, register, { constant: off })
  }

  /** r2 is the one number where the comparison holds, and the other elsewhere. */
  #choose(register: number, right: Right, holds: number, otherwise: number): void {
    const out = this.#out
    const label = out.label()
    out.alu('r', BPF_MOV, 2, { constant: holds })
    out.jump('r', BPF_JEQ, register, right, label)
    out.alu('r', BPF_MOV, 2, { constant: otherwise })
    out.mark(label)
  }

  #set(register: number, struct: string, object: object | null): void {
    const outer = ownValue(inside, struct)
    const to = object === null ? null : outer === undefined
      ? { object, struct, offset: 0 }
      : { object, struct: outer[0], offset: this.#offsetOf(outer[0], outer[1]) }
    this.#variables.set(register, { register, struct, to })
  }

  #offsetOf(struct: string, member: string): number {
    return this.#btf.members(this.#btf.find(struct, 'struct')).find(({ name }) => name === member)!.bitOffset / 8
  }

  #imageOf({ object, struct }: NonNullable<Variable['to']>): Image {
    const images = this.#images.get(object) ?? new Map<string, Image>()
    this.#images.set(object, images)
    const image = images.get(struct) ?? imageOf(this.#btf, struct, object)
    images.set(struct, image)
    return image
  }

  /** Bytes behind the pointer; null where a pointer is among them. */
  #bytesAt({ to }: Variable, offset: number, size: number): Uint8Array | null {
    if (to === null) return new Uint8Array(size)
    const { bytes, pointers } = this.#imageOf(to)
    const from = to.offset + offset
    if (pointers.subarray(from, from + size).includes(1)) return null
    const found = new Uint8Array(size)
    found.set(bytes.subarray(from, from + size))
    return found
  }

  /** Each member of a struct that is not a struct itself; those of nested ones too, and of the first of an array. */
  #walk(struct: string, each: (type: number, offset: number) => void): void {
    const walk = (id: number, at: number): void => {
      for (const { type, bitOffset } of this.#btf.members(id)) {
        const resolved = this.#btf.resolved(type)
        const offset = at + bitOffset / 8
        const one = resolved.kind === 'array' ? this.#btf.resolved(resolved.type) : resolved
        if (one.kind === 'struct') walk(one.id, offset)
        else each(type, offset)
      }
    }
    walk(this.#btf.find(struct, 'struct'), 0)
  }

  #numbersOf(struct: string): { offset: number; size: number }[] {
    const found: { offset: number; size: number }[] = []
    this.#walk(struct, (type, offset) => {
      const resolved = this.#btf.resolved(type)
      const isNumber = resolved.kind === 'int' || (resolved.kind === 'array' && this.#btf.size(resolved.type) === 1)
      const size = this.#btf.size(type)
      // an array of no elements marks a place and holds nothing
      if (isNumber && size > 0) found.push({ offset, size })
    })
    return found
  }

  #pointersOf(struct: string): { offset: number; pointee: string }[] {
    const found: { offset: number; pointee: string }[] = []
    this.#walk(struct, (type, offset) => {
      const resolved = this.#btf.resolved(type)
      const pointee = resolved.kind === 'ptr' ? this.#btf.resolved(resolved.type) : null
      if (pointee?.kind === 'struct' && this.#world.has(pointee.name)) found.push({ offset, pointee: pointee.name })
    })
    return found
  }

  #loadNumber(variable: Variable): void {
    const numbers = this.#numbersOf(variable.struct)
    if (numbers.length === 0) return this.#test(variable)
    const { offset, size } = this.#random.pick(numbers)
    const width = this.#random.pick([1, 2, 4, 8].filter((one) => one <= size))
    const at = offset + (this.#random.below(3) === 0 ? this.#random.below(Math.floor(size / width)) * width : 0)
    const bytes = this.#bytesAt(variable, at, width)
    if (bytes === null) return
    const isSigned = width < 8 && this.#random.below(4) === 0
    this.#out.load(SIZES.get(width)!, 2, { register: variable.register, off: at }, isSigned)
    let value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    if (isSigned) value = BigInt.asIntN(width * 8, value)
    this.#mix(value)
  }

  #follow(variable: Variable): void {
    const { struct, register, to } = variable
    const pointers = this.#pointersOf(struct)
    if (pointers.length === 0) return this.#test(variable)
    const { offset, pointee } = this.#random.pick(pointers)
    const target = to === null ? null : this.#imageOf(to).targets.get(to.offset + offset)
    // through a wrong cast there may be something else, or a pointer to another struct
    if (target === undefined || (target !== null && target.struct !== pointee)) return
    const into = this.#random.pick(REGISTERS)
    this.#out.load(BPF_DW, into, { register, off: offset })
    this.#set(into, pointee, target?.object ?? null)
  }

  /** Up a few parents, in a loop. */
  #climb(variable: Variable): void {
    const { register, struct } = variable
    const member = { dentry: 'd_parent', task_struct: 'real_parent', user_namespace: 'parent' }[struct]
    if (member === undefined) return this.#follow(variable)
    const offset = this.#offsetOf(struct, member)
    const steps = 1 + this.#random.below(4)
    let at = variable
    for (let step = 0; step < steps; step++) {
      const target = at.to === null ? null : this.#imageOf(at.to).targets.get(at.to.offset + offset)
      if (target === undefined || (target !== null && target.struct !== struct)) return
      at = { register, struct, to: target === null ? null : { ...target, offset: 0 } }
    }
    const out = this.#out
    const start = out.label()
    out.alu('r', BPF_MOV, 5, { constant: steps })
    out.mark(start)
    out.load(BPF_DW, register, { register, off: offset })
    out.alu('r', BPF_SUB, 5, { constant: 1 })
    out.jump('r', BPF_JNE, 5, { constant: 0 }, start)
    this.#variables.set(register, at)
  }

  #test({ register, to }: Variable): void {
    this.#choose(register, { constant: 0 }, 1, 2)
    this.#mix(to === null ? 1n : 2n)
  }

  #compare({ register, to }: Variable): void {
    const other = this.#random.pick([...this.#variables.values()])
    this.#choose(register, { register: other.register }, 3, 4)
    const isSame = to === null || other.to === null
      ? to === other.to
      : to.object === other.to.object && to.struct === other.to.struct && to.offset === other.to.offset
    this.#mix(isSame ? 3n : 4n)
  }

  #cast({ register, to }: Variable): void {
    const struct = this.#random.pick([...this.#world.keys()])
    const out = this.#out
    out.alu('r', BPF_MOV, 1, { register })
    out.alu('r', BPF_MOV, 2, { constant: this.#btf.find(struct, 'struct') })
    out.call(this.#btf.find('bpf_rdonly_cast', 'func'), BPF_PSEUDO_KFUNC_CALL)
    out.alu('r', BPF_MOV, register, { register: 0 })
    this.#variables.set(register, { register, struct, to })
  }

  #probe(variable: Variable): void {
    const size = this.#random.pick(PROBE_SIZES)
    const offset = this.#random.below(64)
    const bytes = this.#bytesAt(variable, offset, size)
    if (bytes === null) return
    const out = this.#out
    for (const off of [-32, -24]) out.store(BPF_DW, { register: 10, off }, { constant: 0 })
    this.#frame(1, -32)
    out.alu('r', BPF_MOV, 2, { constant: size })
    out.alu('r', BPF_MOV, 3, { register: variable.register })
    out.alu('r', BPF_ADD, 3, { constant: offset })
    out.call(PROBE)
    for (const at of [0, 8]) {
      const padded = new Uint8Array(16)
      padded.set(bytes)
      out.load(BPF_DW, 2, { register: 10, off: at - 32 })
      this.#mix(padded.subarray(at, at + 8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n))
    }
  }

  #spill({ register }: Variable): void {
    const slot = { register: 10, off: -16 }
    this.#out.store(BPF_DW, slot, { register })
    this.#out.alu('r', BPF_MOV, register, { constant: 0 })
    this.#out.load(BPF_DW, register, slot)
  }
}
