/**
 * Arguments of helpers, checked word by word. A word of the prototype table is a kind, then `+flag`s:
 * `mem+uninit+write`, `btf:inode`, `dynptr+kind=local`; `?` after the kind lets NULL pass.
 */
import { EACCES, EINVAL, ownValue } from '@lsmkit/abi'
import type { HelperPrototype } from '../helpers/prototypes.ts'
import { typesMatch } from './btf-access.ts'
import { checkDynptrArgument, dynptrKinds } from './dynptr-args.ts'
import { dynptrReg } from './dynptr.ts'
import { checkAlignedArgument, checkMemory, checkSize } from './helper-memory.ts'
import type { Filled } from './helper-memory.ts'
import type { Field } from './fields.ts'
import { fieldAt, fieldsOf, KPTRS } from './fields.ts'
import { toUnsignedNumber } from './i64.ts'
import { checkKptrType } from './kptr.ts'
import { lockObject, unlockObject } from './locks.ts'
import { MAP_BLOOM_FILTER, MAP_SOCKHASH, MAP_SOCKMAP } from './map.ts'
import type { VerifierMap } from './map.ts'
import { isConst } from './num.ts'
import { markPrecise } from './precision.ts'
import { checkMapValue } from './map-value.ts'
import { Refusal } from './refusal.ts'
import { checkUnmodified } from './region.ts'
import type { Reg } from './reg.ts'
import {
  ALLOC, baseOf, CONST_PTR_TO_DYNPTR, CONST_PTR_TO_MAP, DYNPTR_SKB, DYNPTR_XDP, isPacket, MAYBE_NULL, maybeNull,
  NON_OWN_REF, PERCPU, PTR_TO_ARENA, PTR_TO_BTF_ID, PTR_TO_BUF, PTR_TO_CTX, PTR_TO_FUNC, PTR_TO_MAP_KEY,
  PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_PACKET, PTR_TO_PACKET_META, PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_STACK,
  PTR_TO_TCP_SOCK, PTR_TO_XDP_SOCK, RCU, RDONLY, RINGBUF, SCALAR, TRUSTED, typeName,
} from './reg-type.ts'
import { keepAddress, readReg } from './registers.ts'
import { mayReadPacket } from './context/access.ts'
import type { Session } from './session.ts'
import { isNull, READ, WRITE } from './stack.ts'

export interface Word {
  readonly kind: string
  readonly nullable: boolean
  /** After the colon: a kernel type. */
  readonly of: string
  readonly readOnly: boolean
  readonly writes: boolean
  readonly uninit: boolean
  readonly releases: boolean
  readonly aligned: boolean
  /** Bytes of `fixed=`. */
  readonly fixed: number
  readonly dynptr: number
}

const parsed = new Map<string, Word>()
export const parseWord = (text: string): Word => {
  let word = parsed.get(text)
  if (word !== undefined) return word
  const [head, of = ''] = text.split(':') as [string, string?]
  const [first, ...flags] = head.split('+') as [string, ...string[]]
  const value = (name: string): string =>
    flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  word = {
    kind: first.replace('?', ''),
    nullable: first.endsWith('?'),
    of,
    readOnly: flags.includes('ro'),
    writes: flags.includes('write'),
    uninit: flags.includes('uninit'),
    releases: flags.includes('release'),
    aligned: flags.includes('aligned'),
    fixed: Number(value('fixed') || 0),
    dynptr: ownValue(dynptrKinds, value('kind')) ?? 0,
  }
  parsed.set(text, word)
  return word
}

/** Facts from the arguments of one call. */
export interface CallFacts {
  readonly helper: HelperPrototype
  map: VerifierMap | null
  uid: number
  ref: number
  releases: number
  releasesDynptr: boolean
  /** Bytes that the helper will fill without their having been initialised. */
  readonly filled: Filled
  memSize: number
  /** Upper bound of the size argument checked last. */
  maxSize: Reg | null
  subprog: number
  percpu: Reg | null
  kptr: Field | null
  /** The initialised dynptr among the arguments. */
  dynptr: Reg | null
}

export const noFacts = (helper: HelperPrototype): CallFacts => ({
  helper, map: null, uid: 0, ref: 0, releases: 0, releasesDynptr: false, filled: { number: 0, size: 0 }, memSize: 0,
  maxSize: null,
  subprog: -1, percpu: null, kptr: null, dynptr: null,
})

