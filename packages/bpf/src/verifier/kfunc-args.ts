/** Arguments of kfuncs: what a parameter asks for is read off its type and the suffix of its name. */
import { EACCES, EFAULT, EINVAL, ownValue } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfFuncProto, BtfParam, BtfType } from '../btf/btf-type.ts'
import { isRcu, isTrusted } from './branch.ts'
import { typesMatch } from './btf-access.ts'
import { inTreeCallback } from './callbacks.ts'
import { checkDynptrArgument } from './dynptr-args.ts'
import type { Field } from './fields.ts'
import { fieldAt, fieldsOf } from './fields.ts'
import type { FieldKind } from './fields.ts'
import { checkSizedMemory, isContextPointer, passNull } from './global-args.ts'
import { checkArgumentOffset, checkConstString } from './helper-args.ts'
import { checkSize } from './helper-memory.ts'
import { kindText } from './format.ts'
import { toUnsignedBig, toUnsignedNumber } from './i64.ts'
import type { IteratorPlace } from './iterator.ts'
import { destroyIterator, findIterator, makeIterator } from './iterator.ts'
import type { VerifierMap } from './map.ts'
import { isConst } from './num.ts'
import { markPrecise } from './precision.ts'
import type { Reg } from './reg.ts'
import {
  ALLOC, baseOf, CONST_PTR_TO_DYNPTR, CONST_PTR_TO_MAP, DYNPTR_KIND_SKB, DYNPTR_KIND_XDP, flagsOf, isNonOwning,
  maybeNull,
  NON_OWN_REF, NOT_INIT, PERCPU, PTR_TO_BTF_ID, PTR_TO_CTX, PTR_TO_FUNC, PTR_TO_MAP_VALUE, PTR_TO_SOCK_COMMON,
  PTR_TO_SOCKET, PTR_TO_STACK, PTR_TO_TCP_SOCK, SCALAR, TRUSTED, typeName,
} from './reg-type.ts'
import { readReg } from './registers.ts'
import { Refusal } from './refusal.ts'
import { isNull, READ, WRITE } from './stack.ts'
import type { Session } from './session.ts'
import { isSleepable } from './context/section.ts'

export interface KfuncCall {
  readonly name: string
  readonly flags: ReadonlySet<string>
  readonly proto: BtfFuncProto
  readonly kernel: Btf
  ref: number
  releases: number
  constant: bigint | null
  bufferSize: number
  bufferReadOnly: boolean
  subprog: number
  map: VerifierMap | null
  uid: number
  /** The initialised dynptr. */
  dynptr: Reg | null
  iterator: IteratorPlace | null
  /** Type of an allocated object that was passed. */
  object: Reg | null
  owning: boolean
  /** Field of the list head or tree root. */
  root: Field | null
  contextId: number
}

export type Kind =
  | 'null' | 'map' | 'alloc' | 'btf' | 'ctx' | 'dynptr' | 'iter' | 'list_head' | 'list_node' | 'rb_root' | 'rb_node' |
    'mem' | 'mem_size'
  | 'callback' | 'refcounted' | 'const_str' | 'wq'

/** An argument as the log names it: by its place, or by its register. */
const place = (session: Session, index: number, word = 'arg#'): string =>
  session.kernel.features.argumentsByRegister ? `R${index + 1}` : `${word}${index}`

const refuseArgument = (session: Session, index: number, text: string): never =>
  session.refuse(`${place(session, index)} ${text}`, -EINVAL)

const TRUSTED_FLAGS = ALLOC | TRUSTED | NON_OWN_REF

const structNames: Readonly<Record<string, Kind>> = {
  bpf_dynptr: 'dynptr', bpf_list_head: 'list_head', bpf_list_node: 'list_node', bpf_rb_root: 'rb_root',
  bpf_rb_node: 'rb_node',
}

/** Kernel structs that registers of other kinds stand for. */
const standIns: Readonly<Record<number, string>> = {
  [PTR_TO_SOCKET]: 'sock', [PTR_TO_SOCK_COMMON]: 'sock_common', [PTR_TO_TCP_SOCK]: 'tcp_sock',
  [CONST_PTR_TO_MAP]: 'bpf_map',
}

export const isScalar = ({ kind }: BtfType): boolean => kind === 'int' || kind === 'enum' || kind === 'enum64'

