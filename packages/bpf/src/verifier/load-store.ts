/** Loads, stores and atomics: each kind of memory by its own rules. */
import {
  BPF_ADD, BPF_AND, BPF_ATOMIC, BPF_CLASS, BPF_CMPXCHG, BPF_FETCH, BPF_MEM, BPF_MEMSX, BPF_MODE, BPF_OR, BPF_STX,
  BPF_XCHG, BPF_XOR, EINVAL, EOPNOTSUPP,
} from '@lsmkit/abi'
import { checkAligned } from './alignment.ts'
import { signExtend, truncate } from './bounds.ts'
import { fieldTrust, walkStruct } from './btf-access.ts'
import type { Walked } from './btf-access.ts'
import { isRcu, isTrusted } from './branch.ts'
import { accessContext, accessSocket, mayWritePacket } from './context/access.ts'
import type { ContextName } from './context/fields.ts'
import type { Btf } from '../btf/btf.ts'
import { fieldAt, KPTRS } from './fields.ts'
import { loadKptr, storeKptr } from './kptr.ts'
import type { VerifierMap } from './map.ts'
import { toUnsignedNumber } from './i64.ts'
import { checkMapDirection, checkMapValue } from './map-value.ts'
import { copyNum, isConst } from './num.ts'
import { inRcuSection } from './context/section.ts'
import { checkBuffer, checkNotNegative, checkPacketRegion, checkRegion, checkUnmodified } from './region.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, constScalar, pointer } from './reg.ts'
import {
  ALLOC, baseOf, CONST_PTR_TO_MAP, isPacket, isSocket, MAYBE_NULL, maybeNull, PERCPU, PTR_TO_ARENA,
  PTR_TO_BTF_ID, PTR_TO_BUF, PTR_TO_CTX, PTR_TO_FLOW_KEYS, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_MEM,
  PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_STACK, PTR_TO_TCP_SOCK, PTR_TO_TP_BUFFER, PTR_TO_XDP_SOCK, RCU, RDONLY,
  SCALAR, TRUSTED, typeName, UNTRUSTED, USER,
} from './reg-type.ts'
import { checkedReg, checkWritable, keepAddress, readReg, withNum, writeReg } from './registers.ts'
import { memberWriteAllowed } from './btf-write.ts'
import type { Session } from './session.ts'
import { mapStructOf } from './map-structs.ts'
import { sizeOf } from './shape.ts'
import { keepStruct, mayAccessAllocated, mayAccessStruct } from './struct-access.ts'
import { checkStackBounds, READ, readStack, WRITE, writeStack } from './stack.ts'

const FLOW_KEYS_SIZE = 56

interface Access {
  readonly kind: number
  readonly number: number
  /** The pointer's own constant offset included. */
  readonly off: number
  readonly size: number
  /** Register stored; -1 for a constant or an unknown value. */
  readonly value: number
  readonly imm: number | null
  readonly signed: boolean
  /** The instruction is an atomic one. */
  readonly atomic: boolean
}

/** A constant out of a frozen map. */
const readFrozen = (map: VerifierMap, at: number, size: number, signed: boolean): Reg | null => {
  const data = map.frozen
  if (data === null || at < 0 || at + size > data.length) return null
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  if (size === 8) return constScalar(view.getInt32(at, true), view.getInt32(at + 4, true))
  const raw = size === 4 ? view.getInt32(at, true) : size === 2 ? view.getUint16(at, true) : view.getUint8(at)
  const shift = 32 - size * 8
  if (signed) {
    const value = (raw << shift) >> shift
    return constScalar(value, value >> 31)
  }
  return constScalar(raw, 0)
}

/** An address is not stored where others read. */
const keepValue = (session: Session, { kind, value }: Access, where: string): void => {
  if (kind === WRITE && value >= 0) keepAddress(session, value, `leaks addr into ${where}`)
}

