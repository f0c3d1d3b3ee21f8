/** Random typed programs, and what a plain reading of the layout says that they come to. */
import type { Btf } from '../btf/btf.ts'
import { assemble } from '../insn/asm.ts'
import type { Code } from '../insn/code.ts'
import { inside } from '../kobject/members.ts'
import { imageOf } from './object-image.ts'
import type { Image } from './object-image.ts'
import type { World } from './object-world.ts'
import type { Random } from './random.ts'

/** A pointer in a register: what the program takes it for, and what it is. */
interface Variable {
  readonly register: number
  readonly struct: string
  /** The object, its own struct and where in that the pointer points; null for a null pointer. */
  readonly to: { readonly object: object; readonly struct: string; readonly offset: number } | null
}

const REGISTERS = [6, 7, 8] as const
const KFUNC_MARK = 7777
const PROBE_SIZES = [1, 2, 3, 4, 8, 13, 16]

/** Images of objects by the struct that they are read as, for programs of one world. */
export type Images = Map<object, Map<string, Image>>

/** Writes a program and reckons what it comes to. */
export class LoadWriter {
  readonly lines: string[] = []
  expected = 0n
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

  get text(): string {
    return this.lines.join('\n')
  }

  code(): Code {
    const code = assemble(this.text)
    for (let slot = 0; slot < code.length; slot++) {
      if (code.op[slot] !== 0x85 || code.imm[slot] !== KFUNC_MARK) continue
      code.src[slot] = 2
      code.imm[slot] = this.#btf.find('bpf_rdonly_cast', 'func')
    }
    return code
  }

