/** Calls of helpers: who may, with what, and what R0 is afterwards. */
import { BPF_F_INNER_MAP, bpfHelperName, EFAULT, EINVAL, ENOTSUPP, ownValue } from '@lsmkit/abi'
import { helperLines } from '../helpers/lookup.ts'
import type { HelperPrototype } from '../helpers/prototypes.ts'
import { sync } from './bounds.ts'
import { FIND_VMA, FOR_EACH_MAP_ELEM, LOOP, TIMER_SET_CALLBACK, USER_RINGBUF_DRAIN } from './callback-calls.ts'
import {
  drainArguments, findVmaArguments, loopArguments, mapElementArguments, mapValueArguments, pushAsyncCallback,
  pushCallback,
} from './callbacks.ts'
import { clearCallerSaved } from './calls.ts'
import { helperAllowed, isAvailable } from './helper-available.ts'
import { TRACING } from './context/program-kind.ts'
import { inRcuSection, isSleepable } from './context/section.ts'
import { unmarkDynptr } from './dynptr.ts'
import { changeRegs } from './each-reg.ts'
import type { CallFacts } from './helper-args.ts'
import { checkArgument, noFacts, parseWord } from './helper-args.ts'
import { toUnsignedNumber } from './i64.ts'
import { checkMapHelper } from './map-compatibility.ts'
import { F_RDONLY_PROG, MAP_ARRAY, MAP_PERCPU_ARRAY, MAP_PROG_ARRAY, MAP_SOCKHASH, MAP_SOCKMAP } from './map.ts'
import { copyNum, isConst, UNKNOWN } from './num.ts'
import { invalidatePackets } from './packets.ts'
import { markPrecise } from './precision.ts'
import { acquireReference, checkLeaks, dropReference, releaseReference } from './refs.ts'
import { Refusal } from './refusal.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, fork, NONE, pointer, scalar } from './reg.ts'
import {
  ALLOC, baseOf, DYNPTR_KIND_SKB, MAYBE_NULL, maybeNull, PERCPU, PTR_TO_BTF_ID, PTR_TO_MAP_VALUE, PTR_TO_MEM,
  PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_TCP_SOCK, RCU, RDONLY, RINGBUF, SCALAR, TRUSTED, typeName,
} from './reg-type.ts'
import { checkedReg } from './registers.ts'
import { checkRange } from './return-code.ts'
import { hookRange } from './context/return-range.ts'
import type { Session } from './session.ts'
import { constantOnStack, isNull, writeStack } from './stack.ts'
import { checkFormat } from './format-string.ts'

const MAX_ERRNO = 4095
/** Processors that programs may see: the largest number a configuration allows. */
const MAX_CPU = 8191

const boundedBySize =
  new Set(['bpf_get_stack', 'bpf_get_task_stack', 'bpf_probe_read_str', 'bpf_probe_read_kernel_str',
    'bpf_probe_read_user_str'])
/** The result is the argument seen as another type: it lives as long. */
const casts = new Set([
  'bpf_tcp_sock', 'bpf_sk_fullsock', 'bpf_skc_to_tcp_sock', 'bpf_skc_to_tcp6_sock', 'bpf_skc_to_udp6_sock',
  'bpf_skc_to_mptcp_sock', 'bpf_skc_to_tcp_timewait_sock', 'bpf_skc_to_tcp_request_sock',
])
const acquirers =
  new Set(['bpf_sk_lookup_tcp', 'bpf_sk_lookup_udp', 'bpf_skc_lookup_tcp', 'bpf_ringbuf_reserve', 'bpf_kptr_xchg'])

const acquires = (facts: CallFacts): boolean =>
  acquirers.has(facts.helper.name) || (facts.helper.name === 'bpf_map_lookup_elem' &&
    (facts.map?.type === MAP_SOCKMAP || facts.map?.type === MAP_SOCKHASH))