const accessMapValue = (session: Session, reg: Reg, access: Access): Reg | null => {
  const { kind, number, off, size } = access
  const map = reg.map!
  keepValue(session, access, 'map')
  checkMapDirection(session, map, kind, off, size)
  checkMapValue(session, reg, number, off, size, false, false)
  const at = off + reg.num.vl
  const kptr = isConst(reg.num) ? fieldAt(map.record, at, ...KPTRS) : null
  if (kptr !== null) {
    if (kind === READ) return access.value < 0 && access.atomic ? null : loadKptr(session, kptr, access.atomic)
    storeKptr(session, kptr, access.value, access.imm, access.atomic)
    return null
  }
  if (kind !== READ) return null
  return (isConst(reg.num) ? readFrozen(map, at, size, access.signed) : null) ?? ANY_SCALAR
}

/** Rules of a struct's own for pointers read out of it. */
const trustOf = (session: Session, reg: Reg, walked: Walked): number => {
  let { flags } = walked
  if ((reg.type & UNTRUSTED) !== 0) return UNTRUSTED
  if (!isTrusted(reg) && !isRcu(reg)) return flags & ~(RCU | TRUSTED)
  const trust = fieldTrust(reg.btf!.name(reg.btfId), walked.field)
  if (trust === 'trusted') return flags | TRUSTED
  if (trust === 'trusted?') return flags | TRUSTED | MAYBE_NULL
  if (!inRcuSection(session) || maybeNull(reg.type)) return UNTRUSTED
  if (trust === 'rcu') return flags | RCU
  if ((flags & RCU) !== 0 || trust === 'rcu?') {
    if (trust === 'rcu?') flags &= ~UNTRUSTED
    return flags | RCU | MAYBE_NULL
  }
  if ((flags & (PERCPU | USER)) !== 0) return flags
  return flags & ~(RCU | TRUSTED)
}

export const btfRegister = (session: Session, btf: Btf, btfId: number, flags: number): Reg => {
  const to = pointer(PTR_TO_BTF_ID | flags)
  to.btf = btf
  to.btfId = btfId
  if ((flags & MAYBE_NULL) !== 0) to.id = session.newId()
  return to
}

/** Remembers what this instruction loads, while it is the same on every path. */
const noteLoad = (session: Session, struct: string, offset: number): void => {
  const known = session.typedLoads.get(session.insn)
  if (known === undefined) session.typedLoads.set(session.insn, struct === '' ? null : { struct, offset })
  else if (known !== null && (known.struct !== struct || known.offset !== offset)) {
    session.typedLoads.set(session.insn, null)
  }
}

const accessBtf = (session: Session, reg: Reg, { kind, number, off, size }: Access): Reg | null => {
  const btf = reg.btf!
  const isKernel = btf === session.kernelBtf
  mayAccessStruct(session, reg, number, off)
  const allocated = (reg.type & ALLOC) !== 0
  if (kind === WRITE) {
    if ((reg.type & UNTRUSTED) !== 0) session.refuse('only read is supported')
    if (!allocated) {
      memberWriteAllowed(session, reg, off, size)
      return null
    }
  }
  if (allocated) {
    mayAccessAllocated(session, reg, off, size)
    walkStruct(session, btf, reg.btfId, off, size)
    return ANY_SCALAR
  }
  const walked = walkStruct(session, btf, reg.btfId, off, size)
  noteLoad(session, isKernel ? btf.name(reg.btfId) : '', off)
  return walked.btfId === 0 ? ANY_SCALAR : btfRegister(session, btf, walked.btfId, trustOf(session, reg, walked))
}

const accessMapStruct = (session: Session, reg: Reg, { kind, number, off, size }: Access): Reg | null => {
  const name = mapStructOf(reg.map!.type)
  const kernel = session.kernelBtf
  if (kernel === null) session.refuse('map_ptr access not supported without CONFIG_DEBUG_INFO_BTF', -EOPNOTSUPP)
  const btfId = kernel.find(name, 'struct') || kernel.find('bpf_map', 'struct')
  if (btfId === 0) session.refuse(`map_ptr access not supported for map type ${reg.map!.type}`, -EOPNOTSUPP)
  keepStruct(session, name)
  if (off < 0) session.refuse(`R${number} is ${name} invalid negative access: off=${off}`)
  if (kind !== READ) session.refuse(`only read from ${name} is supported`)
  const walked = walkStruct(session, kernel, btfId, off, size)
  return walked.btfId === 0 ? ANY_SCALAR : btfRegister(session, kernel, walked.btfId, walked.flags)
}