/** A struct that only holds numbers. */
export const isScalarStruct = (session: Session, btf: Btf, typeId: number, depth = 0): boolean => {
  if (depth >= 4) session.refuse('max struct nesting depth exceeded', -EINVAL)
  const type = btf.resolved(typeId)
  if (type.kind !== 'struct' && type.kind !== 'union') return false
  return type.members.every((member) => {
    const inner = btf.resolved(member.type)
    if (inner.kind === 'array') return inner.length > 0 && isScalar(btf.resolved(inner.type))
    return isScalar(inner) || isScalarStruct(session, btf, inner.id, depth + 1)
  })
}

const isSizeOf = (param: BtfParam | undefined, btf: Btf, reg: Reg | undefined): boolean =>
  param !== undefined && /__szk?$/.test(param.name) && isScalar(btf.resolved(param.type)) && reg?.type === SCALAR

const kindOf = (session: Session, call: KfuncCall, index: number, pointee: number): Kind => {
  const { kernel, proto } = call
  const param = proto.params[index]!
  const reg = session.frame.regs[index + 1]!
  const type = kernel.resolved(pointee)
  const named = (suffix: string): boolean => param.name.endsWith(suffix)
  if (call.name === 'bpf_cast_to_kern_ctx' || isContextPointer(session, kernel, pointee)) return 'ctx'
  if (named('__nullable') && isNull(reg)) return 'null'
  if (named('__alloc')) return 'alloc'
  if (named('__refcounted_kptr')) return 'refcounted'
  if (type.kind === 'struct' && ownValue(structNames, type.name) === 'dynptr') return 'dynptr'
  if ((/^bpf_iter_\w+_(new|next|destroy)$/.test(call.name) && index === 0) || named('__iter')) return 'iter'
  if (type.kind === 'struct' && ownValue(structNames, type.name) !== undefined) return ownValue(structNames, type.name)!
  if (named('__str')) return 'const_str'
  if (named('__map')) return 'map'
  if (type.kind === 'struct' && type.name === 'bpf_wq') return 'wq'
  const base = baseOf(reg.type)
  if (base === PTR_TO_BTF_ID || standIns[base] !== undefined) {
    if (type.kind !== 'struct' && type.kind !== 'union')
      session.refuse(`kernel function ${call.name} ${place(session, index, 'args#')} pointer type ${kindText(type)} ` +
        `${type.name} is not supported`, -EINVAL)
    return 'btf'
  }
  if (type.kind === 'func_proto') return 'callback'
  const sized = isSizeOf(proto.params[index + 1], kernel, session.frame.regs[index + 2])
  if (session.kernel.features.kfuncArgsTrusted && type.kind === 'struct' && !sized &&
    !isScalarStruct(session, kernel, type.id))
    refuseArgument(session, index, `is ${typeName(reg.type)} expected ${kindText(type)} ${type.name}`)
  if (!isScalar(type) && !isScalarStruct(session, kernel, type.id) && !(sized && type.kind === 'void'))
    refuseArgument(session, index, `pointer type ${kindText(type)} ${type.name} must point to ` +
      `${sized ? 'void, ' : ''}scalar, or struct with scalar`)
  return sized ? 'mem_size' : 'mem'
}

const checkScalar = (session: Session, call: KfuncCall, param: BtfParam, reg: Reg, number: number): void => {
  if (reg.type !== SCALAR) session.refuse(`R${number} is not a scalar`, -EINVAL)
  const { num } = reg
  if (param.name.endsWith('__k')) {
    if (!isConst(num)) session.refuse(`R${number} must be a known constant`, -EINVAL)
    markPrecise(session, number)
    call.constant = toUnsignedBig(num.vl, num.vh)
  } else if (param.name === 'rdonly_buf_size' || param.name === 'rdwr_buf_size') {
    if (!isConst(num)) session.refuse(`R${number} is not a const`, -EINVAL)
    call.bufferSize = toUnsignedNumber(num.vl, num.vh)
    if (call.bufferSize > 0xffffffff) session.refuse(`R${number} rdonly/rdwr_buf_size exceeds u32 max`, -EINVAL)
    call.bufferReadOnly = param.name === 'rdonly_buf_size'
    markPrecise(session, number)
  }
}

const isNoCastAlias = (a: string, b: string): boolean => a === `${b}___init` || b === `${a}___init`
const projections: Readonly<Record<string, string>> = { __sk_buff: 'sk_buff', xdp_md: 'xdp_buff' }

