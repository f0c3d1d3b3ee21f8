/** Values of C types as values of JavaScript, by their BTF. */
import { dictionary } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfMember, BtfType } from '../btf/btf-type.ts'
import { BpfError } from '../error.ts'

/**
 * Integers up to 32 bits, enumerations and floats are numbers, wider integers and pointers bigint, `bool` boolean,
 * arrays of `char` text up to a NUL, other arrays arrays, structs and unions objects by member. A value to write may
 * also be given as bytes; an enumeration also by the name of a value.
 */
export type Value = number | bigint | boolean | string | Uint8Array | readonly Value[] | {
  readonly [member: string]: Value,
}

const MAX_DEPTH = 32

/** The value of type `id` at byte `at`. */
export const decodeValue = (types: Btf, id: number, view: DataView, at: number, depth = 0): Value => {
  if (depth > MAX_DEPTH) throw new BpfError('too-deep', 'values nest too deep', `type ${id}`)
  const type = types.resolved(id)
  switch (type.kind) {
    case 'int': return type.isBool ? view.getUint8(at) !== 0 : readInteger(view, at, type.size, type.isSigned)
    case 'enum': case 'enum64': return readInteger(view, at, type.size, type.isSigned)
    case 'ptr': return view.getBigUint64(at, true)
    case 'float':
      if (type.size !== 4 && type.size !== 8) {
        throw new BpfError(
          'bad-value', `a float of ${type.size} bytes`, types.name(id),
        )
      }
      return type.size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true)
    case 'array': {
      if (isText(types, type)) return readText(view, at, type.length)
      const size = types.size(type.type)
      return Array.from({ length: type.length }, (_, index) =>
        decodeValue(types, type.type, view, at + index * size, depth + 1))
    }
    case 'struct': case 'union': {
      const value = dictionary<Value>()
      for (const member of type.members) decodeMember(types, member, view, at, value, depth)
      return { ...value }
    }
    case 'datasec': {
      const value = dictionary<Value>()
      for (const { type: variable, offset } of type.vars) {
        const { type: inner } = types.type(variable) as { type: number }
        value[types.name(variable)] = decodeValue(types, inner, view, at + offset, depth + 1)
      }
      return { ...value }
    }
    default: throw new BpfError('bad-value', `there are no values of a ${type.kind}`, types.name(id) || `type ${id}`)
  }
}

const decodeMember = (
  types: Btf, member: BtfMember, view: DataView, at: number, value: Record<string, Value>, depth: number,
): void => {
  const place = at + Math.floor(member.bitOffset / 8)
  if (member.bitSize > 0) value[member.name] = readBits(types, member, view, at)
  // members of an anonymous struct are members of the one around it
  else if (member.name === '') Object.assign(value, decodeValue(types, member.type, view, place, depth + 1))
  else value[member.name] = decodeValue(types, member.type, view, place, depth + 1)
}

/** Writes `value` as type `id` at byte `at`. Throws BpfError `bad-value` with the path of what does not fit. */
export const encodeValue = (types: Btf, id: number, value: Value, view: DataView, at: number, path = ''): void => {
  const type = types.resolved(id)
  const bad = (message: string): never => {
    throw new BpfError('bad-value', message, path || types.name(id) || 'value')
  }
  if (value instanceof Uint8Array) {
    const size = types.size(id)
    if (value.length !== size) bad(`${value.length} bytes for a value of ${size}`)
    new Uint8Array(view.buffer, view.byteOffset + at, size).set(value)
    return
  }
  switch (type.kind) {
    case 'int':
      if (typeof value === 'boolean') return writeInteger(view, at, type.size, BigInt(value))
      return writeInteger(view, at, type.size, integer(value, type.size, type.isSigned, bad))
    case 'enum': case 'enum64': {
      const named = typeof value === 'string' ? type.values.find(({ name }) => name === value) : undefined
      if (typeof value === 'string' && !named) return bad(`\`${value}\` is not a value of the enumeration`)
      return writeInteger(view, at, type.size, named ? named.value : integer(value, type.size, type.isSigned, bad))
    }
    case 'ptr': return writeInteger(view, at, 8, integer(value, 8, false, bad))
    case 'float':
      if (typeof value !== 'number' || (type.size !== 4 && type.size !== 8)) return bad('is not a number')
      return type.size === 4 ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true)
    case 'array': return encodeArray(types, type, value, view, at, path, bad)
    case 'struct': case 'union': return encodeMembers(types, type, value, view, at, path, bad)
    case 'datasec': return encodeVariables(types, type, value, view, at, bad)
    default: return bad(`there are no values of a ${type.kind}`)
  }
}

const encodeArray = (
  types: Btf, type: BtfType & { kind: 'array' }, value: Value, view: DataView, at: number, path: string,
  bad: (message: string) => never,
): void => {
  const size = types.size(type.type)
  if (typeof value === 'string' && isText(types, type)) {
    const bytes = new TextEncoder().encode(value)
    if (bytes.length > type.length) bad(`text of ${bytes.length} bytes for ${type.length}`)
    const target = new Uint8Array(view.buffer, view.byteOffset + at, type.length).fill(0)
    target.set(bytes)
    return
  }
  if (!Array.isArray(value) || value.length > type.length) return bad(`is not an array of up to ${type.length}`)
  new Uint8Array(view.buffer, view.byteOffset + at, size * type.length).fill(0)
  for (const [index, element] of value.entries()) {
    encodeValue(types, type.type, element as Value, view, at + index * size, `${path}[${index}]`)
  }
}