const socketTables: Readonly<Record<number, ContextName>> = {
  [PTR_TO_SOCKET]: 'socketRegister', [PTR_TO_SOCK_COMMON]: 'sockCommonRegister', [PTR_TO_TCP_SOCK]: 'tcpSockRegister',
  [PTR_TO_XDP_SOCK]: 'xdpSockRegister',
}

const accessSocketRegister = (session: Session, reg: Reg, { kind, number, off, size }: Access): Reg => {
  if (kind === WRITE) session.refuse(`R${number} cannot write into ${typeName(reg.type)}`)
  checkNotNegative(session, reg, number)
  if (!accessSocket(session, socketTables[baseOf(reg.type)]!, off, size))
    session.refuse(`R${number} invalid ${typeName(reg.type)} access off=${off} size=${size}`)
  return ANY_SCALAR
}

/** Types whose accesses to the context are not rewritten: a constant may be added to the pointer. */
const PLAIN_CONTEXTS = 'PtRFBILCNdUG'
const SYSCALL_CONTEXT = 0xffff

/** Where the access is; refuses pointers that were moved in a way that the type does not allow. */
const contextOffset = (session: Session, reg: Reg, { number, off, size }: Access): number => {
  const { features } = session.kernel
  if (features.contextOffset && session.letter === 'Y') {
    checkRegion(session, reg, number, off, size, SYSCALL_CONTEXT, false)
    return off + toUnsignedNumber(reg.num.umaxl, reg.num.umaxh)
  }
  checkUnmodified(session, reg, number, features.contextOffset && PLAIN_CONTEXTS.includes(session.letter))
  return off
}

const accessContextRegister = (session: Session, reg: Reg, access: Access): Reg => {
  const { kind, size, signed } = access
  keepValue(session, access, 'ctx')
  const at = contextOffset(session, reg, access)
  const result = accessContext(session, at, size, kind, signed)
  if (result !== null) return result
  session.sourceLine(session.insn)
  return session.refuse(`invalid bpf_context access off=${at} size=${size}`)
}

const refuseType = (session: Session, reg: Reg, number: number): never =>
  session.refuse(`R${number} invalid mem access '${typeName(reg.type)}'`)

/** What a load gives; null after a store. */
const accessMemory = (session: Session, reg: Reg, access: Access): Reg | null => {
  const { kind, number, off, size } = access
  const { type } = reg
  const base = baseOf(type)
  if (base !== PTR_TO_STACK && maybeNull(type) && base !== PTR_TO_MAP_KEY) refuseType(session, reg, number)
  if (kind === WRITE && (type & RDONLY) !== 0) session.refuse(`R${number} cannot write into ${typeName(type)}`)
  switch (base) {
    case PTR_TO_MAP_KEY:
      if (kind === WRITE) session.refuse(`write to change key R${number} not allowed`)
      checkRegion(session, reg, number, off, size, reg.map!.keySize, false)
      return ANY_SCALAR
    case PTR_TO_MAP_VALUE: return accessMapValue(session, reg, access)
    case PTR_TO_MEM:
      keepValue(session, access, 'mem')
      checkRegion(session, reg, number, off, size, reg.size, false)
      return ANY_SCALAR
    case PTR_TO_CTX: return accessContextRegister(session, reg, access)
    case PTR_TO_STACK:
      checkStackBounds(session, reg, number, off, size, kind, false)
      if (kind === READ) return readStack(session, reg, number, off, size, access.atomic)
      writeStack(session, reg, off, size, access.value, access.imm)
      return null
    case PTR_TO_FLOW_KEYS:
      keepValue(session, access, 'flow keys')
      if (size < 0 || off < 0 || off + size > FLOW_KEYS_SIZE)
        session.refuse(`invalid access to flow keys off=${off} size=${size}`)
      return ANY_SCALAR
    case PTR_TO_TP_BUFFER:
      checkBuffer(session, reg, number, off, size, 'tracepoint')
      return ANY_SCALAR
    case PTR_TO_BTF_ID: return accessBtf(session, reg, access)
    case CONST_PTR_TO_MAP: return accessMapStruct(session, reg, access)
    case PTR_TO_BUF:
      checkBuffer(session, reg, number, off, size, (type & RDONLY) !== 0 ? 'rdonly' : 'rdwr')
      return ANY_SCALAR
    case PTR_TO_ARENA: return ANY_SCALAR
    default:
  }
  if (isPacket(type)) {
    if (kind === WRITE && !mayWritePacket(session)) session.refuse('cannot write into packet')
    keepValue(session, access, 'packet')
    checkPacketRegion(session, reg, number, off, size, false)
    return ANY_SCALAR
  }
  if (isSocket(type)) return accessSocketRegister(session, reg, access)
  return refuseType(session, reg, number)
}

