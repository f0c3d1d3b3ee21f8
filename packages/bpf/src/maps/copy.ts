/** Copies values, and leaves out of them what only helpers may touch: locks, timers, lists, kernel pointers. */
import { ownValue } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BpfMemory } from '../vm/memory.ts'

/** A range of a value that updates neither read nor write. */
export interface SpecialField {
  readonly name: string
  readonly offset: number
  readonly size: number
}

const special: Readonly<Record<string, number>> = {
  bpf_spin_lock: 4, bpf_res_spin_lock: 4, bpf_timer: 16, bpf_wq: 16, bpf_list_head: 16, bpf_list_node: 24,
  bpf_rb_root: 16, bpf_rb_node: 32, bpf_refcount: 4,
}
const pointerTags = new Set(['kptr', 'kptr_untrusted', 'percpu_kptr', 'uptr'])

/** In the order of offsets. Nested structs and arrays are looked into, unions are not. */
export const specialFields = (types: Btf, id: number, offset = 0, depth = 0): SpecialField[] => {
  if (depth > 8) return []
  const type = types.resolved(id)
  if (type.kind === 'struct') {
    const size = ownValue(special, type.name)
    if (size !== undefined) return [{ name: type.name, offset, size }]
    return type.members.flatMap((member) =>
      member.bitSize > 0 ? [] : specialFields(types, member.type, offset + Math.floor(member.bitOffset / 8), depth + 1))
  }
  if (type.kind === 'array' && type.length > 0 && type.length <= 1024) {
    const size = types.size(type.type)
    const first = specialFields(types, type.type, 0, depth + 1)
    if (first.length === 0) return []
    return Array.from({ length: type.length }, (_, index) =>
      first.map((field) => ({ ...field, offset: offset + index * size + field.offset }))).flat()
  }
  if (type.kind === 'ptr') {
    const tag = types.type(type.type)
    if (tag.kind === 'type_tag' && pointerTags.has(tag.name)) return [{ name: tag.name, offset, size: 8 }]
  }
  return []
}

export const copyBytes = (memory: BpfMemory, to: number, from: number, size: number): void => {
  const { i32 } = memory
  if (size <= 64 && ((to | from | size) & 3) === 0) {
    // a call of copyWithin costs more than a few words
    for (let word = 0, target = to >> 2, source = from >> 2; word < size >> 2; word++) {
      i32[target + word] = i32[source + word]!
    }
    return
  }
  memory.u8.copyWithin(to, from, from + size)
}

/** As the kernel's `copy_map_value`. */
export const copyValue = (
  memory: BpfMemory, to: number, from: number, size: number, fields: readonly SpecialField[],
): void => {
  if (fields.length === 0) return copyBytes(memory, to, from, size)
  let at = 0
  for (const { offset, size: length } of fields) {
    copyBytes(memory, to + at, from + at, offset - at)
    at = offset + length
  }
  return copyBytes(memory, to + at, from + at, size - at)
}

export const zeroFields = (memory: BpfMemory, at: number, fields: readonly SpecialField[]): void => {
  for (const { offset, size } of fields) memory.u8.fill(0, at + offset, at + offset + size)
}