const sockets = [PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_TCP_SOCK, PTR_TO_XDP_SOCK]
const kernelPointers = [PTR_TO_BTF_ID, PTR_TO_BTF_ID | TRUSTED, PTR_TO_BTF_ID | RCU]
const memory = [
  PTR_TO_STACK, PTR_TO_PACKET, PTR_TO_PACKET_META, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_MEM | RINGBUF,
  PTR_TO_BUF, PTR_TO_BTF_ID | TRUSTED,
]
const kptrSlots = [PTR_TO_MAP_VALUE, PTR_TO_BTF_ID | ALLOC]

/** Register types that serve for a word. */
const accepted: Readonly<Record<string, readonly number[]>> = {
  'scalar': [SCALAR], 'size>0': [SCALAR], 'size>=0': [SCALAR], 'alloc_size': [SCALAR], 'alloc_size>=0': [SCALAR],
  'map': [CONST_PTR_TO_MAP], 'map_key': memory, 'map_value': memory, 'mem': memory, 'ctx': [PTR_TO_CTX],
  'btf': kernelPointers, 'btf_sock_common': [...sockets, PTR_TO_BTF_ID, PTR_TO_BTF_ID | TRUSTED],
  'sock_common': sockets,
  'socket': [PTR_TO_SOCKET],
  'percpu_btf': [PTR_TO_BTF_ID | PERCPU, PTR_TO_BTF_ID | PERCPU | RCU, PTR_TO_BTF_ID | PERCPU | TRUSTED],
  'func': [PTR_TO_FUNC], 'stack': [PTR_TO_STACK], 'const_str': [PTR_TO_MAP_VALUE], 'timer': [PTR_TO_MAP_VALUE],
  'spin_lock': [PTR_TO_MAP_VALUE, PTR_TO_BTF_ID | ALLOC], 'kptr_slot': kptrSlots,
  'dynptr': [PTR_TO_STACK, CONST_PTR_TO_DYNPTR],
  'ringbuf_mem': [PTR_TO_MEM | RINGBUF],
}

const KPTR_XCHG = 194
const SK_RELEASE = 86

const comparedType = (word: Word, reg: Reg, facts: CallFacts, number: number): number => {
  let { type } = reg
  if (word.readOnly || word.kind === 'dynptr') type &= ~RDONLY
  if (word.nullable) type &= ~MAYBE_NULL
  if (word.kind === 'mem' || word.kind === 'map_key' || word.kind === 'map_value') type &= ~(DYNPTR_SKB | DYNPTR_XDP)
  if (facts.helper.id === KPTR_XCHG && number === 2 && (type & ALLOC) !== 0) type &= ~(ALLOC | PERCPU)
  return type
}

const checkKernelType = (session: Session, word: Word, reg: Reg, number: number, facts: CallFacts): void => {
  if (maybeNull(reg.type) && (!word.nullable || word.releases))
    session.refuse(`Possibly NULL pointer passed to helper arg${number}`)
  if (facts.helper.id === KPTR_XCHG) {
    if (facts.kptr !== null) checkKptrType(session, facts.kptr, reg, number)
    return
  }
  const kernel = session.kernelBtf
  const name = word.kind === 'btf' ? word.of : 'sock_common'
  const btfId = kernel?.find(name, 'struct') ?? 0
  const strict = word.releases && facts.helper.id !== SK_RELEASE
  if (kernel === null || btfId === 0 || !typesMatch(reg.btf!, reg.btfId, reg.off, kernel, btfId, strict))
    session.refuse(`R${number} is of type ${reg.btf!.name(reg.btfId)} but ${name} is expected`)
}

const checkType = (session: Session, word: Word, reg: Reg, number: number, facts: CallFacts): void => {
  const types = ownValue(accepted, word.kind)
  if (types === undefined) return session.refuse(`verifier internal error: unsupported arg type ${word.kind}`, -EINVAL)
  if (!types.includes(comparedType(word, reg, facts, number))) {
    session.refuse(`R${number} type=${typeName(reg.type)} expected=${types.map(typeName).join(', ')}`)
  }
  if (baseOf(reg.type) !== PTR_TO_BTF_ID) return
  if (types === memory) {
    if (!word.readOnly)
      session.refuse(`${facts.helper.name}() may write into memory pointed by R${number} type=${typeName(reg.type)}`)
    return
  }
  if ((reg.type & (ALLOC | PERCPU)) === 0 || (facts.helper.id === KPTR_XCHG && number === 2))
    checkKernelType(session, word, reg, number, facts)
}

const anyOffset = new Set([
  PTR_TO_STACK, PTR_TO_PACKET, PTR_TO_PACKET_META, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_BUF,
  PTR_TO_ARENA, SCALAR,
])