/** Pointer kinds that one instruction may not mix with others: their accesses are translated. */
const isTranslated = (type: number): boolean => {
  const base = baseOf(type)
  return base === PTR_TO_CTX || isSocket(type) || base === PTR_TO_BTF_ID || base === PTR_TO_ARENA
}

const probed = (type: number): boolean => baseOf(type) === PTR_TO_BTF_ID

/** The kind of memory an instruction touches is the same on every path. */
const rememberType = (session: Session, type: number, mayMixTrust: boolean): void => {
  const seen = session.pointerTypes[session.insn]!
  if (seen === 0) {
    session.pointerTypes[session.insn] = type
    return
  }
  if (seen === type || (!isTranslated(seen) && !isTranslated(type))) return
  if (mayMixTrust && probed(seen) && probed(type)) {
    session.pointerTypes[session.insn] = PTR_TO_BTF_ID | UNTRUSTED
    return
  }
  session.refuse('same insn cannot be used with different pointers', -EINVAL)
}

const narrowed = (reg: Reg, size: number, signed: boolean): Reg => {
  if (reg.type !== SCALAR || size === 8) return reg
  const num = copyNum(reg.num)
  if (signed) signExtend(num, size)
  else truncate(num, size)
  return withNum(reg, num)
}

export const checkLoad = (session: Session, slot: number): void => {
  const { code } = session
  const op = code.op[slot]!
  const mode = BPF_MODE(op)
  if ((mode !== BPF_MEM && mode !== BPF_MEMSX) || code.imm[slot] !== 0)
    session.refuse('BPF_LDX uses reserved fields', -EINVAL)
  load(session, slot, mode === BPF_MEMSX, false, 'ldx')
}

const load = (session: Session, slot: number, signed: boolean, isStrict: boolean, context: string): void => {
  const { code } = session
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const size = sizeOf(code.op[slot]!)
  const reg = readReg(session, src)
  checkWritable(session, dst)
  checkAligned(session, reg, off, size, isStrict)
  const value =
    accessMemory(session, reg,
      { kind: READ, number: src, off: off + reg.off, size, value: dst, imm: null, signed, atomic: false })!
  rememberType(session, reg.type, !isStrict)
  writeReg(session, dst, checkedReg(session, narrowed(value, size, signed), context))
}

/** Where a constant may not be stored at all. */
const checkConstantStore = (session: Session, slot: number): void => {
  const dst = session.code.dst[slot]!
  const reg = readReg(session, dst)
  if (baseOf(reg.type) === PTR_TO_CTX)
    session.refuse(`BPF_ST stores into R${dst} ${typeName(reg.type)} is not allowed`)
}

const store = (session: Session, slot: number, value: number, imm: number | null, isStrict = false): void => {
  const { code } = session
  const op = code.op[slot]!
  const dst = code.dst[slot]!
  const off = code.off[slot]!
  const size = sizeOf(op)
  const reg = readReg(session, dst)
  checkAligned(session, reg, off, size, isStrict)
  accessMemory(session, reg,
    { kind: WRITE, number: dst, off: off + reg.off, size, value, imm, signed: false, atomic: false })
  rememberType(session, reg.type, false)
}

