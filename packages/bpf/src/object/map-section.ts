/** `.maps`: each variable is a map, each member of its struct a property, encoded in the member's type. */
import * as abi from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfComposite, BtfMember } from '../btf/btf-type.ts'
import type { Elf, ElfRelocation } from '../elf/elf.ts'
import { BpfError } from '../error.ts'
import type { MapSpec } from './bpf-object.ts'
import { MAP_SECTION, OLD_MAP_SECTION } from './section-names.ts'

/** A map with what the linker asks of it. */
export interface PlacedMap {
  readonly spec: MapSpec
  /** Section index and offset of its variable. */
  readonly section: number
  readonly offset: number
}

const PAGE = 4096

export const emptyMap = (symbol: string, type: number): MutableMap => ({
  // the kernel keeps 15 characters
  name: symbol.slice(0, 15), symbol, type,
  keySize: 0, valueSize: 0, maxEntries: 0, flags: 0,
  extra: 0n, pinning: 0, keyTypeId: 0, valueTypeId: 0,
  data: null, frozen: false, inner: null,
  slots: new Map(), structOpsTypeId: 0,
})

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
export type MutableMap = Mutable<Omit<MapSpec, 'slots'>> & { slots: Map<number, string> }

/** Throws BpfError `bad-map` with the map's name. */
export const readMapSection = (elf: Elf, types: Btf): PlacedMap[] => {
  const section = elf.section(MAP_SECTION)
  if (!section) return []
  const id = types.find(MAP_SECTION, 'datasec')
  if (id === 0) throw new BpfError('bad-map', 'no types for the maps', MAP_SECTION, 'compile with `-g`')
  const datasec = types.type(id)
  if (datasec.kind !== 'datasec') return []
  return datasec.vars.map(({ type, offset, size }) => {
    const name = types.name(type)
    const definition = types.resolved(variableType(types, type))
    if (definition.kind !== 'struct') throw new BpfError('bad-map', 'is defined by no struct', name)
    if (size < definition.size || offset + size > section.size) {
      throw new BpfError('bad-map', 'lies beyond the section', name)
    }
    const reader = new MapReader(types, name, elf, elf.relocationsOf(section))
    return { spec: reader.read(definition, offset), section: section.index, offset }
  })
}

const variableType = (types: Btf, id: number): number => {
  const variable = types.type(id)
  if (variable.kind !== 'var') throw new BpfError('bad-map', `type ${id} is not a variable`, MAP_SECTION)
  return variable.type
}

class MapReader {
  readonly #types: Btf
  readonly #name: string
  readonly #elf: Elf
  readonly #relocations: readonly ElfRelocation[]

  constructor(types: Btf, name: string, elf: Elf, relocations: readonly ElfRelocation[]) {
    this.#types = types
    this.#name = name
    this.#elf = elf
    this.#relocations = relocations
  }

  /** The definition at that offset of the section; null for the template of an inner map, which lies nowhere. */
  read(definition: BtfComposite, offset: number | null): MapSpec {
    const map = emptyMap(this.#name, 0)
    for (const member of definition.members) this.#property(map, member, offset)
    if (map.type === abi.BPF_MAP_TYPE_UNSPEC) this.#bad('has no type', 'begin with `__uint(type, …)`')
    if (map.type === abi.BPF_MAP_TYPE_RINGBUF || map.type === abi.BPF_MAP_TYPE_USER_RINGBUF) {
      map.maxEntries = ringSize(map.maxEntries)
    }
    return map
  }

  #property(map: MutableMap, member: BtfMember, offset: number | null): void {
    switch (member.name) {
      case 'type': map.type = this.#number(member); return
      case 'max_entries': map.maxEntries = this.#number(member); return
      case 'map_flags': map.flags = this.#number(member); return
      case 'numa_node': map.flags |= abi.BPF_F_NUMA_NODE; return
      case 'key_size': map.keySize = this.#agree('key', map.keySize, this.#number(member)); return
      case 'value_size': map.valueSize = this.#agree('value', map.valueSize, this.#number(member)); return
      case 'map_extra': map.extra = this.#wide(member); return
      case 'pinning': map.pinning = this.#pinning(member, offset); return
      case 'key':
        map.keyTypeId = this.#pointee(member)
        map.keySize = this.#agree('key', map.keySize, this.#sizeOf(map.keyTypeId))
        return
      case 'value':
        map.valueTypeId = this.#pointee(member)
        map.valueSize = this.#agree('value', map.valueSize, this.#sizeOf(map.valueTypeId))
        return
      case 'values': this.#values(map, member, offset); return
      default:
        this.#bad(`has an unknown property \`${member.name}\``)
    }
  }