/** Pointers to kernel and allocated objects that a constant may have been added to. */
const fixedOffset = new Set([
  PTR_TO_BTF_ID, PTR_TO_BTF_ID | ALLOC, PTR_TO_BTF_ID | TRUSTED, PTR_TO_BTF_ID | RCU,
  PTR_TO_BTF_ID | ALLOC | NON_OWN_REF,
  PTR_TO_BTF_ID | ALLOC | NON_OWN_REF | RCU,
])

/** Which offsets the pointer may have: any, a constant, or none where an object is given back. */
export const checkArgumentOffset = (
  session: Session, reg: Reg, number: number, releases: boolean, isDynptr: boolean,
): void => {
  if (releases) {
    if (isDynptr && reg.type === PTR_TO_STACK) return
    if (reg.off !== 0)
      session.refuse(`R${number} must have zero offset when passed to release func or trusted arg to kfunc`, -EINVAL)
    return checkUnmodified(session, reg, number)
  }
  const base = baseOf(reg.type)
  if (anyOffset.has(base)) return
  checkUnmodified(session, reg, number, fixedOffset.has(reg.type))
}

const checkRelease = (session: Session, word: Word, reg: Reg, number: number, facts: CallFacts): void => {
  if (word.kind === 'dynptr') {
    if (reg.type !== PTR_TO_STACK) session.refuse('cannot release unowned const bpf_dynptr', -EINVAL)
    if ((dynptrReg(session, reg)?.ref ?? 0) === 0) session.refuse(`arg ${number} is an unacquired reference`, -EINVAL)
    facts.releasesDynptr = true
  } else if (reg.ref === 0 && !isNull(reg))
    session.refuse(`R${number} must be referenced when passed to release function`, -EINVAL)
  facts.releases = number
}

const mayBeUnwritten = ({ kernel }: Session, { helper }: CallFacts, { uninit }: Word): boolean =>
  uninit || (helper.name === 'bpf_check_mtu' && !kernel.features.mtuWritten)

/** Where whatever is wrong is EACCES. */
const asAccess = (session: Session, check: () => void): void => {
  try {
    check()
  } catch (error) {
    if (!(error instanceof Refusal) || session.kernel.features.lockErrnos) throw error
    throw new Refusal(-EACCES, error.message)
  }
}

const checkTimer = (session: Session, reg: Reg, number: number, facts: CallFacts): void => {
  const map = reg.map!
  if (!isConst(reg.num))
    session.refuse(`R${number} doesn't have constant offset. bpf_timer has to be at the constant offset`, -EINVAL)
  if (map.btf === null) session.refuse(`map '${map.name}' has to have BTF in order to use bpf_timer`, -EINVAL)
  const field = map.record?.fields.find(({ kind }) => kind === 'bpf_timer')
  if (field === undefined) return session.refuse(`map '${map.name}' has no valid bpf_timer`, -EINVAL)
  const off = reg.off + reg.num.vl
  if (off !== field.offset)
    session.refuse(`off ${off} doesn't point to 'struct bpf_timer' that is at ${field.offset}`, -EINVAL)
  facts.map = map
  facts.uid = reg.uid
}

export const checkConstString = (session: Session, reg: Reg, number: number): void => {
  if (reg.type !== PTR_TO_MAP_VALUE) session.end(-EINVAL)
  const map = reg.map!
  if (map.frozen === null) session.refuse(`R${number} does not point to a readonly map'`)
  if (!isConst(reg.num)) session.refuse(`R${number} is not a constant address'`)
  checkMapValue(session, reg, number, reg.off, map.valueSize - reg.off, false, true)
  if (map.frozen.indexOf(0, reg.off + reg.num.vl) < 0) session.refuse('string is not zero-terminated', -EINVAL)
}

const checkKptrSlot = (session: Session, reg: Reg, number: number, facts: CallFacts): void => {
  const inMap = reg.type === PTR_TO_MAP_VALUE
  if (inMap && reg.map!.btf === null)
    session.refuse(`map '${reg.map!.name}' has to have BTF in order to use bpf_kptr_xchg`, -EINVAL)
  const record = inMap ? reg.map!.record : fieldsOf(reg.btf!, reg.btfId, session.kernelBtf)
  if (inMap) facts.map = reg.map
  if (!isConst(reg.num))
    session.refuse(`R${number} doesn't have constant offset. kptr has to be at the constant offset`, -EINVAL)
  if (record === null || !record.fields.some(({ kind }) => KPTRS.includes(kind)))
    session.refuse(`R${number} has no valid kptr`, -EINVAL)
  const off = reg.off + reg.num.vl
  const field = fieldAt(record, off, ...KPTRS)
  if (field === null) session.refuse(`off=${off} doesn't point to kptr`)
  if (field.kind === 'kptr_unref') session.refuse(`off=${off} kptr isn't referenced kptr`)
  facts.kptr = field
}