/** Members that are not given are zero. */
const encodeMembers = (
  types: Btf, type: BtfType & { kind: 'struct' | 'union' }, value: Value, view: DataView, at: number, path: string,
  bad: (message: string) => never,
): void => {
  if (typeof value !== 'object' || Array.isArray(value)) return bad(`is not an object, but a ${type.kind} is wanted`)
  new Uint8Array(view.buffer, view.byteOffset + at, type.size).fill(0)
  for (const [name, one] of Object.entries(value as { [member: string]: Value })) {
    const found = findMember(types, type.id, name)
    if (!found) return bad(`\`${types.name(type.id)}\` has no member \`${name}\``)
    const { member, bitOffset } = found
    const place = path === '' ? name : `${path}.${name}`
    if (member.bitSize > 0) writeBits(view, at, bitOffset, member.bitSize, integer(one, 8, false, bad))
    else encodeValue(types, member.type, one, view, at + Math.floor(bitOffset / 8), place)
  }
}

/** Those that are not given stay as they are. */
const encodeVariables = (
  types: Btf, { name, vars }: BtfType & { kind: 'datasec' }, value: Value, view: DataView, at: number,
  bad: (message: string) => never,
): void => {
  if (typeof value !== 'object' || Array.isArray(value)) return bad('is not an object of variables')
  for (const [variable, one] of Object.entries(value as { [name: string]: Value })) {
    const found = vars.find(({ type }) => types.name(type) === variable)
    if (!found) return bad(`\`${name}\` has no variable \`${variable}\``)
    encodeValue(types, (types.type(found.type) as { type: number }).type, one, view, at + found.offset, variable)
  }
}

const findMember = (
  types: Btf, id: number, name: string, base = 0, depth = 0,
): { member: BtfMember; bitOffset: number } | null => {
  if (depth > MAX_DEPTH) return null
  for (const member of types.members(id)) {
    const bitOffset = base + member.bitOffset
    if (member.name === name) return { member, bitOffset }
    const found = member.name === '' ? findMember(types, member.type, name, bitOffset, depth + 1) : null
    if (found) return found
  }
  return null
}

/** An array of `char`, or of 1-byte integers that BTF marks as such. */
export const isText = (types: Btf, type: BtfType & { kind: 'array' }): boolean => {
  const element = types.resolved(type.type)
  return element.kind === 'int' && element.size === 1 && (element.isChar || element.name === 'char')
}

const readText = (view: DataView, at: number, length: number): string => {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length)
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

const readInteger = (view: DataView, at: number, size: number, isSigned: boolean): number | bigint => {
  switch (size) {
    case 1: return isSigned ? view.getInt8(at) : view.getUint8(at)
    case 2: return isSigned ? view.getInt16(at, true) : view.getUint16(at, true)
    case 4: return isSigned ? view.getInt32(at, true) : view.getUint32(at, true)
    case 8: return isSigned ? view.getBigInt64(at, true) : view.getBigUint64(at, true)
    default: return (view.getBigUint64(at + 8, true) << 64n) | view.getBigUint64(at, true)
  }
}

const integer = (value: Value, size: number, isSigned: boolean, bad: (message: string) => never): bigint => {
  if (typeof value !== 'bigint' &&
    !(typeof value === 'number' && Number.isInteger(value))) return bad('is not an integer')
  const big = BigInt(value)
  const bits = size * 8
  // -1 for an unsigned field is what C allows too
  if (BigInt.asUintN(bits, big) !== big && BigInt.asIntN(bits, big) !== big) {
    return bad(`${big} does not fit ${bits} ${isSigned ? 'signed ' : ''}bits`)
  }
  return big
}

const writeInteger = (view: DataView, at: number, size: number, value: bigint): void => {
  for (let index = 0; index < size; index++) view.setUint8(at + index, Number((value >> BigInt(index * 8)) & 0xffn))
}

const readBits = (types: Btf, { bitOffset, bitSize, type }: BtfMember, view: DataView, at: number): number | bigint => {
  let value = 0n
  for (let bit = bitSize - 1; bit >= 0; bit--) {
    const place = bitOffset + bit
    value = (value << 1n) | BigInt((view.getUint8(at + (place >> 3)) >> (place & 7)) & 1)
  }
  const resolved = types.resolved(type)
  if ('isSigned' in resolved && resolved.isSigned) value = BigInt.asIntN(bitSize, value)
  return bitSize > 32 ? value : Number(value)
}

const writeBits = (view: DataView, at: number, bitOffset: number, bitSize: number, value: bigint): void => {
  for (let bit = 0; bit < bitSize; bit++) {
    const place = bitOffset + bit
    const byte = view.getUint8(at + (place >> 3))
    const mask = 1 << (place & 7)
    view.setUint8(at + (place >> 3), (value >> BigInt(bit)) & 1n ? byte | mask : byte & ~mask)
  }
}
