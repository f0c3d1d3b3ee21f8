/** The result of a CO-RE record in a given kernel: a number for the instruction, or why there is none. */
import {
  BPF_CORE_ENUMVAL_EXISTS, BPF_CORE_ENUMVAL_VALUE, BPF_CORE_FIELD_BYTE_OFFSET, BPF_CORE_FIELD_BYTE_SIZE,
  BPF_CORE_FIELD_EXISTS, BPF_CORE_FIELD_LSHIFT_U64, BPF_CORE_FIELD_RSHIFT_U64, BPF_CORE_FIELD_SIGNED,
  BPF_CORE_TYPE_EXISTS, BPF_CORE_TYPE_ID_LOCAL, BPF_CORE_TYPE_ID_TARGET, BPF_CORE_TYPE_MATCHES, BPF_CORE_TYPE_SIZE,
} from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { CoreRelocation } from '../btf/btf-ext.ts'
import type { BtfType } from '../btf/btf-type.ts'
import { BpfError } from '../error.ts'
import { essentialName, isEnumKind, isTypeKind, matchAccess, parseAccess } from './access.ts'
import type { Access } from './access.ts'
import { areTypesCompatible, doTypesMatch } from './compatible.ts'

/** A resolved record. */
export interface Resolution {
  /** The value that the compiler put there, to be found in the instruction; null if it is not determined. */
  readonly before: bigint | null
  readonly after: bigint
  /** Bytes a load or store has, and should have; equal when it stays unchanged. */
  readonly sizeBefore: number
  readonly sizeAfter: number
  /** A load or store of such a field cannot be made to fit: another size and neither pointer nor unsigned. */
  readonly isMisfit: boolean
  /** Bit fields are loaded with whatever width is at hand, so `before` need not be in the instruction. */
  readonly isExact: boolean
}

/** Why there is none; the instruction is poisoned, which matters only when the verifier reaches it. */
export interface Unresolved {
  readonly why: string
}

interface Value {
  readonly value: bigint
  readonly size: number
  readonly type: number
  readonly isExact: boolean
}

const plain = (value: number | bigint): Value => ({ value: BigInt(value), size: 0, type: 0, isExact: true })

/**
 * Candidates that lack what is asked for are dropped from the list when others have it, so that all records about one
 * type come to the same kernel type, as with libbpf.
 * Throws BpfError `bad-relocation` for a record that makes no sense in the object's own types.
 */
export const resolveCore = (
  local: Btf, record: CoreRelocation, kernel: Btf | null, candidates = findCandidates(local, record.type, kernel),
): Resolution | Unresolved => {
  const { kind } = record
  if (kind > BPF_CORE_TYPE_MATCHES) throw new BpfError('bad-relocation', `CO-RE kind ${kind} is not known`)
  const path = parseAccess(local, record.type, record.path, kind)
  if (kind === BPF_CORE_TYPE_ID_LOCAL) {
    return { before: BigInt(path.root), after: BigInt(path.root), ...unsized }
  }
  if (local.name(record.type) === '') {
    throw new BpfError('bad-relocation', 'an anonymous type cannot be looked up', `type ${record.type}`)
  }
  let chosen: Access | null = null
  let after: Value | null = null
  const fitting: number[] = []
  for (const id of candidates) {
    const found = match(local, path, kind, kernel!, id)
    if (!found) continue
    fitting.push(id)
    const value = valueOf(kernel!, found, kind)
    if (after === null) {
      chosen = found
      after = value
    } else if (chosen!.bitOffset !== found.bitOffset || after.value !== value.value) {
      return { why: `several kernel types \`${nameOf(local, record)}\` disagree: ${after.value} and ${value.value}` }
    }
  }
  if (fitting.length > 0) candidates.splice(0, candidates.length, ...fitting)
  const before = kind === BPF_CORE_TYPE_ID_TARGET ? plain(path.root) : valueOf(local, path, kind)
  if (after === null) {
    if (isTypeKind(kind) || kind === BPF_CORE_FIELD_EXISTS || kind === BPF_CORE_ENUMVAL_EXISTS) after = plain(0)
    else return { why: describe(local, record, path, kernel, candidates.length) }
  }
  return {
    before: before.value, after: after.value,
    sizeBefore: before.size, sizeAfter: after.size,
    isMisfit: before.size !== after.size && !canResize(local.resolved(before.type), kernel!.resolved(after.type)),
    isExact: before.isExact && after.isExact,
  }
}

const unsized = { sizeBefore: 0, sizeAfter: 0, isMisfit: false, isExact: true }

/** Kernel types of the same name, flavours aside, and the same kind. */
export const findCandidates = (local: Btf, id: number, kernel: Btf | null): number[] => {
  if (!kernel) return []
  const kind = local.kind(id)
  const name = local.name(id)
  if (name === '') return []
  const isEnum = kind === 'enum' || kind === 'enum64'
  return kernel.findEssential(name).filter((other) => {
    const found = kernel.kind(other)
    return found === kind || (isEnum && (found === 'enum' || found === 'enum64'))
  })
}