export const checkStoreReg = (session: Session, slot: number): void => {
  const { code } = session
  if (BPF_MODE(code.op[slot]!) !== BPF_MEM || code.imm[slot] !== 0)
    session.refuse('BPF_STX uses reserved fields', -EINVAL)
  readReg(session, code.src[slot]!)
  store(session, slot, code.src[slot]!, null)
}

export const checkStoreImm = (session: Session, slot: number): void => {
  const { code } = session
  if (BPF_MODE(code.op[slot]!) !== BPF_MEM || code.src[slot] !== 0)
    session.refuse('BPF_ST uses reserved fields', -EINVAL)
  if (!session.kernel.features.constantsToContext) checkConstantStore(session, slot)
  store(session, slot, -1, code.imm[slot]!)
}

export const isAtomic = (op: number): boolean => BPF_CLASS(op) === BPF_STX && BPF_MODE(op) === BPF_ATOMIC

/** Values of `imm` that name an atomic operation. */
const atomicOps: ReadonlySet<number> = new Set([
  ...[BPF_ADD, BPF_AND, BPF_OR, BPF_XOR].flatMap((op) => [op, op | BPF_FETCH]), BPF_XCHG, BPF_CMPXCHG,
])

const LOAD_ACQUIRE = 0x100
const STORE_RELEASE = 0x110

const refuseAtomic = (session: Session, number: number, { type }: Reg, does: string): void => {
  if (baseOf(type) === PTR_TO_CTX || isPacket(type) || baseOf(type) === PTR_TO_FLOW_KEYS || isSocket(type))
    session.refuse(`BPF_ATOMIC ${does} R${number} ${typeName(type)} is not allowed`)
}

const loadAcquire = (session: Session, slot: number): void => {
  const { code } = session
  const src = code.src[slot]!
  refuseAtomic(session, src, readReg(session, src), 'loads from')
  load(session, slot, false, true, 'atomic_load')
}

const storeRelease = (session: Session, slot: number): void => {
  const { code } = session
  readReg(session, code.src[slot]!)
  const place = session.frame.regs[code.dst[slot]!]!
  store(session, slot, code.src[slot]!, null, true)
  refuseAtomic(session, code.dst[slot]!, place, 'stores into')
}

export const checkAtomic = (session: Session, slot: number): void => {
  const { code } = session
  const op = code.op[slot]!
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const imm = code.imm[slot]!
  if (session.kernel.features.loadAcquire && imm === LOAD_ACQUIRE) return loadAcquire(session, slot)
  if (session.kernel.features.loadAcquire && imm === STORE_RELEASE) return storeRelease(session, slot)
  if (!atomicOps.has(imm))
    session.refuse(`BPF_ATOMIC uses invalid atomic opcode ${(imm >>> 0).toString(16).padStart(2, '0')}`, -EINVAL)
  const size = sizeOf(op)
  if (size !== 4 && size !== 8) session.refuse('invalid atomic operand size', -EINVAL)
  readReg(session, src)
  const reg = readReg(session, dst)
  const fetchesInto = (imm & BPF_FETCH) === 0 ? -1 : imm === BPF_CMPXCHG ? 0 : src
  if (imm === BPF_CMPXCHG) {
    readReg(session, 0)
    keepAddress(session, 0, 'leaks addr into mem')
  }
  keepAddress(session, src, 'leaks addr into mem')
  const { type } = reg
  if (baseOf(type) === PTR_TO_CTX || isPacket(type) || baseOf(type) === PTR_TO_FLOW_KEYS || isSocket(type))
    session.refuse(`BPF_ATOMIC stores into R${dst} ${typeName(type)} is not allowed`)
  if (fetchesInto >= 0) writeReg(session, fetchesInto, ANY_SCALAR)
  // an address that the old value is written over is one no more
  const place = fetchesInto === dst ? ANY_SCALAR : reg
  const access = { number: dst, off: off + place.off, size, value: -1, imm: null, signed: false, atomic: true }
  checkAligned(session, place, off, size, true)
  const loaded = accessMemory(session, place, { ...access, kind: READ })
  if (fetchesInto >= 0) session.put(session.frame, fetchesInto, narrowed(loaded ?? ANY_SCALAR, size, false))
  rememberType(session, type, false)
  accessMemory(session, place, { ...access, kind: WRITE })
}