const lookUp = (session: Session, id: number): HelperPrototype => {
  const { features, limits } = session.kernel
  if (id < 0 || id >= limits.helpers)
    session.refuse(`invalid func ${helperLines(id).length > 0 ? 'unknown' : bpfHelperName(id)}#${id}`, -EINVAL)
  const helper = helperLines(id).find((line) => isAvailable(session, line))
  if (helper === undefined || (helper.maySleep && !features.sleepingHelpersAsked && !session.program.sleepable)) {
    const what = features.helperTypeMessage ? 'program of this type cannot use helper' : 'unknown func'
    return session.refuse(`${what} ${bpfHelperName(id)}#${id}`, -EINVAL)
  }
  if (helper.gplOnly && !session.isGpl)
    session.refuse('cannot call GPL-restricted function from non-GPL compatible program', -EINVAL)
  if (!helperAllowed(session, helper)) session.refuse('helper call is not allowed in probe', -EINVAL)
  session.helpers.set(id, helper)
  return helper
}

const findHelper = (session: Session, id: number): HelperPrototype => {
  const helper = session.helpers.get(id) ?? lookUp(session, id)
  if (helper.maySleep && !isSleepable(session))
    session.refuse('helper call might sleep in a non-sleepable prog', -EINVAL)
  const { state } = session
  if (state.rcu > 0 && helper.maySleep)
    session.refuse(`sleepable helper ${helper.name}#${id} in rcu_read_lock region`, -EINVAL)
  if (state.preempt > 0 && helper.maySleep)
    session.refuse(`sleepable helper ${helper.name}#${id} in non-preemptible region`, -EINVAL)
  return helper
}

/** Map writes through helpers obey the map's flags. */
const writers = new Set(['bpf_map_update_elem', 'bpf_map_delete_elem', 'bpf_map_push_elem', 'bpf_map_pop_elem'])
const readers =
  new Set(['bpf_map_lookup_elem', 'bpf_map_lookup_percpu_elem', 'bpf_map_peek_elem', 'bpf_for_each_map_elem',
    'bpf_redirect_map'])

const checkMapFlags = (session: Session, facts: CallFacts): void => {
  const { map, helper } = facts
  if (map === null) {
    if (writers.has(helper.name) || readers.has(helper.name))
      session.refuse('kernel subsystem misconfigured verifier', -EINVAL)
    return
  }
  if (writers.has(helper.name) && (map.flags & F_RDONLY_PROG) !== 0) session.refuse('write into map forbidden')
}

const release = (session: Session, facts: CallFacts): void => {
  const { helper, ref } = facts
  const reg = session.frame.regs[facts.releases]!
  let known = true
  if (facts.releasesDynptr) {
    unmarkDynptr(session, reg, (id) => {
      known = releaseReference(session, id)
      return known
    })
  } else if (helper.name === 'bpf_kptr_xchg' && ref !== 0) {
    const inRcu = inRcuSection(session)
    known = dropReference(session, ref)
    changeRegs(session, (other) => {
      if (other.ref !== ref) return other
      if (!inRcu || (other.type & ALLOC) === 0 || (other.type & PERCPU) === 0) return ANY_SCALAR
      const to = fork(other)
      to.ref = 0
      to.type = (to.type & ~ALLOC) | RCU
      return to
    })
  } else if (ref !== 0) known = releaseReference(session, ref)
  else known = isNull(reg)
  if (!known) session.refuse(`func ${helper.name}#${helper.id} reference has not been acquired before`, -EINVAL)
}

const checkTailCall = (session: Session): void => {
  const { state } = session
  if (state.lock !== null) session.refuse('tail_call cannot be used inside bpf_spin_lock-ed region', -EINVAL)
  try {
    checkLeaks(session, false)
  } catch (error) {
    if (error instanceof Refusal) session.say('tail_call would lead to reference leak')
    throw error
  }
  if (state.rcu > 0) session.refuse('tail_call cannot be used inside bpf_rcu_read_lock-ed region', -EINVAL)
  if (state.preempt > 0) session.refuse('tail_call cannot be used inside bpf_preempt_disable-ed region', -EINVAL)
}

