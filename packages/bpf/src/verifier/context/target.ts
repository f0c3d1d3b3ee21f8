/** The target of a program: the function or hook, its arguments, and whether this program may be there at all. */
import { EINVAL, EOPNOTSUPP } from '@lsmkit/abi'
import type { BtfFuncProto, BtfType } from '../../btf/btf-type.ts'
import type { ProgramSpec } from '../../object/bpf-object.ts'
import { kindText } from '../format.ts'
import type { Features } from '../../kernels/features.ts'
import { knowsAttachType } from '../../kernels/attach-types.ts'
import type { Session } from '../session.ts'
import type { Target } from '../target.ts'
import { iteratorArguments } from './iterators.ts'
import { isDisabledHook, maySleepOn, notHooks } from './lsm-hooks.ts'
import {
  ATTACH_FENTRY, ATTACH_FEXIT, ATTACH_ITER, ATTACH_LSM_CGROUP, ATTACH_LSM_MAC, ATTACH_MODIFY_RETURN, ATTACH_RAW_TP,
  EXT, KPROBE, LSM, STRUCT_OPS, SYSCALL, TRACING,
} from './program-kind.ts'

const LSM_PREFIX = 'bpf_lsm_'
const TRACE_PREFIX = 'btf_trace_'
const ITER_PREFIX = 'bpf_iter_'

/** Functions whose result programs may replace wherever they are; those that may sleep. */
const modifiable = new Set([
  'update_socket_protocol', 'bpf_modify_return_test', 'bpf_modify_return_test2', 'bpf_modify_return_test_tp',
  'bpf_fentry_test1',
])
const sleepableFunctions = new Set(['bpf_fentry_test1'])

/** Functions that errors may be injected into, on a kernel that is built for it: system calls are all of them. */
const takesErrors = (session: Session, name: string): boolean =>
  session.errorInjection && (/^__(x64|ia32|se|do)_sys_/.test(name) || name === 'bpf_fentry_shadow_test')

const noreturnFunctions = new Set([
  'do_exit', 'do_group_exit', 'kthread_complete_and_exit', 'kthread_exit', 'make_task_dead', '__ia32_sys_exit',
  '__ia32_sys_exit_group', '__x64_sys_exit', '__x64_sys_exit_group', '__module_put_and_kthread_exit',
])

/** Functions that a trampoline itself calls. */
const trampolineFunctions = new Set(['migrate_disable', 'migrate_enable', '__rcu_read_lock', '__rcu_read_unlock'])

/** Arguments of a function that programs attach to, and the bytes of the largest. */
const MAX_ARGUMENTS = 12
const LARGEST_ARGUMENT = 16

/** Attach types of which the trampoline keeps the result of the function. */
const trampolineResults = new Set([ATTACH_FEXIT, ATTACH_MODIFY_RETURN, ATTACH_LSM_MAC, ATTACH_LSM_CGROUP])

/** As `can_be_sleepable`: by type, and of tracing and LSM by attach type. */
const canBeSleepable = ({ type, expectedAttachType: attach }: ProgramSpec, features: Features): boolean => {
  if (!features.sleepByAttachType)
    return type === TRACING || type === LSM || (type === KPROBE && features.sleepableProbes)
  if (type === TRACING)
    return attach === ATTACH_FENTRY || attach === ATTACH_FEXIT || attach === ATTACH_MODIFY_RETURN ||
      attach === ATTACH_ITER
  if (type === LSM) return attach !== ATTACH_LSM_CGROUP
  return type === KPROBE || type === STRUCT_OPS
}

const sleepersText = ({ sleepByAttachType, sleepableProbes }: Features): string =>
  sleepByAttachType ? 'fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops'
    : sleepableProbes ? 'fentry/fexit/fmod_ret, lsm, and kprobe/uprobe' : 'fentry/fexit/fmod_ret and lsm'

const functionTarget = (session: Session, id: number): Target => {
  const kernel = session.kernelBtf!
  const type = kernel.type(id)
  const proto = type.kind === 'func' ? kernel.proto(id) : null
  if (proto === null) return session.refuse(`attach_btf_id ${id} is not a function`, -EINVAL)
  checkPrototype(session, type.name, proto)
  const short = type.name.startsWith(LSM_PREFIX) ? type.name.slice(LSM_PREFIX.length)
    : type.name.startsWith(ITER_PREFIX) ? type.name.slice(ITER_PREFIX.length) : type.name
  return { name: type.name, short, params: proto.params, returns: proto.type }
}