const checkBtf = (session: Session, call: KfuncCall, reg: Reg, index: number, wanted: BtfType): void => {
  const { kernel } = call
  const base = baseOf(reg.type)
  const standIn = standIns[base]
  const unsafe = (flagsOf(reg.type) & ~TRUSTED_FLAGS) !== 0 && !isRcu(reg)
  if ((base !== PTR_TO_BTF_ID || unsafe) && standIn === undefined) {
    const expected = typeName(base | (reg.type & TRUSTED_FLAGS))
    refuseArgument(session, index, `is ${typeName(reg.type)} expected ${expected} or socket`)
  }
  const btf = base === PTR_TO_BTF_ID ? reg.btf! : kernel
  const btfId = base === PTR_TO_BTF_ID ? reg.btfId : kernel.find(standIn!, 'struct')
  const strict = call.flags.has('RELEASE') || isNoCastAlias(btf.name(btfId), wanted.name)
  if (typesMatch(btf, btfId, reg.off, kernel, wanted.id, strict)) return
  if (ownValue(projections, wanted.name) === btf.name(btfId)) return
  session.refuse(
    `kernel function ${call.name} ${place(session, index, 'args#')} expected pointer to ${kindText(wanted)} ` +
    `${wanted.name} but R${index + 1} has a pointer to ${kindText(btf.type(btfId))} ${btf.name(btfId)}`, -EINVAL)
}

const isLockHeld = (session: Session, reg: Reg): boolean => {
  const { state } = session
  const object = reg.type === PTR_TO_MAP_VALUE ? reg.map : reg.btf
  if (state.lock === null) return false
  if (state.lock === object && state.lockId === reg.id) return true
  session.say('held lock and object are not in the same allocation')
  return false
}

const recordOf = (session: Session, reg: Reg) =>
  reg.type === PTR_TO_MAP_VALUE ? reg.map!.record : fieldsOf(reg.btf!, reg.btfId, session.kernelBtf)

const checkRoot = (session: Session, call: KfuncCall, reg: Reg, index: number, kind: FieldKind): void => {
  if (reg.type !== PTR_TO_MAP_VALUE && reg.type !== (PTR_TO_BTF_ID | ALLOC))
    refuseArgument(session, index, 'expected pointer to map value or allocated object')
  if (reg.type !== PTR_TO_MAP_VALUE && reg.ref === 0) session.refuse('allocated object must be referenced', -EINVAL)
  if (!isConst(reg.num))
    session.refuse(`R${index + 1} doesn't have constant offset. ${kind} has to be at the constant offset`, -EINVAL)
  const record = recordOf(session, reg)
  const off = reg.off + reg.num.vl
  const field = fieldAt(record, off, kind)
  if (field === null) return session.refuse(`${kind} not found at offset=${off}`, -EINVAL)
  if (!isLockHeld(session, reg)) {
    const lock = record!.fields.find((one) => one.kind === 'bpf_spin_lock')
    session.refuse(`bpf_spin_lock at off=${lock?.offset ?? -1} must be held for ${kind}`, -EINVAL)
  }
  call.root = field
}

const checkNode = (
  session: Session, call: KfuncCall, reg: Reg, index: number, kind: FieldKind, rootKind: FieldKind,
): void => {
  if (call.name === 'bpf_rbtree_remove') {
    if (!isNonOwning(reg.type) || reg.ref !== 0)
      session.refuse('rbtree_remove node input must be non-owning ref', -EINVAL)
    if (inTreeCallback(session)) session.refuse('rbtree_remove not allowed in rbtree cb', -EINVAL)
  } else {
    if (reg.type !== (PTR_TO_BTF_ID | ALLOC))
      refuseArgument(session, index, 'expected pointer to allocated object')
    if (reg.ref === 0) session.refuse('allocated object must be referenced', -EINVAL)
  }
  if (!isConst(reg.num))
    session.refuse(`R${index + 1} doesn't have constant offset. ${kind} has to be at the constant offset`, -EINVAL)
  const off = reg.off + reg.num.vl
  if (fieldAt(recordOf(session, reg), off, kind) === null) session.refuse(`${kind} not found at offset=${off}`, -EINVAL)
  const root = call.root!
  const owner = root.btf.name(root.btfId)
  if (reg.btf !== root.btf || reg.btfId !== root.btfId) {
    session.refuse(`operation on ${rootKind} expects arg#1 ${kind} at offset=${root.nodeOffset} in struct ${owner}, ` +
      `but arg is at offset=${off} in struct ${reg.btf!.name(reg.btfId)}`, -EINVAL)
  }
  if (off !== root.nodeOffset)
    session.refuse(`arg#1 offset=${off}, but expected ${kind} at offset=${root.nodeOffset} in struct ${owner}`, -EINVAL)
}

