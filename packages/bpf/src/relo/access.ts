/** A CO-RE access path, walked over types: which member of what, at which bit. */
import {
  BPF_CORE_ENUMVAL_EXISTS, BPF_CORE_ENUMVAL_VALUE, BPF_CORE_TYPE_ID_LOCAL, BPF_CORE_TYPE_MATCHES,
} from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfMember } from '../btf/btf-type.ts'
import { BpfError } from '../error.ts'

/** One step that has a name or is an index into an array. */
export interface Step {
  /** The struct, union or enumeration that is entered; of an index the element's type. */
  readonly type: number
  /** Member, enumerator or element. */
  readonly index: number
  /** Null for an element. */
  readonly name: string | null
}

export interface Access {
  readonly root: number
  readonly steps: readonly Step[]
  /** From the beginning of the root. */
  readonly bitOffset: number
}

/** As `BPF_CORE_SPEC_MAX_LEN`. */
const MAX_STEPS = 64

export const isTypeKind = (kind: number): boolean =>
  (kind >= BPF_CORE_TYPE_ID_LOCAL && kind < BPF_CORE_ENUMVAL_EXISTS) || kind === BPF_CORE_TYPE_MATCHES
export const isEnumKind = (kind: number): boolean =>
  kind === BPF_CORE_ENUMVAL_EXISTS || kind === BPF_CORE_ENUMVAL_VALUE

const bad = (message: string): never => {
  throw new BpfError('bad-relocation', message)
}

/** Reads a path as the compiler wrote it. Throws BpfError `bad-relocation` for one that the types do not have. */
export const parseAccess = (btf: Btf, root: number, path: string, kind: number): Access => {
  if (!/^\d+(:\d+)*$/.test(path)) bad(`access path \`${path}\` is not numbers between colons`)
  const indices = path.split(':').map(Number)
  if (indices.length > MAX_STEPS) bad(`access path of more than ${MAX_STEPS} steps`)
  if (isTypeKind(kind)) {
    if (path !== '0') bad(`access path \`${path}\` of a whole type`)
    return { root, steps: [], bitOffset: 0 }
  }
  if (isEnumKind(kind)) return parseEnumerator(btf, root, indices)
  const steps: Step[] = [{ type: root, index: indices[0]!, name: null }]
  let bitOffset = indices[0]! * sized(btf, root) * 8
  let at = root
  for (const index of indices.slice(1)) {
    const type = btf.resolved(at)
    if (type.kind === 'struct' || type.kind === 'union') {
      const member = type.members[index] ?? bad(`\`${type.name}\` has no member ${index}`)
      if (member.name !== '') steps.push({ type: type.id, index, name: member.name })
      bitOffset += member.bitOffset
      at = member.type
    } else if (type.kind === 'array') {
      const isFlexible = isFlexibleArray(btf, steps.at(-1)!, type.length)
      if (!isFlexible && index >= type.length) bad(`element ${index} of an array of ${type.length}`)
      steps.push({ type: type.type, index, name: null })
      bitOffset += index * sized(btf, type.type) * 8
      at = type.type
    } else bad(`${type.kind} \`${type.name}\` has no members`)
  }
  return { root, steps, bitOffset }
}

const parseEnumerator = (btf: Btf, root: number, indices: readonly number[]): Access => {
  const type = btf.resolved(root)
  if (type.kind !== 'enum' && type.kind !== 'enum64') return bad(`${type.kind} \`${type.name}\` has no enumerators`)
  const index = indices[0]!
  const value = type.values[index]
  if (indices.length !== 1 || !value) return bad(`\`${type.name}\` has no enumerator \`${indices.join(':')}\``)
  return { root: type.id, steps: [{ type: type.id, index, name: value.name }], bitOffset: 0 }
}

const sized = (btf: Btf, id: number): number => {
  const size = btf.size(id)
  return size < 0 ? bad(`type \`${btf.name(btf.resolve(id))}\` has no size`) : size
}