const SPIN_LOCK = 93

/** sockmaps take sockets where other maps take values; a Bloom filter is only asked. */
const resolveMapValue = (session: Session, word: Word, facts: CallFacts): Word => {
  if (facts.map === null) return session.refuse('invalid map_ptr to access map->type')
  if (facts.map.type === MAP_SOCKMAP || facts.map.type === MAP_SOCKHASH) {
    return word.uninit || word.nullable ? session.refuse('invalid arg_type for sockmap/sockhash', -EINVAL)
      : parseWord('btf_sock_common')
  }
  if (facts.map.type === MAP_BLOOM_FILTER && facts.helper.name === 'bpf_map_peek_elem') return parseWord('map_value')
  return word
}

/** Argument `number` (1..5) against its word of the prototype. */
export const checkArgument = (session: Session, facts: CallFacts, number: number): void => {
  const { args } = facts.helper
  let word = parseWord(args[number - 1]!)
  const reg = readReg(session, number)
  if (word.kind === 'any') return keepAddress(session, number, 'leaks addr into helper function')
  if (isPacket(reg.type) && !(mayReadPacket(session) && (facts.helper.packetAccess || session.letter === 'o')))
    session.refuse('helper access to the packet is not allowed')
  if (word.kind === 'map_value') word = resolveMapValue(session, word, facts)
  if (word.nullable && isNull(reg)) markPrecise(session, number)
  else {
    checkType(session, word, reg, number, facts)
    checkArgumentOffset(session, reg, number, word.releases, word.kind === 'dynptr')
  }
  if (word.releases) checkRelease(session, word, reg, number, facts)
  if (reg.ref !== 0 && word.kind !== 'kptr_slot') facts.ref = reg.ref
  checkValue(session, facts, word, reg, number)
}

const checkValue = (session: Session, facts: CallFacts, word: Word, reg: Reg, number: number): void => {
  const direction = word.writes ? WRITE : READ
  switch (word.kind) {
    case 'map':
      if (facts.map !== null && (facts.map !== reg.map || facts.uid !== reg.uid))
        session.refuse(`timer pointer in R1 map_uid=${facts.uid} doesn't match map pointer in R2 map_uid=${reg.uid}`,
          -EINVAL)
      facts.map = reg.map
      facts.uid = reg.uid
      return
    case 'map_key':
      if (facts.map === null) return session.refuse('invalid map_ptr to access map->key')
      return checkMemory(session, number, facts.map.keySize, READ, false, null)
    case 'map_value':
      if (word.nullable && isNull(reg)) return
      if (facts.map === null) return session.refuse('invalid map_ptr to access map->value')
      return checkMemory(session, number, facts.map.valueSize, direction, false, word.uninit ? facts.filled : null)
    case 'percpu_btf':
      facts.percpu = reg
      return
    case 'spin_lock':
      return asAccess(session, () =>
        (facts.helper.id === SPIN_LOCK ? lockObject(session, reg, number) : unlockObject(session, reg, number)))
    case 'timer': return asAccess(session, () => checkTimer(session, reg, number, facts))
    case 'func':
      facts.subprog = reg.subprog
      return
    case 'mem':
      if (word.fixed === 0) return
      checkMemory(session, number, word.fixed, direction, false,
        mayBeUnwritten(session, facts, word) ? facts.filled : null)
      if (word.aligned) checkAlignedArgument(session, number, word.fixed)
      return
    case 'size>0':
    case 'size>=0': {
      const before = parseWord(facts.helper.args[number - 2]!)
      facts.maxSize = reg
      return checkSize(session, number, before.writes ? WRITE : READ, word.kind === 'size>=0', before.uninit
        ? facts.filled : null)
    }
    case 'alloc_size':
    case 'alloc_size>=0':
      if (!isConst(reg.num)) session.refuse(`R${number} is not a known constant'`)
      facts.memSize = toUnsignedNumber(reg.num.vl, 0)
      markPrecise(session, number)
      return
    case 'dynptr':
      facts.dynptr = checkDynptrArgument(session, reg, number, word, 0) ?? facts.dynptr
      return
    case 'const_str': return checkConstString(session, reg, number)
    case 'kptr_slot': return checkKptrSlot(session, reg, number, facts)
  }
}
