/**
 * Walks a struct to what lies at an offset: a scalar, or a pointer to another struct and how far that may be trusted.
 */
import { EACCES, EINVAL } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfMember, BtfType } from '../btf/btf-type.ts'
import { PERCPU, RCU, UNTRUSTED, USER } from './reg-type.ts'
import type { Session } from './session.ts'

export interface Walked {
  /** Struct pointed to; 0 for a scalar. */
  readonly btfId: number
  /** user_, percpu_, rcu_ of the member's type tag; untrusted_ below a union. */
  readonly flags: number
  readonly field: string
}

interface Place {
  typeId: number
  off: number
  flags: number
}

const tagFlags: ReadonlyMap<string, number> = new Map([['user', USER], ['percpu', PERCPU], ['rcu', RCU]])

/** What is under the end of a struct: only a flexible array may lie there. */
const walkPastEnd = (session: Session, btf: Btf, at: Place, size: number): Walked | null => {
  const type = btf.resolved(at.typeId)
  if (type.kind !== 'struct' && type.kind !== 'union') return null
  const last = type.members[type.members.length - 1]
  const array = last === undefined ? null : btf.resolved(last.type)
  const beyond = (): never => session.refuse(`access beyond struct ${nameText(type)} at off ${at.off} size ${size}`)
  if (last === undefined || array === null || array.kind !== 'array' || array.length !== 0) return beyond()
  const start = last.bitOffset / 8
  if (at.off < start) return beyond()
  const element = btf.resolved(array.type)
  if (element.kind === 'int') return { btfId: 0, flags: at.flags, field: '' }
  if (element.kind !== 'struct' || element.size === 0) return beyond()
  at.typeId = element.id
  at.off = (at.off - start) % element.size
  return null
}

const refuseMember = (session: Session, text: string): never => session.refuse(text)

const nameText = ({ name }: BtfType | BtfMember): string => (name === '' ? '(anon)' : name)

/** One step: a result, or null when `at` moved into a member struct. */
const step = (session: Session, btf: Btf, at: Place, size: number): Walked | null => {
  const type = btf.resolved(at.typeId)
  const name = nameText(type)
  if (type.kind !== 'struct' && type.kind !== 'union') return session.refuse(`Type '${name}' is not a struct`, -EINVAL)
  if (type.kind === 'union' && type.members.length !== 1) at.flags |= UNTRUSTED
  const { off } = at
  if (off + size > type.size) return walkPastEnd(session, btf, at, size)
  for (const member of type.members) {
    const start = member.bitOffset / 8
    const end = off + size
    if (member.bitSize !== 0) {
      if (member.bitOffset / 8 >= end) break
      if (off * 8 <= member.bitOffset && member.bitOffset + member.bitSize <= end * 8)
        return { btfId: 0, flags: at.flags, field: '' }
      continue
    }
    const moff = Math.floor(start)
    if (moff >= end) break
    if (off < moff) break
    let inner = btf.resolved(member.type)
    const memberSize = btf.size(member.type)
    if (off >= moff + memberSize) continue
    let base = moff
    if (inner.kind === 'array') {
      let element = btf.resolved(inner.type)
      while (element.kind === 'array') element = btf.resolved(element.type)
      const elementSize = btf.size(element.id)
      if (memberSize === 0 || elementSize <= 0) continue
      base = moff + Math.floor((off - moff) / elementSize) * elementSize
      inner = element
    }
    const innerSize = btf.size(inner.id)
    if (inner.kind === 'struct' || inner.kind === 'union') {
      at.typeId = inner.id
      at.off = off - base
      return null
    }
    if (inner.kind === 'ptr') {
      if (base !== off || innerSize !== size) {
        return refuseMember(session,
          `cannot access ptr member ${nameText(member)} with moff ${moff} in struct ${name} ` +
          `with off ${off} size ${size}`)
      }
      let target = inner.type
      let { flags } = at
      for (let tagged = btf.type(target); tagged.kind === 'type_tag'; tagged = btf.type(target)) {
        flags |= tagFlags.get(tagged.name) ?? 0
        target = tagged.type
      }
      const pointee = btf.resolved(target)
      if (pointee.kind === 'struct' || pointee.kind === 'union') return { btfId: pointee.id, flags, field: member.name }
      return { btfId: 0, flags, field: '' }
    }
    if (off + size > moff + memberSize && (at.flags & UNTRUSTED) === 0) {
      return refuseMember(session,
        `access beyond the end of member ${nameText(member)} (mend:${moff + memberSize}) in struct ${name} with off ` +
          `${off} size ${size}`)
    }
    return { btfId: 0, flags: at.flags, field: '' }
  }
  return session.refuse(`struct ${name} doesn't have field at offset ${off}`, -EINVAL)
}