const checkIterator = (session: Session, call: KfuncCall, reg: Reg, number: number, pointee: number): void => {
  const { kernel } = call
  if (call.name === 'bpf_iter_css_task_new' && session.program.type !== 29 && session.letter !== 'I' &&
    !isSleepable(session))
    session.refuse('css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs', -EINVAL)
  if (reg.type !== PTR_TO_STACK) refuseArgument(session, number - 1, 'expected pointer to an iterator on stack')
  const type = kernel.resolved(pointee)
  if (type.kind !== 'struct' || type.size === 0 || type.size % 8 !== 0)
    session.refuse(`expected valid iter pointer as arg #${number - 1}`, -EINVAL)
  if (call.flags.has('ITER_NEW'))
    return makeIterator(session, reg, number, kernel, type.id, call.flags.has('RCU_PROTECTED'))
  call.iterator = findIterator(session, reg, number, kernel, type.id, call.name)
  call.ref = session.state.frames[call.iterator.frame]!.slots[call.iterator.slot]!.ref
  if (call.flags.has('ITER_DESTROY')) destroyIterator(session, call.iterator, (type as { size: number }).size / 8)
}

const checkDynptr = (session: Session, call: KfuncCall, param: BtfParam, reg: Reg, number: number): void => {
  const uninit = param.name.endsWith('__uninit')
  let dynptr = 0
  let cloneRef = 0
  if (call.name === 'bpf_dynptr_from_skb') dynptr = DYNPTR_KIND_SKB
  else if (call.name === 'bpf_dynptr_from_xdp') dynptr = DYNPTR_KIND_XDP
  else if (call.name === 'bpf_dynptr_clone' && uninit) {
    dynptr = call.dynptr!.kind
    cloneRef = call.dynptr!.ref
  }
  const held =
    checkDynptrArgument(session, reg, number, { uninit, readOnly: reg.type === CONST_PTR_TO_DYNPTR, dynptr }, cloneRef)
  if (held !== null) call.dynptr = held
}

const checkAllocated = (session: Session, call: KfuncCall, reg: Reg, index: number): void => {
  if (reg.type === (PTR_TO_BTF_ID | ALLOC)) {
    if (call.name !== 'bpf_obj_drop_impl') refuseArgument(session, index, 'expected for bpf_obj_drop_impl()')
  } else if (reg.type === (PTR_TO_BTF_ID | ALLOC | PERCPU)) {
    if (call.name !== 'bpf_percpu_obj_drop_impl')
      refuseArgument(session, index, 'expected for bpf_percpu_obj_drop_impl()')
  } else refuseArgument(session, index, 'expected pointer to allocated object')
  if (reg.ref === 0) session.refuse('allocated object must be referenced', -EINVAL)
  call.object = reg
}

const checkRefcounted = (session: Session, call: KfuncCall, reg: Reg, index: number): void => {
  if (baseOf(reg.type) !== PTR_TO_BTF_ID || (reg.type & ALLOC) === 0)
    refuseArgument(session, index, 'is neither owning or non-owning ref')
  if (!isNonOwning(reg.type)) call.owning = true
  if (recordOf(session, reg)?.has.has('bpf_refcount') !== true)
    refuseArgument(session, index, `doesn't point to a type with bpf_refcount field`)
  call.object = reg
}

const checkWorkQueue = (session: Session, call: KfuncCall, reg: Reg, index: number): void => {
  if (reg.type !== PTR_TO_MAP_VALUE) refuseArgument(session, index, `doesn't point to a map value`)
  const field = reg.map!.record?.fields.find(({ kind }) => kind === 'bpf_wq')
  const off = reg.off + reg.num.vl
  if (field?.offset !== off)
    session.refuse(`off ${off} doesn't point to 'struct bpf_wq' that is at ${field?.offset ?? -22}`, -EINVAL)
  call.map = reg.map
  call.uid = reg.uid
}