/** A loop with one callback and no flags on every path may be compiled in place: then the flags matter. */
const noteInlineLoop = (session: Session, subprog: number): void => {
  const known = session.inlineLoops.get(session.insn)
  if (known !== undefined && (known < 0 || known !== subprog)) {
    if (known >= 0 && isNull(session.frame.regs[4]!)) markPrecise(session, 4)
    session.inlineLoops.set(session.insn, -1)
    return
  }
  const plain = isNull(session.frame.regs[4]!)
  if (plain) markPrecise(session, 4)
  session.inlineLoops.set(session.insn, plain ? subprog : -1)
}

/** The slot of a tail call, where it is one constant that the array has. */
const noteTailCall = (session: Session, facts: CallFacts): void => {
  if (facts.map?.type !== MAP_PROG_ARRAY) session.refuse('kernel subsystem misconfigured verifier', -EINVAL)
  const { num } = session.frame.regs[3]!
  if (session.frame.regs[3]!.type === SCALAR && isConst(num) && num.vh === 0 && num.vl >>> 0 < facts.map.maxEntries)
    markPrecise(session, 3)
}

const runLoop = (session: Session, facts: CallFacts): void => {
  const { frame } = session
  noteInlineLoop(session, facts.subprog)
  if (!session.kernel.features.callbackRounds) return pushCallback(session, facts.subprog, loopArguments)
  markPrecise(session, 1)
  const { num } = frame.regs[1]!
  if (frame.callbackDepth < toUnsignedNumber(num.umaxl, num.umaxh)) {
    pushCallback(session, facts.subprog, loopArguments)
    return
  }
  frame.callbackDepth = 0
  if (session.log.verbose) session.say(`frame${frame.number} bpf_loop iteration limit reached`)
}

/** Only what hangs on a function has one: probes, and tracing programs with a trampoline. */
const checkFunctionAddress = (session: Session, { name, id }: HelperPrototype): void => {
  const { letter, program } = session
  if (letter === 'F' || letter === 'P') return
  session.refuse(program.type === TRACING ? `func ${name}#${id} supported only for fentry/fexit/fmod_ret programs`
    : `func ${name}#${id} not supported for program type ${program.type}`, -ENOTSUPP)
}

const GETSOCKOPT = 21

/** Later kernels hold the value to what callers of the hook or system call can take. */
const checkSetRetval = (session: Session): void => {
  const { letter, target, program } = session
  const reg = session.frame.regs[1]!
  const { setRetvalScalar } = session.kernel.features
  if (setRetvalScalar && reg.type !== SCALAR) session.refuse('R1 is not a scalar', -EINVAL)
  if (letter === 'C' && target?.returns === 0)
    session.refuse("BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!", -EINVAL)
  if (!setRetvalScalar || program.expectedAttachType === GETSOCKOPT) return
  markPrecise(session, 1)
  checkRange(session, reg, hookRange(letter === 'C' ? target!.short : ''), 'At bpf_set_retval', 'R1')
}

/** What single helpers ask beyond their prototype. */
const special = (session: Session, facts: CallFacts): void => {
  const { regs } = session.frame
  const { helper } = facts
  switch (helper.name) {
    case 'bpf_tail_call': return checkTailCall(session)
    case 'bpf_get_local_storage':
      if (!isNull(regs[2]!)) session.refuse("get_local_storage() doesn't support non-zero flags", -EINVAL)
      return markPrecise(session, 2)
    case 'bpf_snprintf': return checkFormat(session)
    case 'bpf_dynptr_from_mem':
      if (regs[1]!.type !== PTR_TO_MAP_VALUE)
        session.refuse(`Unsupported reg type ${typeName(regs[1]!.type)} for bpf_dynptr_from_mem data`)
      return
    case 'bpf_set_retval': return checkSetRetval(session)
    case 'bpf_get_func_ip': return checkFunctionAddress(session, helper)
    default:
  }
  switch (helper.id) {
    case FOR_EACH_MAP_ELEM: return pushCallback(session, facts.subprog, mapElementArguments(session))
    case TIMER_SET_CALLBACK: return pushAsyncCallback(session, facts.subprog, false, mapValueArguments)
    case FIND_VMA: return pushCallback(session, facts.subprog, findVmaArguments(session))
    case USER_RINGBUF_DRAIN: return pushCallback(session, facts.subprog, drainArguments(session))
    case LOOP: return runLoop(session, facts)
  }
}

