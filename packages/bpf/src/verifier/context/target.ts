/** What a program attaches to: the function or hook, its arguments, and whether this program may be there at all. */
import { EINVAL } from '@lsmkit/abi'
import type { Session } from '../session.ts'
import type { Target } from '../target.ts'
import { allHooks, disabledHooks, sleepableHooks } from './lsm-hooks.ts'
import {
  ATTACH_FEXIT, ATTACH_ITER, ATTACH_MODIFY_RETURN, ATTACH_RAW_TP, EXT, LSM, STRUCT_OPS, TRACING,
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
  '__ia32_sys_exit_group', '__x64_sys_exit', '__x64_sys_exit_group',
])

const functionTarget = (session: Session, id: number): Target => {
  const kernel = session.kernelBtf!
  const type = kernel.type(id)
  const proto = kernel.proto(id)
  if (proto === null) return session.refuse(`attach_btf_id ${id} is not a function`, EINVAL)
  const short = type.name.startsWith(LSM_PREFIX) ? type.name.slice(LSM_PREFIX.length)
    : type.name.startsWith(ITER_PREFIX) ? type.name.slice(ITER_PREFIX.length) : type.name
  return { name: type.name, short, params: proto.params, returns: proto.type }
}

/** `typedef void (*btf_trace_X)(void *, args)`: the first argument is the tracepoint's own. */
const tracepointTarget = (session: Session, id: number): Target => {
  const kernel = session.kernelBtf!
  const { name } = kernel.type(id)
  const proto = kernel.proto(id)
  if (!name.startsWith(TRACE_PREFIX)) session.refuse(`attach_btf_id ${id} points to wrong type name ${name}`, EINVAL)
  if (proto === null) return session.refuse(`attach_btf_id ${id} is not a tracepoint`, EINVAL)
  return { name, short: name.slice(TRACE_PREFIX.length), params: proto.params.slice(1), returns: proto.type }
}

/** Members whose programs may sleep. */
const sleepableMembers = new Set(['bpf_dummy_ops.test_sleepable'])

const structOpsTarget = (session: Session): Target => {
  const { program, kernelBtf: kernel } = session
  if (!session.isGpl) session.refuse('struct ops programs must have a GPL compatible license', EINVAL)
  const member = kernel!.members(program.attachBtfId)[program.expectedAttachType]
  const struct = kernel!.name(program.attachBtfId)
  if (member === undefined)
    return session.refuse(`attach to invalid member idx ${program.expectedAttachType} of struct ${struct}`, EINVAL)
  const proto = kernel!.proto(member.type)
  if (proto === null)
    return session.refuse(
    `attach to invalid member ${member.name}(@idx ${program.expectedAttachType}) of struct ${struct}`, EINVAL)
  const mayAttach = `${struct}.${member.name}` !== 'tcp_congestion_ops.get_info' &&
    (!program.sleepable || sleepableMembers.has(`${struct}.${member.name}`))
  if (!mayAttach) session.refuse(`attach to unsupported member ${member.name} of struct ${struct}`, EINVAL)
  return { name: member.name, short: member.name, params: proto.params, returns: proto.type }
}

const checkLsm = (session: Session, target: Target): void => {
  const { attachBtfId } = session.program
  if (!session.isGpl) session.refuse('LSM programs must have a GPL compatible license', EINVAL)
  if (disabledHooks.has(target.short))
    session.refuse(`attach_btf_id ${attachBtfId} points to disabled hook ${target.name}`, EINVAL)
  if (!target.name.startsWith(LSM_PREFIX) || !allHooks.has(target.short))
    session.refuse(`attach_btf_id ${attachBtfId} points to wrong type name ${target.name}`, EINVAL)
}

const checkSleepable = (session: Session, target: Target): void => {
  const { program } = session
  if (!program.sleepable || program.expectedAttachType === ATTACH_ITER || program.type === STRUCT_OPS) return
  const may = program.type === LSM
    ? sleepableHooks.has(target.short) : sleepableFunctions.has(target.name) || takesErrors(session, target.name)
  if (!may) session.refuse(`${target.name} is not sleepable`, EINVAL)
}

const mayModifyReturn = (session: Session, name: string): boolean =>
  name.startsWith('security_') || modifiable.has(name) || takesErrors(session, name)

/** Finds the target and checks that the program may attach there; null for program types that have none. */
export const resolveTarget = (session: Session): Target | null => {
  const { program, kernelBtf } = session
  const { type, expectedAttachType: attach, attachBtfId: id } = program
  if (type === 31) {
    if (!program.sleepable) session.refuse('Syscall programs can only be sleepable', EINVAL)
    return null
  }
  if (program.sleepable && type !== TRACING && type !== LSM && type !== STRUCT_OPS && type !== 2)
    session.refuse('Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable', EINVAL)
  if (type === EXT) session.refuse('programs that replace a function are not verified without their target', EINVAL)
  if (type !== TRACING && type !== LSM && type !== STRUCT_OPS) return null
  if (kernelBtf === null || id === 0) session.refuse('Tracing programs must provide btf_id', EINVAL)
  if (type === STRUCT_OPS) return structOpsTarget(session)
  const target = attach === ATTACH_RAW_TP ? tracepointTarget(session, id) : functionTarget(session, id)
  checkSleepable(session, target)
  if (attach === ATTACH_MODIFY_RETURN && !mayModifyReturn(session, target.name))
    session.refuse(`${target.name}() is not modifiable`, EINVAL)
  if ((attach === ATTACH_FEXIT || attach === ATTACH_MODIFY_RETURN) && noreturnFunctions.has(target.name))
    session.refuse('Attaching fexit/fmod_ret to __noreturn functions is rejected.', EINVAL)
  if (type === LSM) checkLsm(session, target)
  return target
}

