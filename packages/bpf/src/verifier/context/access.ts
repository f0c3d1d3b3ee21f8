/** Loads and stores through the context pointer: what each program type may touch and what it gets. */
import { ownValue } from '@lsmkit/abi'
import type { BtfType } from '../../btf/btf-type.ts'
import { kindText } from '../format.ts'
import { hasContextField } from '../../kernels/context-fields.ts'
import type { Session } from '../session.ts'
import type { Reg } from '../reg.ts'
import { pointer, scalar } from '../reg.ts'
import {
  MAYBE_NULL, PERCPU, PTR_TO_BTF_ID, PTR_TO_BUF, PTR_TO_FLOW_KEYS, PTR_TO_PACKET, PTR_TO_PACKET_END, PTR_TO_PACKET_META,
  PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_TP_BUFFER, RDONLY, TRUSTED, USER,
} from '../reg-type.ts'
import { UNKNOWN } from '../num.ts'
import { WRITE } from '../stack.ts'
import type { ContextField, ContextName } from './fields.ts'
import { contextFields } from './fields.ts'
import { iteratorArguments } from './iterators.ts'
import { hasUntrustedArguments } from './lsm-hooks.ts'
import {
  ATTACH_FEXIT, ATTACH_ITER, ATTACH_LSM_CGROUP, ATTACH_LSM_MAC, ATTACH_MODIFY_RETURN, ATTACH_RAW_TP, attachName, LSM,
  STRUCT_OPS, TRACING,
} from './program-kind.ts'
import { checkedReg } from '../registers.ts'
import type { Range } from './return-range.ts'
import { returnRange, withRange } from './return-range.ts'
import { tracepointArguments } from './tracepoint-arguments.ts'

const tables: Readonly<Record<string, ContextName>> = {
  S: 'socketFilter', T: 'schedCls', X: 'xdp', K: 'cgroupSkb', f: 'flowDissector', i: 'lwt', u: 'lwt', x: 'lwt',
  6: 'lwt', b: 'skSkb', k: 'cgroupSock', a: 'cgroupSockAddr', O: 'sockOps', m: 'skMsg', l: 'skLookup', r: 'skReuseport',
  d: 'cgroupDevice', y: 'cgroupSysctl', o: 'cgroupSockopt', e: 'perfEvent', N: 'netfilter',
}

/** Whether an access list allows `size` bytes at `at` of the field. */
const listAllows = (list: readonly string[], at: number, size: number, fieldSize: number): boolean =>
  list.some((word) => {
    const [bytes, place] = word.split('@') as [string, string | undefined]
    if (place !== undefined && place !== 'a') return size === Number(bytes) && at === Number(place)
    if (at % size !== 0 || at + size > fieldSize) return false
    return word === 'narrow' ? size < Math.min(fieldSize, 8) : Number(bytes.replace('a', '')) === size
  })

/** Two bytes of padding follow the port of a socket look-up, and may be read. */
const isPortPadding = (field: ContextField, at: number, size: number): boolean =>
  field.name === 'remote_port' && field.size === 2 && at >= 2 && at + size <= 4 && size <= 2 && at % size === 0

export const findField = (
  fields: readonly ContextField[], off: number, size: number, write: boolean, attach: string,
  isThere: (field: string) => boolean = () => true,
): ContextField | null =>
  fields.find((field) =>
    off >= field.offset && (field.attachTypes.length === 0 || field.attachTypes.includes(attach)) &&
      isThere(field.name) &&
    (listAllows(write ? field.writes : field.reads, off - field.offset, size, field.size) ||
      (!write && isPortPadding(field, off - field.offset, size)))) ?? null

const results: Readonly<Record<string, number>> = {
  packet: PTR_TO_PACKET, packet_end: PTR_TO_PACKET_END, packet_meta: PTR_TO_PACKET_META, flow_keys: PTR_TO_FLOW_KEYS,
  socket: PTR_TO_SOCKET, sock_common: PTR_TO_SOCK_COMMON, tp_buffer: PTR_TO_TP_BUFFER,
}

const unknown = (): Reg => scalar(UNKNOWN)

/** What a load of the field gives: null for a kind that is not known. */
const resultOf = (session: Session, result: string): Reg | null => {
  if (result === 'scalar') return unknown()
  const nullable = result.endsWith('?')
  const word = nullable ? result.slice(0, -1) : result
  if (word.startsWith('btf')) {
    const name = word.slice(word.indexOf(':') + 1)
    const btfId = session.kernelBtf?.find(name, 'struct') ?? 0
    return btfId === 0 ? null : btfPointer(session, btfId, word.includes('trusted') ? TRUSTED : 0)
  }
  const type = ownValue(results, word)
  if (type === undefined) return null
  const reg = pointer(type | (nullable ? MAYBE_NULL : 0))
  if (nullable) reg.id = session.newId()
  return reg
}

