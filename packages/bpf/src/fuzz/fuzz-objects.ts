/** Opens damaged objects: each is refused with a typed error, or is one that the rest can rely on. */
import { BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC, BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import { disasm, isWide } from '../insn/disasm.ts'
import { createMaps } from '../maps/create-map.ts'
import { MapSpace } from '../maps/map-space.ts'
import type { BpfObject, ProgramSpec } from '../object/bpf-object.ts'
import { getVariable } from '../object/edit.ts'
import { openObject } from '../object/open-object.ts'
import { Random } from '../testing/random.ts'
import { BpfMemory } from '../vm/memory.ts'
import { mutate, partsOf } from './mutate.ts'

/** One damaged object: whether it opened, and what is wrong with it then. */
export interface ObjectOutcome {
  readonly opened: boolean
  readonly fault: string | null
}

/** Damages one of `objects`, as a seed has it; throws what is not a typed error. */
export const objectAttempt = (objects: readonly Uint8Array[], kernelBtf: Btf): ((seed: number) => ObjectOutcome) => {
  const parts = objects.map(partsOf)
  const memory = new BpfMemory({ readOnly: 4 << 20, data: 8 << 20 })
  return (seed) => {
    const random = new Random(seed)
    const index = random.below(objects.length)
    const bytes = mutate(objects[index]!, parts[index]!, random)
    try {
      const object = openObject(bytes, { kernelBtf })
      return { opened: true, fault: faultOf(object) ?? mapsFault(object, memory) }
    } catch (error) {
      if (error instanceof BpfError) return { opened: false, fault: null }
      throw error
    }
  }
}

/** What is wrong with an object that opened, null when nothing is. */
const faultOf = (object: BpfObject): string | null => {
  for (const program of object.programs) {
    const why = programFault(object, program)
    if (why !== null) return `${program.name}: ${why}`
    disasm(program.code)
  }
  const { btf } = object
  if (!btf) return null
  for (let id = 0; id < btf.count; id++) {
    btf.type(id)
    tolerate(() => btf.size(id))
    tolerate(() => btf.align(id))
    for (const tag of btf.tags(id)) if (tag.type !== id) return `type ${id} has the tag of another`
  }
  for (const { data, valueTypeId } of object.maps) {
    const section = data && valueTypeId !== 0 ? btf.type(valueTypeId) : null
    if (section?.kind !== 'datasec') continue
    for (const { type } of section.vars) tolerate(() => getVariable(object, btf.name(type)))
  }
  return null
}

const programFault = (
  { maps }: BpfObject, { code, subprograms, lines, poisoned, broken }: ProgramSpec,
): string | null => {
  if (broken !== null) return code.length === 0 ? null : 'is broken, and has instructions'
  const starts = new Set(subprograms.map(({ start }) => start))
  if (!starts.has(0)) return 'begins nowhere'
  for (const { start } of subprograms) if (start >= code.length) return 'a subprogram begins behind the end'
  for (const { slot } of lines) if (slot >= code.length) return 'a line lies behind the end'
  for (const slot of poisoned.keys()) if (slot >= code.length) return 'a poisoned slot lies behind the end'
  for (let slot = 0; slot < code.length; slot++) {
    const src = code.src[slot]
    const imm = code.imm[slot]!
    const isFunction = starts.has(slot + 1 + imm)
    if (code.op[slot] === 0x85 && src === BPF_PSEUDO_CALL && !isFunction) return `${slot} calls no function`
    if (!isWide(code.op[slot]!)) continue
    if (src === BPF_PSEUDO_FUNC && !isFunction) return `${slot} points to no function`
    const isMap = src === BPF_PSEUDO_MAP_FD || src === BPF_PSEUDO_MAP_VALUE
    // a descriptor that the file names by number is negative here: no map of its own
    if (isMap && imm >= maps.length) return `${slot} names no map`
    slot++
  }
  return null
}

/** Maps are made, or refused with an errno, and leave nothing behind. */
const mapsFault = (object: BpfObject, memory: BpfMemory): string | null => {
  const space = new MapSpace(memory, { limit: 4 << 20 })
  try {
    for (const map of createMaps(object, space)) map.free()
  } catch (error) {
    if (!(error instanceof BpfError) || error.errno >= 0) throw error
  }
  return space.used === 0 ? null : `maps left ${space.used} bytes behind`
}

const tolerate = (act: () => unknown): void => {
  try {
    act()
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
  }
}