  write(structs: readonly (string | null)[], args: readonly unknown[]): void {
    this.lines.push('r9 = 7')
    this.expected = 7n
    const usable = structs.flatMap((struct, at) => (struct !== null && this.#world.has(struct) ? [at] : []))
    for (const register of REGISTERS) {
      const at = this.#random.pick(usable)
      this.lines.push(`r${register} = *(u64 *)(r1 +${at * 8})`)
      this.#set(register, structs[at]!, args[at] as object | null)
    }
    const withCalls = this.#random.below(2) === 0
    for (let left = 3 + this.#random.below(10); left > 0; left--) this.#step(withCalls)
    this.lines.push(
      'r1 = map[0]', '*(u32 *)(r10 -4) = 0', 'r2 = r10', 'r2 += -4', 'call bpf_map_lookup_elem', 'if r0 == 0 goto end',
      '*(u64 *)(r0 +0) = r9', 'end:', 'r0 = 0', 'exit',
    )
  }

  #step(withCalls: boolean): void {
    const variable = this.#random.pick([...this.#variables.values()])
    switch (this.#random.below(withCalls ? 11 : 7)) {
      case 0: case 1: case 2: return this.#loadNumber(variable)
      case 3: case 4: return this.#follow(variable)
      case 5: return this.#test(variable)
      case 6: return this.#walk(variable)
      case 7: return this.#cast(variable)
      case 8: return this.#probe(variable)
      case 9: return this.#spill(variable)
      default: return this.#compare(variable)
    }
  }

  /** r9 * 31 + r2. */
  #mix(value: bigint): void {
    this.lines.push('r9 *= 31', 'r9 += r2')
    this.expected = this.expected * 31n + value
  }

  #set(register: number, struct: string, object: object | null): void {
    const outer = inside[struct]
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

  /** Numbers of a struct: offset and size, nested ones too. */
  #numbersOf(struct: string): { offset: number; size: number }[] {
    const found: { offset: number; size: number }[] = []
    const walk = (id: number, at: number): void => {
      for (const { type, bitOffset } of this.#btf.members(id)) {
        const resolved = this.#btf.resolved(type)
        const offset = at + bitOffset / 8
        if (resolved.kind === 'int') found.push({ offset, size: this.#btf.size(type) })
        else if (resolved.kind === 'struct') walk(resolved.id, offset)
        else if (resolved.kind === 'array' && this.#btf.size(resolved.type) === 1) {
          found.push({ offset, size: this.#btf.size(type) })
        } else if (resolved.kind === 'array' && this.#btf.resolved(resolved.type).kind === 'struct') {
          walk(this.#btf.resolve(resolved.type), offset)
        }
      }
    }
    walk(this.#btf.find(struct, 'struct'), 0)
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
    this.lines.push(`r2 = *(${isSigned ? 's' : 'u'}${width * 8} *)(r${variable.register} +${at})`)
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
    this.lines.push(`r${into} = *(u64 *)(r${register} +${offset})`)
    this.#set(into, pointee, target?.object ?? null)
  }

  #pointersOf(struct: string): { offset: number; pointee: string }[] {
    const found: { offset: number; pointee: string }[] = []
    const walk = (id: number, at: number): void => {
      for (const { type, bitOffset } of this.#btf.members(id)) {
        const resolved = this.#btf.resolved(type)
        const offset = at + bitOffset / 8
        if (resolved.kind === 'struct') walk(resolved.id, offset)
        else if (resolved.kind === 'ptr') {
          const pointee = this.#btf.resolved(resolved.type)
          if (pointee.kind === 'struct' && this.#world.has(pointee.name)) found.push({ offset, pointee: pointee.name })
        }
      }
    }
    walk(this.#btf.find(struct, 'struct'), 0)
    return found
  }

  /** Up a few parents, in a loop. */
  #walk(variable: Variable): void {
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
    const label = `l${this.lines.length}`
    this.lines.push(`r5 = ${steps}`, `${label}:`, `r${register} = *(u64 *)(r${register} +${offset})`, 'r5 -= 1',
      `if r5 != 0 goto ${label}`)
    this.#variables.set(register, at)
  }

  #test({ register, to }: Variable): void {
    const label = `l${this.lines.length}`
    this.lines.push('r2 = 1', `if r${register} == 0 goto ${label}`, 'r2 = 2', `${label}:`)
    this.#mix(to === null ? 1n : 2n)
  }

  #compare({ register, to }: Variable): void {
    const other = this.#random.pick([...this.#variables.values()])
    const label = `l${this.lines.length}`
    this.lines.push('r2 = 3', `if r${register} == r${other.register} goto ${label}`, 'r2 = 4', `${label}:`)
    const isSame = to === null || other.to === null
      ? to === other.to
      : to.object === other.to.object && to.struct === other.to.struct && to.offset === other.to.offset
    this.#mix(isSame ? 3n : 4n)
  }

  #cast({ register, to }: Variable): void {
    const struct = this.#random.pick([...this.#world.keys()])
    this.lines.push(
      `r1 = r${register}`, `r2 = ${this.#btf.find(struct, 'struct')}`, `call #${KFUNC_MARK}`, `r${register} = r0`,
    )
    this.#variables.set(register, { register, struct, to })
  }

  #probe(variable: Variable): void {
    const size = this.#random.pick(PROBE_SIZES)
    const offset = this.#random.below(64)
    const bytes = this.#bytesAt(variable, offset, size)
    if (bytes === null) return
    this.lines.push(
      '*(u64 *)(r10 -32) = 0', '*(u64 *)(r10 -24) = 0', 'r1 = r10', 'r1 += -32', `r2 = ${size}`,
      `r3 = r${variable.register}`, `r3 += ${offset}`, 'call bpf_probe_read_kernel',
    )
    for (const at of [0, 8]) {
      const padded = new Uint8Array(16)
      padded.set(bytes)
      this.lines.push(`r2 = *(u64 *)(r10 -${32 - at})`)
      this.#mix(padded.subarray(at, at + 8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n))
    }
  }

  #spill({ register }: Variable): void {
    this.lines.push(`*(u64 *)(r10 -16) = r${register}`, `r${register} = 0`, `r${register} = *(u64 *)(r10 -16)`)
  }
}