/** As `__get_type_size`: what goes in registers; -1 for what a trampoline cannot hand on. */
const registerSize = (type: BtfType): number => {
  switch (type.kind) {
    case 'void': return 0
    case 'ptr': return 8
    case 'int': case 'enum': case 'enum64': case 'struct': return type.size
    default: return -1
  }
}

/** As `btf_distill_func_proto`: a trampoline can be made for the function. */
const checkPrototype = (session: Session, name: string, { params, type, isVariadic }: BtfFuncProto): void => {
  const kernel = session.kernelBtf!
  const unsupported = (what: string): never => session.refuse(`The function ${name} ${what}`, -EINVAL)
  const count = params.length + (isVariadic ? 1 : 0)
  if (count > MAX_ARGUMENTS) unsupported(`has ${count} arguments. Too many.`)
  const result = kernel.resolved(type)
  if (registerSize(result) < 0 || result.kind === 'struct')
    unsupported(`return type ${kindText(result)} is unsupported.`)
  for (const [index, param] of params.entries()) {
    const argument = kernel.resolved(param.type)
    const size = registerSize(argument)
    const isStruct = argument.kind === 'struct' && !session.kernel.features.structArguments
    if (size < 0 || size > LARGEST_ARGUMENT || isStruct)
      unsupported(`arg${index} type ${kindText(argument)} is unsupported.`)
    if (size === 0) unsupported('has malformed void argument.')
  }
  if (isVariadic) unsupported('with variable args is unsupported.')
  if (registerSize(result) > 8 && trampolineResults.has(session.program.expectedAttachType)) {
    session.refuse(`Attach to function ${name} with a >8 byte return value is not supported for this attach type`,
      -EOPNOTSUPP)
  }
}

/** Tracepoints that run where the kernel may sleep. */
const faultable = new Set(['sys_enter', 'sys_exit'])

/** `typedef void (*btf_trace_X)(void *, args)`: the first argument is the tracepoint's own. */
const tracepointTarget = (session: Session, id: number): Target => {
  const kernel = session.kernelBtf!
  const { name, kind } = kernel.type(id)
  if (kind !== 'typedef') session.refuse(`attach_btf_id ${id} is not a typedef`, -EINVAL)
  const proto = kernel.proto(id)
  if (!name.startsWith(TRACE_PREFIX)) session.refuse(`attach_btf_id ${id} points to wrong type name ${name}`, -EINVAL)
  if (proto === null) return session.refuse(`attach_btf_id ${id} is not a tracepoint`, -EINVAL)
  const short = name.slice(TRACE_PREFIX.length)
  if (session.program.sleepable && session.kernel.features.faultableTracepoints && !faultable.has(short))
    session.refuse(`Sleepable program cannot attach to non-faultable tracepoint ${short}`, -EINVAL)
  return { name, short, params: proto.params.slice(1), returns: proto.type }
}

/** Members whose programs may sleep. */
const sleepableMembers = new Set(['bpf_dummy_ops.test_sleepable'])

const structOpsTarget = (session: Session): Target => {
  const { program, kernelBtf: kernel } = session
  if (!session.isGpl) session.refuse('struct ops programs must have a GPL compatible license', -EINVAL)
  const member = kernel!.members(program.attachBtfId)[program.expectedAttachType]
  const struct = kernel!.name(program.attachBtfId)
  if (member === undefined)
    return session.refuse(`attach to invalid member idx ${program.expectedAttachType} of struct ${struct}`, -EINVAL)
  const proto = kernel!.proto(member.type)
  if (proto === null)
    return session.refuse(
    `attach to invalid member ${member.name}(@idx ${program.expectedAttachType}) of struct ${struct}`, -EINVAL)
  const mayAttach = `${struct}.${member.name}` !== 'tcp_congestion_ops.get_info' &&
    (!program.sleepable || sleepableMembers.has(`${struct}.${member.name}`))
  if (!mayAttach) session.refuse(`attach to unsupported member ${member.name} of struct ${struct}`, -EINVAL)
  return { name: member.name, short: member.name, params: proto.params, returns: proto.type }
}