const btfPointer = (session: Session, btfId: number, flags: number): Reg => {
  const reg = pointer(PTR_TO_BTF_ID | flags)
  reg.btf = session.kernelBtf
  reg.btfId = btfId
  if ((flags & MAYBE_NULL) !== 0) reg.id = session.newId()
  return reg
}

const say = (session: Session, text: string): null => {
  session.say(text)
  return null
}

/** No wider than a register. */
const isSmallInt = (type: BtfType): boolean => type.kind === 'int' && type.size <= 8

/** The value a program finds after the arguments: what the function returned. */
const returnValue = (session: Session, index: number): number | null => {
  const { target, program } = session
  switch (program.expectedAttachType) {
    case ATTACH_LSM_MAC:
    case ATTACH_LSM_CGROUP:
    case ATTACH_FEXIT:
      return target!.returns
    case ATTACH_MODIFY_RETURN:
      if (isSmallInt(session.kernelBtf!.resolved(target!.returns))) return target!.returns
      return say(session, `ret type ${kindText(session.kernelBtf!.resolved(target!.returns))} not allowed for fmod_ret`)
    default:
      return say(session, `func '${target!.name}' doesn't have ${index + 1}-th argument`)
  }
}

/** The register that is loaded may show through. */
const hookResult = (session: Session, range: Range): Reg => {
  const { features } = session.kernel
  const held = features.resultShowsThrough ? session.frame.regs[session.code.dst[session.insn]!]!.num : UNKNOWN
  return checkedReg(session, scalar(withRange(range, held)), 's32_range')
}

/** As `btf_ctx_access`: an argument of the function that the program is attached to. */
const argument = (session: Session, off: number, size: number): Reg | null => {
  const { target, kernelBtf: kernel, program } = session
  if (target === null || kernel === null) return null
  const { name } = target
  if (off % 8 !== 0) return say(session, `func '${name}' offset ${off} is not multiple of 8`)
  const index = argumentIndex(session, off)
  const { params } = target
  if (index > params.length) return say(session, `func '${name}' doesn't have ${index + 1}-th argument`)
  const isResult = index === params.length
  const typeId = isResult ? returnValue(session, index) : params[index]!.type
  if (typeId === null) return null
  const type = kernel.resolved(typeId)
  if (isSmallInt(type) || type.kind === 'enum' || type.kind === 'enum64' || type.kind === 'struct') {
    const range = isResult && program.type === LSM && program.expectedAttachType === ATTACH_LSM_MAC
      ? returnRange(session) : null
    return range === null ? unknown() : hookResult(session, range)
  }
  if (type.kind !== 'ptr') {
    const typeText = type.name === '' ? '(anon)' : type.name
    return say(session,
      `func '${name}' arg${index} '${typeText}' has type ${kindText(type)}. Only pointer access is allowed`)
  }
  if (size !== 8 && session.kernel.features.wholePointers) return say(session, `func '${name}' size ${size} must be 8`)
  return pointerArgument(session, index, off, type.type)
}

/** Arguments of up to 8 bytes take one word, structs by value as many as they fill, and a void result none. */
const argumentIndex = (session: Session, off: number): number => {
  const { params, returns } = session.target!
  const wordsOf = (typeId: number): number => Math.ceil(session.kernelBtf!.size(typeId) / 8) * 8
  let at = 0
  for (const [i, param] of params.entries()) {
    at += wordsOf(param.type)
    if (off < at) return i
  }
  return returns !== 0 && off < at + wordsOf(returns) ? params.length : params.length + 1
}

/** Whether a pointer to that type is a number for the program, which follows it nowhere. */
const isNumberPointer = (session: Session, pointee: number): boolean => {
  const kernel = session.kernelBtf!
  const { structPointersAlone, constVoidPointers, numberPointers } = session.kernel.features
  const { kind } = kernel.resolved(pointee)
  if (structPointersAlone) return kind !== 'struct' && kind !== 'union'
  if (pointee === 0 || (constVoidPointers && kind === 'void')) return true
  if (numberPointers) return kind === 'int'
  const type = kernel.type(pointee)
  const target = type.kind === 'const' ? kernel.type(type.type) : type
  return target.kind === 'int' && target.size === 1
}

const argumentsTrusted = (session: Session): boolean => {
  const { program, target } = session
  if (program.type === LSM) return !hasUntrustedArguments(session.kernel, target!.short)
  if (program.type === STRUCT_OPS) return true
  return program.type === TRACING &&
    (program.expectedAttachType === ATTACH_RAW_TP || program.expectedAttachType === ATTACH_ITER)
}