const match = (local: Btf, path: Access, kind: number, kernel: Btf, id: number): Access | null => {
  if (kind === BPF_CORE_TYPE_MATCHES) {
    return doTypesMatch(local, path.root, kernel, id) ? { root: id, steps: [], bitOffset: 0 } : null
  }
  if (isTypeKind(kind)) {
    return areTypesCompatible(local, path.root, kernel, id) ? { root: id, steps: [], bitOffset: 0 } : null
  }
  if (!isEnumKind(kind)) return matchAccess(local, path, kernel, id)
  const type = kernel.resolved(id)
  if (type.kind !== 'enum' && type.kind !== 'enum64') return null
  const wanted = essentialName(path.steps[0]!.name!)
  const index = type.values.findIndex(({ name }) => essentialName(name) === wanted)
  return index < 0 ? null : { root: id, steps: [{ type: id, index, name: type.values[index]!.name }], bitOffset: 0 }
}

const valueOf = (btf: Btf, access: Access, kind: number): Value => {
  switch (kind) {
    case BPF_CORE_FIELD_EXISTS: case BPF_CORE_TYPE_EXISTS: case BPF_CORE_TYPE_MATCHES: case BPF_CORE_ENUMVAL_EXISTS:
      return plain(1)
    case BPF_CORE_TYPE_ID_TARGET: return plain(access.root)
    case BPF_CORE_TYPE_SIZE: {
      const size = btf.size(access.root)
      if (size < 0) throw new BpfError('bad-relocation', `size of \`${btf.name(access.root)}\`, which has none`)
      return plain(size)
    }
    case BPF_CORE_ENUMVAL_VALUE: {
      const step = access.steps[0]!
      const type = btf.resolved(step.type)
      return plain(type.kind === 'enum' || type.kind === 'enum64' ? type.values[step.index]!.value : 0)
    }
    default: return fieldValue(btf, access, kind)
  }
}

const fieldValue = (btf: Btf, { steps, bitOffset }: Access, kind: number): Value => {
  const last = steps.at(-1)!
  if (last.name === null) {
    const size = btf.size(last.type)
    if (kind === BPF_CORE_FIELD_BYTE_OFFSET) {
      return { value: BigInt(Math.floor(bitOffset / 8)), size, type: last.type, isExact: true }
    }
    if (kind === BPF_CORE_FIELD_BYTE_SIZE) return plain(size)
    throw new BpfError('bad-relocation', 'a bit-field question about an element of an array')
  }
  const owner = btf.resolved(last.type)
  if (owner.kind !== 'struct' && owner.kind !== 'union') throw new BpfError('bad-relocation', 'not a struct')
  const member = owner.members[last.index]!
  const type = btf.resolved(member.type)
  if (kind === BPF_CORE_FIELD_SIGNED) {
    const isSigned = (type.kind === 'int' || type.kind === 'enum' || type.kind === 'enum64') && type.isSigned
    return plain(isSigned ? 1 : 0)
  }
  const place = placeOf(btf, member.type, bitOffset, member.bitSize)
  const isExact = member.bitSize === 0
  switch (kind) {
    case BPF_CORE_FIELD_BYTE_OFFSET:
      return { value: BigInt(place.byteOffset), size: isExact ? place.byteSize : 0, type: member.type, isExact }
    case BPF_CORE_FIELD_BYTE_SIZE: return { ...plain(place.byteSize), isExact }
    case BPF_CORE_FIELD_LSHIFT_U64:
      return { ...plain(64 - (bitOffset + place.bitSize - place.byteOffset * 8)), isExact }
    case BPF_CORE_FIELD_RSHIFT_U64: return plain(64 - place.bitSize)
    default: throw new BpfError('bad-relocation', `CO-RE kind ${kind} is not about a field`)
  }
}

/** The smallest aligned integer that holds the field: its own type, or wider for a bit-field that straddles it. */
const placeOf = (btf: Btf, id: number, bitOffset: number, bitSize: number) => {
  let byteSize = btf.size(id)
  if (bitSize === 0) return { byteOffset: Math.floor(bitOffset / 8), byteSize, bitSize: byteSize * 8 }
  if (byteSize <= 0) throw new BpfError('bad-relocation', 'a bit-field of no size')
  const start = (): number => Math.floor(bitOffset / 8 / byteSize) * byteSize
  let byteOffset = start()
  while (bitOffset + bitSize - byteOffset * 8 > byteSize * 8) {
    if (byteSize >= 8) throw new BpfError('bad-relocation', 'a bit-field that eight bytes do not hold')
    byteSize *= 2
    byteOffset = start()
  }
  return { byteOffset, byteSize, bitSize }
}

/** Pointers, which BPF makes 8 bytes, and unsigned integers may be loaded with another width. */
const canResize = (one: BtfType, other: BtfType): boolean =>
  (one.kind === 'ptr' && other.kind === 'ptr') ||
  (one.kind === 'int' && other.kind === 'int' && !one.isSigned && !other.isSigned)

const nameOf = (local: Btf, { type }: CoreRelocation): string => local.name(type)

const describe = (
  local: Btf, record: CoreRelocation, { steps }: Access, kernel: Btf | null, candidates: number,
): string => {
  const path = steps.slice(isEnumKind(record.kind) ? 0 : 1)
    .map(({ name, index }) => (name === null ? `[${index}]` : `.${name}`)).join('')
  const what = `\`${nameOf(local, record)}${path}\``
  if (!kernel) return `${what}: no kernel types were given`
  return candidates === 0 ? `${what}: the kernel has no such type` : `${what}: the kernel's type does not have it`
}