  /** `__uint(name, N)`: a pointer to an array of N. */
  #number(member: BtfMember): number {
    const types = this.#types
    const pointer = types.resolved(member.type)
    const array = pointer.kind === 'ptr' ? types.resolved(pointer.type) : pointer
    const isCount = pointer.kind === 'ptr' && array.kind === 'array'
    return isCount ? array.length : this.#bad(`\`${member.name}\` is not a number`)
  }

  /** `__ulong(name, N)`: an enumeration of the one value N. */
  #wide(member: BtfMember): bigint {
    const type = this.#types.resolved(member.type)
    if (type.kind !== 'enum' && type.kind !== 'enum64') return BigInt(this.#number(member))
    return type.values.length === 1 ? BigInt.asUintN(64,
      type.values[0]!.value) : this.#bad('is not a number', member.name)
  }

  #pinning(member: BtfMember, offset: number | null): number {
    const value = this.#number(member)
    if (offset === null) this.#bad('an inner map cannot be pinned')
    return value > 1 ? this.#bad(`pinning ${value} is not known`) : value
  }

  #pointee(member: BtfMember): number {
    const type = this.#types.resolved(member.type)
    return type.kind === 'ptr' ? type.type : this.#bad(`\`${member.name}\` is not a type`)
  }

  #sizeOf(id: number): number {
    const size = this.#types.size(id)
    return size < 0 ? this.#bad('has a type without a size') : size
  }

  #agree(what: string, before: number, now: number): number {
    return before !== 0 && before !== now ? this.#bad(`has a ${what} of ${before} and of ${now} bytes`) : now
  }

  /** `__array(values, T)`: templates of inner maps or programs, and what the slots are at first. */
  #values(map: MutableMap, member: BtfMember, offset: number | null): void {
    const types = this.#types
    const array = types.resolved(member.type)
    const element = array.kind === 'array' ? types.resolved(array.type) : array
    const target = element.kind === 'ptr' ? types.resolved(element.type) : element
    if (array.kind !== 'array' || element.kind !== 'ptr') return this.#bad('`values` are not arrays of pointers')
    const isOfMaps = map.type === abi.BPF_MAP_TYPE_ARRAY_OF_MAPS || map.type === abi.BPF_MAP_TYPE_HASH_OF_MAPS
    if (!isOfMaps && map.type !== abi.BPF_MAP_TYPE_PROG_ARRAY) {
      this.#bad(
        'has `values`, but is not a map of maps or programs',
      )
    }
    if (offset === null) this.#bad('maps inside maps inside maps')
    map.valueSize = this.#agree('value', map.valueSize, 4)
    if (isOfMaps) {
      if (target.kind !== 'struct') return this.#bad('has inner maps that are not structs')
      map.inner = new MapReader(types, `${this.#name}.inner`, this.#elf, []).read(target, null)
    } else if (target.kind !== 'func_proto') return this.#bad('has programs that are not functions')
    map.slots = this.#slots(offset! + Math.floor(member.bitOffset / 8))
    return undefined
  }

  /** Relocations from `at` on up to the end of this variable name what each slot holds. */
  #slots(at: number): Map<number, string> {
    const slots = new Map<number, string>()
    const own = this.#elf.symbols.find((symbol) => symbol.name === this.#name && symbol.size > 0)
    const end = own ? own.value + own.size : at
    for (const { offset, symbol } of this.#relocations) {
      if (offset < at || offset >= end) continue
      if (symbol.name === '') this.#bad('has a slot without a name')
      slots.set((offset - at) / 8, symbol.name)
    }
    return slots
  }

  #bad(message: string, hint: string | null = null): never {
    throw new BpfError('bad-map', message, this.#name, hint)
  }
}

/** A power of two of pages, as libbpf rounds it up; 0 stays for the kernel to refuse. */
const ringSize = (size: number): number => {
  if (size === 0 || (size % PAGE === 0 && (size & (size - 1)) === 0)) return size
  for (let pages = 1; pages <= 0x8_0000; pages *= 2) if (pages * PAGE > size) return pages * PAGE
  return size
}

/** `struct bpf_map_def` of five words, or more as old loaders defined it; one a symbol. */
export const readOldMapSection = (elf: Elf): PlacedMap[] => {
  const section = elf.section(OLD_MAP_SECTION)
  if (!section || section.data.length === 0) return []
  const symbols = elf.symbols.filter((symbol) => symbol.section === section.index && symbol.type === abi.STT_OBJECT)
  const view = new DataView(section.data.buffer, section.data.byteOffset, section.data.length)
  return symbols.map(({ name, value: offset }) => {
    if (offset + 20 > section.data.length) throw new BpfError('bad-map', 'lies beyond the section', name)
    const word = (index: number): number => view.getUint32(offset + index * 4, true)
    const spec = emptyMap(name, word(0))
    spec.keySize = word(1)
    spec.valueSize = word(2)
    spec.maxEntries = word(3)
    spec.flags = word(4)
    return { spec, section: section.index, offset }
  })
}