const pointerArgument = (session: Session, index: number, off: number, pointee: number): Reg | null => {
  const { kernelBtf, program, target } = session
  const kernel = kernelBtf!
  const special = program.expectedAttachType === ATTACH_ITER && program.type === TRACING
    ? ownValue(iteratorArguments, target!.short)?.[index] : undefined
  if (special === 'buf?' || special === 'rdonly_buf?') {
    const reg = pointer(PTR_TO_BUF | MAYBE_NULL | (special === 'rdonly_buf?' ? RDONLY : 0))
    reg.id = session.newId()
    return reg
  }
  if (isNumberPointer(session, pointee)) return unknown()
  let flags = argumentsTrusted(session) ? TRUSTED : 0
  let id = pointee
  if (special !== undefined && special !== '') {
    const [name, ...words] = special.split(' ')
    id = kernel.find(name!, 'struct')
    flags = (words.includes('?') ? MAYBE_NULL : 0) | (words.includes('trusted') ? TRUSTED : 0)
    return id === 0 ? null : btfPointer(session, id, flags)
  }
  if (target!.params[index]?.name.endsWith('__nullable') === true) flags |= MAYBE_NULL
  const marks = program.expectedAttachType === ATTACH_RAW_TP && program.type === TRACING
    ? (Math.floor((ownValue(tracepointArguments, target!.short) ?? 0) / 16 ** index) & 15) : 0
  if ((marks & 1) !== 0) flags |= MAYBE_NULL
  const tag = kernel.type(id)
  if (tag.kind === 'type_tag') flags |= tag.name === 'user' ? USER : tag.name === 'percpu' ? PERCPU : 0
  id = kernel.resolve(id)
  const type = kernel.type(id)
  if (type.kind !== 'struct' && type.kind !== 'union') {
    return say(session, `func '${target!.name}' arg${index} type ${type.kind.toUpperCase()} is not a struct`)
  }
  if (session.log.enabled) {
    session.say(`func '${target!.name}' arg${index} has btf_id ${id} type ${type.kind.toUpperCase()} '${type.name}'`)
  }
  // Congestion control works on TCP sockets alone.
  if (session.letter === 'G' && type.name === 'sock') id = kernel.find('tcp_sock', 'struct')
  if ((marks & 2) !== 0) {
    session.say(`marking pointer arg${index} as scalar as it may encode error`)
    return unknown()
  }
  return off < 0 ? null : btfPointer(session, id, flags)
}

const aligned = (off: number, size: number): boolean => off % size === 0

/** The result of a load at `off`, null if the access is not allowed; for a store any result means yes. */
export const accessContext = (session: Session, off: number, size: number, access: number, signed: boolean): Reg |
  null => {
  const { letter } = session
  const { features } = session.kernel
  const write = access === WRITE
  // the kernel compares the place in a tracepoint's record as an unsigned number, so one before it passes
  if (off < 0 && letter !== 't') return null
  switch (letter) {
    case 'L': case 'C':
      // the arguments are a copy: programs of hooks may write over it
      return argument(session, off, size)
    case 'F': case 'B': case 'I': case 'U': case 'G':
      if (write || off >= 12 * 8) return null
      if (!aligned(off, size)) return null
      return argument(session, off, size)
    case 'P':
      if (write && !features.kprobeRegisterWrites) return null
      return off + size <= 168 && aligned(off, size) ? unknown() : null
    case 't': return !write && (off < 0 || off >= 8) && off < 8192 && aligned(off, size) ? unknown() : null
    case 'R':
      if (write || off + size > 96 || !aligned(off, size)) return null
      if (session.program.type === 24 && off === 0) return size === 8 ? pointer(PTR_TO_TP_BUFFER) : null
      return unknown()
    case 'Y':
      if (off + size > 0xffff || (!features.unalignedSyscallContext && !aligned(off, size))) return null
      if (!write && session.contextEnd < off + size) session.contextEnd = off + size
      if (write && session.contextEnd < off + size) session.contextEnd = off + size
      return unknown()
    default:
  }
  const table = ownValue(tables, letter)
  if (table === undefined) return null
  const field = findField(contextFields[table], off, size, write, attachName(session.program.expectedAttachType),
    (name) => hasContextField(session.kernel.release, table, name))
  if (field === null || (signed && field.noSigned)) return null
  if (!session.hasBpf && letter === 'K' && needsBpf(field.name, write)) return null
  return write ? unknown() : resultOf(session, field.result)
}

/** Of cgroup programs: a loader without CAP_BPF does not read the packet, nor set its time. */
const needsBpf = (name: string, write: boolean): boolean => name.startsWith('data') || (write && name === 'tstamp')

/** The register tables: sockets that are not contexts. */
export const accessSocket = (session: Session, name: ContextName, off: number, size: number): boolean =>
  findField(contextFields[name], off, size, false, '',
    (field) => hasContextField(session.kernel.release, name, field)) !== null

/** Types whose programs write packets. */
export const mayWritePacket = (session: Session): boolean => 'TXxbm'.includes(session.letter) ||
  (session.letter === 'o')
/** Types that read packets directly. */
export const mayReadPacket = (session: Session): boolean => 'TXxbmiu6rfKo'.includes(session.letter)