const plainResults: Readonly<Record<string, number>> = {
  socket: PTR_TO_SOCKET, sock_common: PTR_TO_SOCK_COMMON, tcp_sock: PTR_TO_TCP_SOCK, mem: PTR_TO_MEM,
  ringbuf_mem: PTR_TO_MEM | RINGBUF,
}

/** Per-CPU variables: a struct is followed by type, anything else is memory of its size. */
const perCpuResult = (session: Session, facts: CallFacts, flags: number): Reg => {
  const { percpu } = facts
  const btf = percpu!.btf!
  const type = btf.resolved(percpu!.btfId)
  if (type.kind !== 'struct') {
    const size = btf.size(percpu!.btfId)
    if (size < 0) session.refuse(`unable to resolve the size of type '${type.name}': -22`, -EINVAL)
    const reg = pointer(PTR_TO_MEM | flags)
    reg.size = size
    return reg
  }
  const reg = pointer((percpu!.type & RCU) !== 0 ? PTR_TO_BTF_ID | ALLOC | RCU : PTR_TO_BTF_ID | (flags & ~RDONLY))
  reg.btf = btf
  reg.btfId = type.id
  return reg
}

const btfResult = (session: Session, facts: CallFacts, name: string, flags: number): Reg => {
  const reg = pointer(PTR_TO_BTF_ID | flags)
  const kernel = session.kernelBtf
  if (facts.helper.name === 'bpf_kptr_xchg') {
    const field = facts.kptr!
    reg.btf = field.btf
    reg.btfId = field.btfId
    if (field.btf !== kernel) reg.type |= ALLOC | (field.kind === 'kptr_percpu' ? PERCPU : 0)
  } else {
    reg.btf = kernel
    reg.btfId = kernel?.find(name, 'struct') ?? 0
  }
  if (reg.btfId === 0) session.refuse(`invalid return type of func ${facts.helper.name}#${facts.helper.id}`, -EINVAL)
  return reg
}

const scalarResult = (session: Session, facts: CallFacts): Reg => {
  const { helper, maxSize } = facts
  const isCpu = helper.name === 'bpf_get_smp_processor_id' && session.kernel.features.cpuNumberBounds
  const { taskStackBounds } = session.kernel.features
  const isBounded = boundedBySize.has(helper.name) && (taskStackBounds || helper.name !== 'bpf_get_task_stack')
  if (!isBounded && !isCpu) return ANY_SCALAR
  const num = copyNum(UNKNOWN)
  if (isCpu) {
    num.umaxl = num.u32max = num.smaxl = num.s32max = MAX_CPU
    num.umaxh = num.smaxh = num.sminl = num.sminh = num.s32min = 0
  } else {
    const size = maxSize!.num
    num.smaxl = num.s32max = size.umaxl
    num.smaxh = size.umaxh
    num.sminl = num.s32min = -MAX_ERRNO
    num.sminh = -1
  }
  sync(num)
  return checkedReg(session, scalar(num), 'retval')
}

