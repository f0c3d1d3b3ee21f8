/** Changes between opening an object and loading it: variables, sizes of maps, targets of programs. */
import { BPF_MAP_TYPE_RINGBUF, BPF_MAP_TYPE_USER_RINGBUF } from '@lsmkit/abi'
import { anything, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { BpfError } from '../error.ts'
import { decodeValue, encodeValue } from '../maps/value-codec.ts'
import type { Value } from '../maps/value-codec.ts'
import type { BpfObject, MapSpec, ProgramSpec } from './bpf-object.ts'
import { ValueText, valueOfText } from './value-text.ts'

/** A map by its name in the file, the kernel's name of it, or its section. Throws BpfError `no-map`. */
export const mapOf = (object: BpfObject, name: string): MapSpec => {
  const found = object.maps.find(({ symbol }) => symbol === name) ?? object.maps.find((map) => map.name === name)
  if (found) return found
  throw new BpfError(
    'no-map', `there is no map \`${name}\``, object.name, didYouMean(name, object.maps.map(({ symbol }) => symbol)),
  )
}

/** A program by the name of its function. Throws BpfError `no-program`. */
export const programOf = (object: BpfObject, name: string): ProgramSpec => {
  const found = object.programs.find((program) => program.name === name)
  if (found) return found
  throw new BpfError('no-program', `there is no program \`${name}\``, object.name,
    didYouMean(name, object.programs.map((program) => program.name)))
}

interface Variable {
  readonly map: MapSpec
  readonly type: number
  readonly offset: number
  readonly size: number
}

/** Names of the variables of a section of data; of another map none. */
export const variableNames = ({ btf }: BpfObject, { data, valueTypeId }: MapSpec): string[] => {
  const section = btf && data && valueTypeId !== 0 ? btf.type(valueTypeId) : null
  return section?.kind === 'datasec' ? section.vars.map(({ type }) => btf!.name(type)) : []
}

/** A global variable of any section of data. Throws BpfError `no-variable`. */
const variableOf = (object: BpfObject, name: string): Variable => {
  const names: string[] = []
  for (const map of object.maps) {
    const section = object.btf && map.data && map.valueTypeId !== 0 ? object.btf.type(map.valueTypeId) : null
    if (section?.kind !== 'datasec') continue
    for (const { type, offset, size } of section.vars) {
      const variable = object.btf!.type(type)
      if (variable.kind !== 'var') continue
      const fits = size >= 0 && size === object.btf!.size(variable.type) && offset + size <= map.data!.length
      if (variable.name === name && fits) return { map, type: variable.type, offset, size }
      names.push(variable.name)
    }
  }
  throw new BpfError('no-variable', `there is no variable \`${name}\``, object.name, didYouMean(name, names))
}

/** A variable's value, as the program will find it first. */
export const getVariable = (object: BpfObject, name: string): Value => {
  const { map, type, offset } = variableOf(object, name)
  const data = map.data!
  return decodeValue(object.btf!, type, new DataView(data.buffer, data.byteOffset, data.length), offset)
}

/**
 * Also of `.rodata`, which nobody can change once it is loaded; a `ValueText` is read by the variable's type. Throws
 * BpfError `no-variable`, `bad-value`.
 */
export const setVariable = (object: BpfObject, name: string, value: Value | ValueText): void => {
  const { map, type, offset, size } = variableOf(object, name)
  const given = value instanceof ValueText ? valueOfText(object.btf!, type, value.text, name) : value
  // written aside first, so that a value that does not fit changes nothing
  const bytes = new Uint8Array(size)
  encodeValue(object.btf!, type, given, new DataView(bytes.buffer), 0, name)
  map.data!.set(bytes, offset)
}

/** Sizes and flags that may differ from the file's; bytes. */
export interface MapChanges {
  readonly maxEntries?: number
  readonly keySize?: number
  readonly valueSize?: number
  readonly flags?: number
}

const MAX = 0xffff_ffff

export const changeRules: OptionRules<MapChanges> = {
  maxEntries: anything, keySize: anything, valueSize: anything, flags: anything,
}

/**
 * Changes sizes of a map before the object is loaded. Throws BpfError: `no-map`, and `bad-value` for what no map can
 * have; the rest is checked when the map is made.
 */
export const resizeMap = (object: BpfObject, name: string, changes: MapChanges): void => {
  checkOptions(changes, changeRules, 'resizeMap')
  const map = mapOf(object, name)
  for (const [what, value] of Object.entries(changes)) {
    if (!Number.isInteger(value) || value < 0 || value > MAX) {
      throw new BpfError('bad-value', `${what} is ${value}, not a number up to ${MAX}`, name)
    }
  }
  const isRing = map.type === BPF_MAP_TYPE_RINGBUF || map.type === BPF_MAP_TYPE_USER_RINGBUF
  if (isRing && changes.valueSize) throw new BpfError('bad-value', 'a ring buffer has no value size', name)
  if (isRing && changes.keySize) throw new BpfError('bad-value', 'a ring buffer has no key size', name)
  if (map.data) return resizeSection(object, map, changes)
  if (changes.maxEntries !== undefined) map.maxEntries = changes.maxEntries
  if (changes.keySize !== undefined) map.keySize = changes.keySize
  if (changes.valueSize !== undefined) map.valueSize = changes.valueSize
  if (changes.flags !== undefined) map.flags = changes.flags
  return undefined
}

/** A section may grow when its last variable is an array that can take it, as libbpf allows; what is there stays. */
const resizeSection = (object: BpfObject, map: MapSpec, { valueSize, maxEntries, keySize }: MapChanges): void => {
  if (maxEntries !== undefined && maxEntries !== 1) {
    throw new BpfError(
      'bad-value', 'a section is one element', map.symbol,
    )
  }
  if (keySize !== undefined && keySize !== 4) {
    throw new BpfError('bad-value', 'the key of a section is 4 bytes', map.symbol)
  }
  if (valueSize === undefined || valueSize === map.valueSize) return
  const section = object.btf && map.valueTypeId !== 0 ? object.btf.type(map.valueTypeId) : null
  const last = section?.kind === 'datasec' ? section.vars.at(-1) : undefined
  const array = last ? object.btf!.resolved((object.btf!.type(last.type) as { type: number }).type) : null
  if (!last || array?.kind !== 'array' || valueSize < last.offset) {
    throw new BpfError('bad-value', 'only a section that ends in an array can have another size', map.symbol)
  }
  const step = object.btf!.size(array.type)
  if (step <= 0 || (valueSize - last.offset) % step !== 0) {
    throw new BpfError('bad-value', `its array does not end at ${valueSize}`, map.symbol)
  }
  if (valueSize > 64 << 20) throw new BpfError('too-large', `${valueSize} bytes of one section`, map.symbol)
  const data = new Uint8Array(valueSize)
  data.set(map.data!.subarray(0, valueSize))
  map.data = data
  map.valueSize = valueSize
}