/** Last member of its struct, with no or one element: any index may follow. */
const isFlexibleArray = (btf: Btf, { type, index, name }: Step, length: number): boolean => {
  if (length > 1 || name === null) return false
  const owner = btf.resolved(type)
  return owner.kind === 'struct' && index === owner.members.length - 1
}

/** The same path over another kernel's types, by names; null when `root` does not have it. */
export const matchAccess = (local: Btf, path: Access, target: Btf, root: number): Access | null => {
  let at = target.resolve(root)
  const steps: Step[] = []
  let bitOffset = 0
  for (const [position, step] of path.steps.entries()) {
    if (step.name !== null) {
      const owner = local.resolved(step.type)
      const member = owner.kind === 'struct' || owner.kind === 'union' ? owner.members[step.index] : undefined
      const found = member && findMember(local, member, target, at)
      if (!found) return null
      steps.push({ type: found.owner, index: found.index, name: found.member.name })
      bitOffset += found.bitOffset
      at = target.resolve(found.member.type)
      continue
    }
    let element = at
    if (position > 0) {
      const array = target.type(at)
      if (array.kind !== 'array') return null
      if (!isFlexibleArray(target, steps.at(-1)!, array.length) && step.index >= array.length) return null
      element = target.resolve(array.type)
    }
    const size = target.size(element)
    if (size < 0) return null
    steps.push({ type: element, index: step.index, name: null })
    bitOffset += step.index * size * 8
    at = element
  }
  return { root, steps, bitOffset }
}

interface Found {
  readonly owner: number
  readonly index: number
  readonly member: BtfMember
  readonly bitOffset: number
}

/** A member of that name and a compatible type, also inside anonymous structs and unions. */
const findMember = (local: Btf, wanted: BtfMember, target: Btf, id: number, depth = 0): Found | null => {
  const type = target.resolved(id)
  if (depth > 32 || (type.kind !== 'struct' && type.kind !== 'union')) return null
  for (const [index, member] of type.members.entries()) {
    if (member.name === '') {
      const found = findMember(local, wanted, target, member.type, depth + 1)
      if (found) return { ...found, bitOffset: found.bitOffset + member.bitOffset }
    } else if (member.name === wanted.name) {
      if (!areFieldsCompatible(local, wanted.type, target, member.type)) return null
      return { owner: type.id, index, member, bitOffset: member.bitOffset }
    }
  }
  return null
}

/** A name without its `___flavour`, which begins at the last three underscores between other characters. */
export const essentialName = (name: string): string => {
  for (let at = name.length - 5; at >= 0; at--) {
    if (name[at] !== '_' && name.startsWith('___', at + 1) && name[at + 4] !== '_') return name.slice(0, at + 1)
  }
  return name
}

/** Whether an access to one field may become one to the other. */
const areFieldsCompatible = (local: Btf, localId: number, target: Btf, targetId: number): boolean => {
  for (let depth = 0; depth < 32; depth++) {
    const one = local.resolved(localId)
    const other = target.resolved(targetId)
    const isComposite = (kind: string): boolean => kind === 'struct' || kind === 'union'
    if (isComposite(one.kind) && isComposite(other.kind)) return true
    const isEnum = (kind: string): boolean => kind === 'enum' || kind === 'enum64'
    if (one.kind !== other.kind && !(isEnum(one.kind) && isEnum(other.kind))) return false
    switch (one.kind) {
      case 'ptr': case 'float': return true
      case 'fwd': case 'enum': case 'enum64':
        return one.name === '' || other.name === '' || essentialName(one.name) === essentialName(other.name)
      case 'int': return one.bitOffset === 0 && other.kind === 'int' && other.bitOffset === 0
      case 'array':
        if (other.kind !== 'array') return false
        localId = one.type
        targetId = other.type
        break
      default: return false
    }
  }
  return false
}