const checkLsm = (session: Session, target: Target): void => {
  const { attachBtfId } = session.program
  if (!session.isGpl) session.refuse('LSM programs must have a GPL compatible license', -EINVAL)
  if (isDisabledHook(session.kernel, target.short))
    session.refuse(`attach_btf_id ${attachBtfId} points to disabled hook ${target.name}`, -EINVAL)
  if (!target.name.startsWith(LSM_PREFIX) || notHooks.has(target.short))
    session.refuse(`attach_btf_id ${attachBtfId} points to wrong type name ${target.name}`, -EINVAL)
}

const checkSleepable = (session: Session, { name, short }: Target): void => {
  const may = session.program.type === LSM
    ? maySleepOn(session.kernel, short) : sleepableFunctions.has(name) || takesErrors(session, name)
  if (!may) session.refuse(`${name} is not sleepable`, -EINVAL)
}

const mayModifyReturn = (session: Session, name: string): boolean =>
  name.startsWith('security_') || modifiable.has(name) || takesErrors(session, name)

/** A function: of the kernel, a nop of a hook, or where the kernel shows an iterator. */
const checkedFunction = (session: Session, id: number): Target => {
  const { type, expectedAttachType: attach, sleepable } = session.program
  const target = functionTarget(session, id)
  if (attach === ATTACH_ITER) {
    const isKnown = target.name.startsWith(ITER_PREFIX) && Object.hasOwn(iteratorArguments, target.short)
    if (!isKnown) session.end(-EINVAL)
    return target
  }
  if (sleepable) checkSleepable(session, target)
  else if (attach === ATTACH_MODIFY_RETURN && !mayModifyReturn(session, target.name))
    session.refuse(`${target.name}() is not modifiable`, -EINVAL)
  if (type === LSM) checkLsm(session, target)
  else if (trampolineFunctions.has(target.name)) session.end(-EINVAL)
  else if ((attach === ATTACH_FEXIT || attach === ATTACH_MODIFY_RETURN) && noreturnFunctions.has(target.name))
    session.refuse('Attaching fexit/fmod_ret to __noreturn functions is rejected.', -EINVAL)
  return target
}

/** BPF_TRACE_FSESSION, where a release has it. */
const ATTACH_SESSION = 58

const functionAttachTypes = new Set(
  [ATTACH_FENTRY, ATTACH_FEXIT, ATTACH_MODIFY_RETURN, ATTACH_LSM_MAC, ATTACH_LSM_CGROUP, ATTACH_ITER, ATTACH_SESSION])

/**
 * Finds the target and checks that the program may attach there, as `check_attach_btf_id`; null for program types that
 * have none.
 */
export const resolveTarget = (session: Session): Target | null => {
  const { program, kernelBtf } = session
  const { type, expectedAttachType: attach, attachBtfId: id, sleepable } = program
  if (type === SYSCALL) {
    if (!sleepable) session.refuse('Syscall programs can only be sleepable', -EINVAL)
    return null
  }
  const { features } = session.kernel
  if (sleepable && !canBeSleepable(program, features))
    session.refuse(`Only ${sleepersText(features)} programs can be sleepable`, -EINVAL)
  if (type === EXT) session.refuse('programs that replace a function are not verified without their target', -EINVAL)
  if (type !== TRACING && type !== LSM && type !== STRUCT_OPS) return null
  if (kernelBtf === null || id === 0) session.refuse('Tracing programs must provide btf_id', -EINVAL)
  if (type === STRUCT_OPS) return structOpsTarget(session)
  if (id < 0 || id >= kernelBtf!.count) session.refuse(`attach_btf_id ${id >>> 0} is invalid`, -EINVAL)
  if (attach === ATTACH_RAW_TP) return tracepointTarget(session, id)
  const isFunction = functionAttachTypes.has(attach) && knowsAttachType(session.kernel.release, attach)
  return isFunction ? checkedFunction(session, id) : session.end(-EINVAL)
}
