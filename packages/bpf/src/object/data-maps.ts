/** Sections of data as maps of one element. */
import * as abi from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { Elf, ElfSection } from '../elf/elf.ts'
import type { MapSpec } from './bpf-object.ts'
import { emptyMap } from './map-section.ts'
import type { PlacedMap } from './map-section.ts'
import { dataMapName, dataSection, isStructOpsSection } from './section-names.ts'

/** `.rodata`, `.data`, `.bss` and their `.name`s, those that are not empty, in the order of the file. */
export const readDataMaps = (elf: Elf, types: Btf | null, object: string): PlacedMap[] => {
  const maps: PlacedMap[] = []
  for (const section of elf.sections) {
    const data = dataSection(section.name)
    if (!data || section.size === 0) continue
    maps.push({
      spec: dataMap(object, section.name, contentsOf(section), data.frozen, types), section: section.index, offset: 0,
    })
  }
  return maps
}

/** The bytes, those that are not in the file as zeroes. */
export const contentsOf = (section: ElfSection): Uint8Array => {
  const data = new Uint8Array(section.size)
  data.set(section.data)
  return data
}

export const dataMap = (
  object: string, section: string, data: Uint8Array, frozen: boolean, types: Btf | null,
): MapSpec => {
  const map = emptyMap(section, abi.BPF_MAP_TYPE_ARRAY)
  map.name = dataMapName(object, section)
  map.keySize = 4
  map.valueSize = data.length
  map.maxEntries = 1
  map.data = data
  map.frozen = frozen
  map.valueTypeId = types?.find(section, 'datasec') ?? 0
  map.flags = frozen ? abi.BPF_F_RDONLY_PROG : 0
  if (types && hasGlobals(types, map.valueTypeId)) map.flags |= abi.BPF_F_MMAPABLE
  return map
}

/** Only what a variable of the section's can be seen from outside is worth mapping. */
const hasGlobals = (types: Btf, datasec: number): boolean => {
  const section = types.type(datasec)
  return section.kind === 'datasec' && section.vars.some(({ type }) => {
    const variable = types.type(type)
    return variable.kind === 'var' && variable.linkage !== abi.BTF_VAR_STATIC
  })
}

/** Each variable of `.struct_ops` is a map whose value is the struct of functions. */
export const readStructOps = (elf: Elf, types: Btf | null): PlacedMap[] => {
  const maps: PlacedMap[] = []
  for (const section of elf.sections) {
    if (!isStructOpsSection(section.name) || !types) continue
    const datasec = types.type(types.find(section.name, 'datasec'))
    if (datasec.kind !== 'datasec') continue
    const data = contentsOf(section)
    for (const { type, offset } of datasec.vars) {
      const variable = types.type(type)
      if (variable.kind !== 'var') continue
      const map = emptyMap(variable.name, abi.BPF_MAP_TYPE_STRUCT_OPS)
      map.keySize = 4
      map.valueSize = Math.max(0, types.size(variable.type))
      map.maxEntries = 1
      map.flags = section.name === '.struct_ops.link' ? abi.BPF_F_LINK : 0
      map.structOpsTypeId = types.resolve(variable.type)
      map.data = data.slice(offset, offset + map.valueSize)
      map.slots = structOpsPrograms(elf, section, offset, map.valueSize)
      maps.push({ spec: map, section: section.index, offset })
    }
  }
  return maps
}

/** Byte offsets of members in the struct, and the program each holds. */
const structOpsPrograms = (elf: Elf, section: ElfSection, from: number, size: number): Map<number, string> => {
  const slots = new Map<number, string>()
  for (const { offset, symbol } of elf.relocationsOf(section)) {
    if (offset >= from && offset < from + size) slots.set(offset - from, symbol.name)
  }
  return slots
}