const resultOf = (session: Session, facts: CallFacts): Reg => {
  const text = facts.helper.returns
  if (text === 'scalar') return scalarResult(session, facts)
  if (text === 'void') return NONE
  const word = parseWord(text.replace('?+', '+').replace('?:', ':').replace(/\?$/, ''))
  const flags = (text.includes('?') ? MAYBE_NULL : 0) | (word.readOnly ? RDONLY : 0) |
    (text.includes('+trusted') ? TRUSTED : 0)
  if (word.kind === 'map_value') {
    const reg = pointer(PTR_TO_MAP_VALUE | flags)
    if (facts.map === null) return session.refuse('kernel subsystem misconfigured verifier', -EINVAL)
    reg.map = facts.map
    reg.uid = facts.uid
    if (flags === 0 && facts.map.record?.has.has('bpf_spin_lock') === true) reg.id = session.newId()
    return reg
  }
  if (word.kind === 'mem_or_btf') return perCpuResult(session, facts, flags)
  if (word.kind === 'btf') return btfResult(session, facts, word.of, flags)
  const type = ownValue(plainResults, word.kind)
  if (type === undefined)
    return session.refuse(`unknown return type ${text} of func ${facts.helper.name}#${facts.helper.id}`, -EFAULT)
  const reg = pointer(type | flags)
  if (baseOf(type) === PTR_TO_MEM) reg.size = facts.memSize
  return reg
}

const withLifetime = (session: Session, facts: CallFacts, result: Reg): Reg => {
  const reg = result === ANY_SCALAR || result === NONE ? result : fork(result)
  const { name } = facts.helper
  if (maybeNull(reg.type)) reg.id = session.newId()
  if (name === 'bpf_dynptr_data') {
    reg.dynptr = facts.dynptr!.id
    reg.ref = facts.dynptr!.ref
  } else if (casts.has(name)) reg.ref = facts.ref
  else if (acquires(facts)) reg.id = reg.ref = acquireReference(session)
  return reg
}

/** Whether the look-up is of an array, with a key that is known and in it: then it finds something. */
const findsEntry = (session: Session, { helper, map }: CallFacts): boolean => {
  if (!session.kernel.features.constantKeyLookups || helper.name !== 'bpf_map_lookup_elem' || map === null) return false
  if ((map.type !== MAP_ARRAY && map.type !== MAP_PERCPU_ARRAY) || (map.flags & BPF_F_INNER_MAP) !== 0) return false
  const key = constantOnStack(session, session.frame.regs[2]!, map.keySize)
  return key !== null && key < map.maxEntries
}

const foundEntry = (session: Session, { map, uid }: CallFacts): Reg => {
  const reg = pointer(PTR_TO_MAP_VALUE)
  reg.map = map
  reg.uid = uid
  if (map!.record?.has.has('bpf_spin_lock') === true) reg.id = session.newId()
  return reg
}

export const callHelper = (session: Session, slot: number): void => {
  const { code, frame } = session
  const helper = findHelper(session, code.imm[slot]!)
  const facts = noFacts(helper)
  for (let number = 1; number <= helper.args.length; number++) checkArgument(session, facts, number)
  checkMapFlags(session, facts)
  if (helper.name === 'bpf_tail_call') noteTailCall(session, facts)
  const { filled } = facts
  for (let i = 0; i < filled.size; i++)
    writeStack(session, frame.regs[filled.number]!, frame.regs[filled.number]!.off + i, 1, -1, null)
  if (facts.releases > 0) release(session, facts)
  special(session, facts)
  const isFound = findsEntry(session, facts)
  const changesPacket = helper.changesPacket ||
    (helper.name === 'bpf_dynptr_write' && facts.dynptr?.kind === DYNPTR_KIND_SKB)
  clearCallerSaved(session, frame)
  frame.regs[0] = isFound ? foundEntry(session, facts) : withLifetime(session, facts, resultOf(session, facts))
  if (facts.map !== null) {
    checkMapHelper(session, facts.map, helper.name, helper.id)
    const known = session.callMaps.get(slot)
    session.callMaps.set(slot, known === undefined || known === facts.map ? facts.map : null)
    if (facts.map.spec.isMasked ?? !session.bypassesSpec) session.maskedCalls.add(slot)
  }
  if (changesPacket) invalidatePackets(session)
}