/** The result of a load of `size` bytes at `off` of the struct. */
export const walkStruct = (session: Session, btf: Btf, typeId: number, off: number, size: number): Walked => {
  const at: Place = { typeId, off, flags: 0 }
  for (let depth = 0; depth < 64; depth++) {
    const result = step(session, btf, at, size)
    if (result !== null) return result
  }
  return session.refuse(`struct ${btf.name(typeId)} is nested too deep`, -EACCES)
}

/** The struct found at exactly `off`, one member deep: null when what lies there is no struct. */
const structAt = (btf: Btf, typeId: number, off: number): { typeId: number, off: number } | null => {
  const type = btf.resolved(typeId)
  if (type.kind !== 'struct' && type.kind !== 'union') return null
  for (const member of type.members) {
    if (member.bitSize !== 0) continue
    const moff = Math.floor(member.bitOffset / 8)
    if (moff > off) return null
    const memberSize = btf.size(member.type)
    if (off >= moff + memberSize) continue
    let inner = btf.resolved(member.type)
    let base = moff
    if (inner.kind === 'array') {
      while (inner.kind === 'array') inner = btf.resolved(inner.type)
      const size = btf.size(inner.id)
      if (size <= 0) continue
      base = moff + Math.floor((off - moff) / size) * size
    }
    if (inner.kind !== 'struct' && inner.kind !== 'union') return null
    return { typeId: inner.id, off: off - base }
  }
  return null
}

/** Same type: by id in one BTF, else by kind, name and size. */
const sameType = (btf: Btf, id: number, wantBtf: Btf, wantId: number): boolean => {
  if (btf === wantBtf) return id === wantId
  const [a, b] = [btf.type(id), wantBtf.type(wantId)]
  return a.kind === b.kind && a.name === b.name && a.name !== ''
}

/**
 * The pointer at `off` of one type serves where another is wanted: itself, or (not strict) a first member,
 * repeatedly.
 */
export const typesMatch = (
  btf: Btf, id: number, off: number, wantBtf: Btf, wantId: number, strict: boolean,
): boolean => {
  if (off === 0 && sameType(btf, id, wantBtf, wantId)) return true
  if (strict) return false
  let at: { typeId: number, off: number } | null = { typeId: id, off }
  for (let depth = 0; depth < 32; depth++) {
    at = structAt(btf, at.typeId, at.off)
    if (at === null) return false
    if (at.off === 0 && sameType(btf, at.typeId, wantBtf, wantId)) return true
  }
  return false
}

/** Members whose pointers stay trusted. */
const trustedFields = new Set([
  'bpf_iter_meta.seq', 'bpf_iter__task.meta', 'bpf_iter__task.task', 'linux_binprm.file', 'file.f_inode',
  'dentry.d_inode',
])
const trustedOrNullFields = new Set(['socket.sk'])
const rcuFields = new Set([
  'task_struct.cpus_ptr', 'task_struct.cgroups', 'task_struct.real_parent', 'task_struct.group_leader', 'cgroup.kn',
  'css_set.dfl_cgrp',
])
const rcuOrNullFields = new Set(['mm_struct.exe_file', 'sk_buff.sk', 'request_sock.sk'])

export type FieldTrust = 'trusted' | 'trusted?' | 'rcu' | 'rcu?' | 'none'
export const fieldTrust = (struct: string, field: string): FieldTrust => {
  const key = `${struct}.${field}`
  if (trustedFields.has(key)) return 'trusted'
  if (trustedOrNullFields.has(key)) return 'trusted?'
  if (rcuFields.has(key)) return 'rcu'
  return rcuOrNullFields.has(key) ? 'rcu?' : 'none'
}