const checkMap = (session: Session, call: KfuncCall, reg: Reg, number: number): void => {
  if (reg.map === null) {
    if (baseOf(reg.type) !== PTR_TO_BTF_ID) session.refuse(`pointer in R${number} isn't map pointer`, -EINVAL)
    return
  }
  if (call.map !== null && reg.map.record?.has.has('bpf_wq') === true && (call.map !== reg.map || call.uid !== reg.uid))
    session.refuse(`workqueue pointer in R1 map_uid=${call.uid} doesn't match map pointer in R2 map_uid=${reg.uid}`,
      -EINVAL)
  call.map = reg.map
  call.uid = reg.uid
}

const checkPair = (session: Session, call: KfuncCall, index: number): void => {
  const { regs } = session.frame
  const number = index + 1
  const buffer = regs[number]!
  const optional = call.proto.params[index]!.name.endsWith('__opt')
  if (!isNull(buffer) || !optional) {
    try {
      const original = buffer
      checkSize(session, number + 1, READ, true, null)
      checkSize(session, number + 1, WRITE, true, null)
      regs[number] = original
    } catch (error) {
      if (error instanceof Refusal)
        session.say(`${place(session, index)} ${place(session, index + 1)} memory, len pair leads to invalid ` +
          'memory access')
      throw error
    }
  }
  readReg(session, number + 1)
  if (!call.proto.params[index + 1]!.name.endsWith('__szk')) return
  const { num } = regs[number + 1]!
  if (!isConst(num)) session.refuse(`R${number + 1} must be a known constant`, -EINVAL)
  call.constant = toUnsignedBig(num.vl, num.vh)
}

const checkTrust = (session: Session, call: KfuncCall, reg: Reg, number: number): void => {
  const trusts = call.flags.has('TRUSTED_ARGS') || call.flags.has('RELEASE') ||
    session.kernel.features.kfuncArgsTrusted
  const rcu = call.flags.has('RCU')
  if ((!trusts && !rcu) || isTrusted(reg)) return
  if (!rcu) session.refuse(`R${number} must be referenced or trusted`, -EINVAL)
  if (!isRcu(reg)) session.refuse(`R${number} must be a rcu pointer`, -EINVAL)
}

/** Struct of the kernel that a program's context is a view of. */
const kernelContexts: Readonly<Record<string, string>> = {
  S: 'sk_buff', T: 'sk_buff', K: 'sk_buff', i: 'sk_buff', u: 'sk_buff', x: 'sk_buff', 6: 'sk_buff', b: 'sk_buff',
  P: 'pt_regs', X: 'xdp_buff', k: 'sock', a: 'bpf_sock_addr_kern', O: 'bpf_sock_ops_kern', m: 'sk_msg',
  f: 'bpf_flow_dissector',
  e: 'bpf_perf_event_data_kern', d: 'bpf_cgroup_dev_ctx', y: 'bpf_sysctl_kern', o: 'bpf_sockopt_kern',
  r: 'sk_reuseport_kern', l: 'bpf_sk_lookup_kern', N: 'bpf_nf_ctx',
}

/** As `get_kern_ctx_btf_id`: the contexts of tracing, LSM and tracepoint programs are no structs. */
const contextStruct = (session: Session, kernel: Btf): number => {
  const name = ownValue(kernelContexts, session.letter)
  if (name === undefined) return session.refuse('kern ctx type id is not a struct', -EINVAL)
  return kernel.find(name, 'struct') ||
    session.refuse(`the kernel's types have no struct ${name}, which bpf_cast_to_kern_ctx gives here`, -EINVAL)
}

