/** Whether a kernel's type is the one a program means: loosely (exists, size, id) and in every detail (matches). */
import type { Btf } from '../btf/btf.ts'
import type { BtfComposite, BtfEnum } from '../btf/btf-type.ts'
import { essentialName } from './access.ts'

/** As libbpf's `bpf_core_types_are_compat`: names of the outermost types have been compared already. */
export const areTypesCompatible = (local: Btf, localId: number, target: Btf, targetId: number, depth = 32): boolean => {
  if (depth <= 0) return false
  const one = local.resolved(localId)
  const other = target.resolved(targetId)
  if (!sameKind(one.kind, other.kind)) return false
  switch (one.kind) {
    case 'void': case 'struct': case 'union': case 'enum': case 'enum64': case 'fwd': return true
    case 'int': return one.bitOffset === 0 && other.kind === 'int' && other.bitOffset === 0
    case 'ptr': case 'array':
      return other.kind === one.kind && areTypesCompatible(local, one.type, target, other.type, depth - 1)
    case 'func_proto':
      return other.kind === 'func_proto' && one.params.length === other.params.length &&
        one.isVariadic === other.isVariadic &&
        one.params.every((param, index) =>
          areTypesCompatible(local, param.type, target, other.params[index]!.type, depth - 1)) &&
        areTypesCompatible(local, one.type, target, other.type, depth - 1)
    default: return false
  }
}

/** As `BPF_CORE_TYPE_MATCHES` asks: every member the program knows is there with a type that matches. */
export const doTypesMatch = (
  local: Btf, localId: number, target: Btf, targetId: number, isBehindPointer = false, depth = 32,
): boolean => {
  if (depth <= 0) return false
  const one = local.resolved(localId)
  const other = target.resolved(targetId)
  if (one.name !== '' && other.name !== '' && essentialName(one.name) !== essentialName(other.name)) return false
  switch (one.kind) {
    case 'void': return other.kind === 'void'
    case 'fwd':
      if (other.kind === 'fwd') return one.isUnion === other.isUnion
      return isBehindPointer && other.kind === (one.isUnion ? 'union' : 'struct')
    case 'enum': case 'enum64':
      return (other.kind === 'enum' || other.kind === 'enum64') && doEnumsMatch(one, other)
    case 'struct': case 'union':
      if (isBehindPointer) {
        return other.kind === one.kind || (other.kind === 'fwd' && other.isUnion === (one.kind === 'union'))
      }
      return other.kind === one.kind && doMembersMatch(local, one, target, other, depth)
    case 'int':
      return other.kind === 'int' && one.size === other.size && one.isSigned === other.isSigned
    case 'ptr': return other.kind === 'ptr' && doTypesMatch(local, one.type, target, other.type, true, depth - 1)
    case 'array':
      return other.kind === 'array' && one.length === other.length &&
        doTypesMatch(local, one.type, target, other.type, isBehindPointer, depth - 1)
    case 'func_proto':
      return other.kind === 'func_proto' && one.params.length === other.params.length &&
        one.params.every((param, index) =>
          doTypesMatch(local, param.type, target, other.params[index]!.type, isBehindPointer, depth - 1)) &&
        doTypesMatch(local, one.type, target, other.type, isBehindPointer, depth - 1)
    default: return false
  }
}

const sameKind = (one: string, other: string): boolean =>
  one === other || ((one === 'enum' || one === 'enum64') && (other === 'enum' || other === 'enum64'))

const doEnumsMatch = (one: BtfEnum, other: BtfEnum): boolean => {
  if (one.size !== other.size || one.values.length > other.values.length) return false
  const known = new Set(other.values.map(({ name }) => essentialName(name)))
  return one.values.every(({ name }) => known.has(essentialName(name)))
}

const doMembersMatch = (
  local: Btf, one: BtfComposite, target: Btf, other: BtfComposite, depth: number,
): boolean =>
  one.members.length <= other.members.length &&
  one.members.every((member) =>
    other.members.some((candidate) =>
      member.name === candidate.name && doTypesMatch(local, member.type, target, candidate.type, false, depth - 1)))
