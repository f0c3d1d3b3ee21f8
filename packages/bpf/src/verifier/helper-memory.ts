/** Memory that a helper or kfunc reads or fills: the bytes must be there, whatever kind of pointer names them. */
import { EACCES } from '@lsmkit/abi'
import { checkAligned } from './alignment.ts'
import { walkStruct } from './btf-access.ts'
import { memberWriteAllowed } from './btf-write.ts'
import { accessContext } from './context/access.ts'
import { toBig, toUnsignedBig, toUnsignedNumber } from './i64.ts'
import { checkMapDirection, checkMapValue } from './map-value.ts'
import { isConst, isZero } from './num.ts'
import { markPrecise } from './precision.ts'
import { checkBuffer, checkPacketRegion, checkRegion } from './region.ts'
import type { Reg } from './reg.ts'
import {
  ALLOC, baseOf, PTR_TO_BTF_ID, PTR_TO_BUF, PTR_TO_CTX, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_PACKET,
  PTR_TO_PACKET_META, PTR_TO_STACK, RDONLY, typeName,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { mayAccessAllocated, mayAccessStruct } from './struct-access.ts'
import { BY_HELPER, checkInitialised, checkUninitialised, isNull, WRITE } from './stack.ts'

/** Sizes from here on are not computed with. */
const MAX_SIZE = 1 << 29
/** Bytes of a syscall program's context. */
const SYSCALL_CONTEXT = 0xffff

/** Where a helper will write bytes that need not have been initialised. */
export interface Filled {
  number: number
  size: number
}

/**
 * Register `number` names `size` bytes; `filled` is given when they may be uninitialised stack, and is set when they
 * are.
 */
export const checkMemory = (
  session: Session, number: number, size: number, kind: number, zeroAllowed: boolean, filled: Filled | null,
): void => {
  const reg = session.frame.regs[number]!
  const { features } = session.kernel
  const readonly = (): void => {
    if (kind === WRITE) session.refuse(`R${number} cannot write into ${typeName(reg.type)}`)
  }
  switch (baseOf(reg.type)) {
    case PTR_TO_PACKET:
    case PTR_TO_PACKET_META:
      return checkPacketRegion(session, reg, number, reg.off, size, zeroAllowed)
    case PTR_TO_MAP_KEY:
      readonly()
      return checkRegion(session, reg, number, reg.off, size, reg.map!.keySize, zeroAllowed)
    case PTR_TO_MAP_VALUE:
      checkMapDirection(session, reg.map!, kind, reg.off, size)
      return checkMapValue(session, reg, number, reg.off, size, zeroAllowed, true)
    case PTR_TO_MEM:
      if ((reg.type & RDONLY) !== 0) readonly()
      return checkRegion(session, reg, number, reg.off, size, reg.size, zeroAllowed)
    case PTR_TO_BUF:
      if ((reg.type & RDONLY) !== 0) readonly()
      return checkBuffer(session, reg, number, reg.off, size, (reg.type & RDONLY) !== 0 ? 'rdonly' : 'rdwr')
    case PTR_TO_STACK:
      return checkStack(session, reg, number, size, kind, zeroAllowed, filled)
    case PTR_TO_BTF_ID:
      if (features.structBytes) return checkBtfBytes(session, reg, number, size, kind)
      break
    case PTR_TO_CTX:
      if (features.helperMemoryAsked && session.letter === 'Y')
        return checkRegion(session, reg, number, reg.off, size, SYSCALL_CONTEXT, zeroAllowed)
      if (features.contextBytes && !features.helperMemoryAsked && wordContexts.includes(session.letter))
        return checkContextBytes(session, reg, size, kind, zeroAllowed)
  }
  if (zeroAllowed && size === 0 && isNull(reg)) return
  session.refuse(`R${number} type=${typeName(reg.type)} expected=${typeName(PTR_TO_STACK)}`)
}

const checkStack = (
  session: Session, reg: Reg, number: number, size: number, kind: number, zeroAllowed: boolean, filled: Filled | null,
): void => {
  if (size === 0 && !zeroAllowed) session.refuse('invalid zero-sized read')
  if (filled === null || !isConst(reg.num)) {
    const access = session.kernel.features.helperReadsKeep ? kind : BY_HELPER
    return checkInitialised(session, reg, number, reg.off, size, access)
  }
  checkUninitialised(session, reg, number, reg.off, size)
  filled.number = number
  filled.size = size
}

const checkBtfBytes = (session: Session, reg: Reg, number: number, size: number, kind: number): void => {
  mayAccessStruct(session, reg, number, reg.off)
  if (kind === WRITE && (reg.type & ALLOC) === 0 && session.kernel.features.helperMemoryAsked)
    memberWriteAllowed(session, reg, reg.off, size)
  if ((reg.type & ALLOC) !== 0) mayAccessAllocated(session, reg, reg.off, size)
  walkStruct(session, reg.btf!, reg.btfId, reg.off, size)
}

/** Program types whose context is not translated: it is memory, of which the last byte stands for all. */
const wordContexts = 'PtRFBILCUGYN'

const checkContextBytes = (session: Session, reg: Reg, size: number, kind: number, zeroAllowed: boolean): void => {
  if (size === 0) {
    if (zeroAllowed) return
    session.end(-EACCES)
  }
  const off = reg.off + size - 1
  if (!isZero(reg.num) || reg.off !== 0 || accessContext(session, off, 1, kind, false) === null)
    session.refuse(`invalid bpf_context access off=${off} size=1`)
}

/** Register `number` is the size of the memory that the register before it names. */
export const checkSize = (
  session: Session, number: number, kind: number, zeroAllowed: boolean, filled: Filled | null,
): void => {
  const { num } = session.frame.regs[number]!
  if (num.sminh < 0) session.refuse(`R${number} min value is negative, either use unsigned or 'var &= const'`)
  if ((num.uminl | num.uminh) === 0 && !zeroAllowed)
    session.refuse(
      `R${number} invalid zero-sized read: u64=[${toBig(num.uminl, num.uminh)},${toBig(num.umaxl, num.umaxh)}]`)
  if (toUnsignedBig(num.umaxl, num.umaxh) >= BigInt(MAX_SIZE))
    session.refuse(`R${number} unbounded memory access, use 'var &= const' or 'if (var < const)'`)
  checkMemory(session, number - 1, toUnsignedNumber(num.umaxl, num.umaxh), kind, zeroAllowed, isConst(num)
    ? filled : null)
  markPrecise(session, number)
}

export const checkAlignedArgument = (session: Session, number: number, size: number): void =>
  checkAligned(session, session.frame.regs[number]!, 0, size, true)