const checkPointer = (
  session: Session, call: KfuncCall, index: number, pointee: number, kind: Kind, reg: Reg,
): void => {
  const number = index + 1
  const { kernel } = call
  switch (kind) {
    case 'ctx':
      if (reg.type !== PTR_TO_CTX)
        refuseArgument(session, index, `expected pointer to ctx, but got ${typeName(reg.type)}`)
      if (call.name === 'bpf_cast_to_kern_ctx') {
        call.contextId = contextStruct(session, kernel)
      }
      return
    case 'alloc': return checkAllocated(session, call, reg, index)
    case 'dynptr': return checkDynptr(session, call, call.proto.params[index]!, reg, number)
    case 'iter': return checkIterator(session, call, reg, number, pointee)
    case 'list_head': return checkRoot(session, call, reg, index, 'bpf_list_head')
    case 'rb_root': return checkRoot(session, call, reg, index, 'bpf_rb_root')
    case 'list_node': return checkNode(session, call, reg, index, 'bpf_list_node', 'bpf_list_head')
    case 'rb_node': return checkNode(session, call, reg, index, 'bpf_rb_node', 'bpf_rb_root')
    case 'map': return checkBtf(session, call, reg, index, kernel.type(kernel.find('bpf_map', 'struct')))
    case 'btf': return checkBtf(session, call, reg, index, kernel.resolved(pointee))
    case 'mem': {
      const size = kernel.size(pointee)
      return checkSizedMemory(session, number, size)
    }
    case 'mem_size': return checkPair(session, call, index)
    case 'callback':
      if (reg.type !== PTR_TO_FUNC) session.refuse(`${place(session, index, 'arg')} expected pointer to func`, -EINVAL)
      call.subprog = reg.subprog
      return
    case 'refcounted': return checkRefcounted(session, call, reg, index)
    case 'const_str':
      if (reg.type !== PTR_TO_MAP_VALUE) refuseArgument(session, index, `doesn't point to a const string`)
      return checkConstString(session, reg, number)
    case 'wq': return checkWorkQueue(session, call, reg, index)
    default:
  }
}

const isDynptr = (kernel: Btf, pointee: number): boolean => kernel.name(kernel.resolve(pointee)) === 'bpf_dynptr'

export const checkKfuncArguments = (session: Session, call: KfuncCall): void => {
  const { params } = call.proto
  const { kernel } = call
  const { features } = session.kernel
  if (params.length > 5) session.refuse(`Function ${call.name} has ${params.length} > 5 args`, -EINVAL)
  for (let index = 0; index < params.length; index++) {
    const param = params[index]!
    const number = index + 1
    if (param.name.endsWith('__ign')) continue
    const type = kernel.resolved(param.type)
    if (isScalar(type) && session.frame.regs[number]!.type === NOT_INIT)
      session.refuse(`R${number} is not a scalar`, -EINVAL)
    const reg = session.frame.regs[number]!
    if (isScalar(type)) {
      checkScalar(session, call, param, readReg(session, number), number)
      continue
    }
    if (type.kind !== 'ptr') return session.refuse(`Unrecognized ${place(session, index)} type ${kindText(type)}`,
      -EINVAL)
    const needsObject = call.flags.has('TRUSTED_ARGS') || call.flags.has('RELEASE') || call.flags.has('RCU') ||
      features.kfuncArgsTrusted
    if (needsObject && (isNull(reg) || maybeNull(reg.type)) && !param.name.endsWith('__nullable'))
      session.refuse(`Possibly NULL pointer passed to trusted ${place(session, index, 'arg')}`, -EACCES)
    if (reg.ref !== 0) {
      if (call.flags.has('RELEASE') && call.ref !== 0)
        session.refuse('verifier internal error: more than one arg with ref_obj_id', -EFAULT)
      call.ref = reg.ref
      if (call.flags.has('RELEASE')) call.releases = number
    }
    const isReleased = features.kfuncArgsTrusted && call.flags.has('RELEASE') && index === 0
    if (isReleased && reg.ref === 0 && !isNull(reg) && !isDynptr(kernel, type.type))
      session.refuse(`release kfunc ${call.name} expects referenced PTR_TO_BTF_ID passed to R${number}`, -EINVAL)
    const kind = kindOf(session, call, index, type.type)
    readReg(session, number)
    if (kind === 'null') {
      passNull(session, number)
      continue
    }
    if (kind === 'map') checkMap(session, call, reg, number)
    if (kind === 'map' || kind === 'alloc' || kind === 'btf') checkTrust(session, call, reg, number)
    checkArgumentOffset(session, reg, number, call.flags.has('RELEASE') && reg.ref !== 0, kind === 'dynptr')
    checkPointer(session, call, index, type.type, kind, reg)
    if (kind === 'mem_size') index++
  }
  if (call.flags.has('RELEASE') && call.releases === 0)
    session.refuse(`release kernel function ${call.name} expects refcounted PTR_TO_BTF_ID`, -EINVAL)
}
