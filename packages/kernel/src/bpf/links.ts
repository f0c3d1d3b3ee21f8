/** Programs are attached to what they were loaded for, by a link or by a descriptor (kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import { CAP_NET_ADMIN, EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM } from '@lsmkit/abi'
import type { Attr } from './attr.ts'
import { CGROUP_TYPES, mayAttachBy, progTypeOf } from './attach-types.ts'
import { cgroup_bpf_prog_attach, cgroup_bpf_prog_detach } from './cgroup-attach.ts'
import { bpf_cgroup_link_release, cgroup_bpf_link_attach, cgroup_bpf_replace } from './cgroup-links.ts'
import { cgroup_bpf_prog_query } from './cgroup-query.ts'
import type { BpfCommands, Command } from './context.ts'
import { CgroupLink, KernelLink } from '../state/bpf/objects.ts'
import type { KernelProg } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { link_new_fd, progOf, mapOf, linkOf } from './descriptors.ts'
import { put_link } from './references.ts'
import { token_capable } from './rights.ts'

/** Attach types of tracing programs that a trampoline carries. */
const TRAMPOLINE: ReadonlySet<number> = new Set([
  abi.BPF_TRACE_FENTRY, abi.BPF_TRACE_FEXIT, abi.BPF_MODIFY_RETURN,
])
/** BPF_PROG_QUERY takes a descriptor of a network namespace or a map of sockets for these. */
const BY_TARGET_FD: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_FLOW_DISSECTOR, abi.BPF_PROG_TYPE_SK_LOOKUP, abi.BPF_PROG_TYPE_SK_MSG,
  abi.BPF_PROG_TYPE_SK_SKB, abi.BPF_PROG_TYPE_LIRC_MODE2,
])
const BASE_FLAGS =
  abi.BPF_F_ALLOW_OVERRIDE | abi.BPF_F_ALLOW_MULTI | abi.BPF_F_REPLACE | abi.BPF_F_PREORDER
const MPROG_FLAGS = abi.BPF_F_REPLACE | abi.BPF_F_BEFORE | abi.BPF_F_AFTER | abi.BPF_F_ID | abi.BPF_F_LINK

/** As `bpf_tracing_prog_attach`: a descriptor of the link, or -errno. */
const tracing = (machine: Machine, prog: KernelProg, targetFd: number, targetId: number, cookie: number): number => {
  const { type, expected_attach_type: attachType } = prog
  const isPlain = type === abi.BPF_PROG_TYPE_LSM
    ? attachType === abi.BPF_LSM_MAC
    : type === abi.BPF_PROG_TYPE_TRACING && TRAMPOLINE.has(attachType)
  // a target other than that of the load is for programs that replace functions of programs
  if (!isPlain || targetFd !== 0 || targetId !== 0) return -EINVAL
  const placed = prog.engine.attach(cookie)
  if (typeof placed === 'number') return placed
  const link = new KernelLink(abi.BPF_LINK_TYPE_TRACING, cookie, prog, placed)
  prog.refs++
  machine.bpfTable.links.add(link)
  const fd = link_new_fd(machine, link, 'bpf_link')
  if (fd < 0) put_link(machine, link)
  return fd
}

/** There are no tracepoints, so no name is found. */
const tracepoint = (): number => -ENOENT

const raw_tracepoint_open: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const prog = progOf(machine, attr.fd('prog_fd'))
  if (typeof prog === 'number') return prog
  const name = attr.pointer('name')
  switch (prog.type) {
    case abi.BPF_PROG_TYPE_TRACING: case abi.BPF_PROG_TYPE_LSM: case abi.BPF_PROG_TYPE_EXT:
      if (name !== null) return -EINVAL
      if (prog.expected_attach_type === abi.BPF_TRACE_RAW_TP && prog.type === abi.BPF_PROG_TYPE_TRACING) {
        return tracepoint()
      }
      return tracing(machine, prog, 0, 0, 0)
    case abi.BPF_PROG_TYPE_RAW_TRACEPOINT: case abi.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
      return name === null ? -abi.EFAULT : tracepoint()
    default:
      return -EINVAL
  }
}

/** 0 if the program may be attached by that type; -EPERM or -EINVAL. */
const checkAttachType = (machine: Machine, prog: KernelProg, attachType: number): number => {
  if (prog.type === abi.BPF_PROG_TYPE_CGROUP_SKB && !token_capable(machine, prog.token, CAP_NET_ADMIN)) return -EPERM
  return mayAttachBy(prog.type, prog.expected_attach_type, attachType) ? 0 : -EINVAL
}

const link_create: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const attachType = attr.number('attach_type')
  if (attachType === abi.BPF_STRUCT_OPS) {
    const map = mapOf(machine, attr.fd('prog_fd'))
    return typeof map === 'number' ? map : -EINVAL
  }
  const prog = progOf(machine, attr.fd('prog_fd'))
  if (typeof prog === 'number') return prog
  const rc = checkAttachType(machine, prog, attachType)
  if (rc !== 0) return rc
  const isTraced = prog.type === abi.BPF_PROG_TYPE_LSM || prog.type === abi.BPF_PROG_TYPE_TRACING
  if (!isTraced) return elsewhere(machine, prog, attr)
  if (attachType !== prog.expected_attach_type) return -EINVAL
  if (attachType === abi.BPF_LSM_CGROUP) return cgroup_bpf_link_attach(machine, attr, prog)
  if (attachType === abi.BPF_TRACE_RAW_TP) return tracepoint()
  if (attachType === abi.BPF_TRACE_ITER) return -EOPNOTSUPP
  return tracing(machine, prog, attr.fd('target_fd'), attr.number('target_btf_id'), attr.number('cookie'))
}

/** Links to devices, sockets and perf events, of which there are no descriptors here. */
const elsewhere = (machine: Machine, prog: KernelProg, attr: Attr): number => {
  if (CGROUP_TYPES.has(prog.type)) return cgroup_bpf_link_attach(machine, attr, prog)
  switch (prog.type) {
    case abi.BPF_PROG_TYPE_SCHED_CLS: return -abi.ENODEV
    case abi.BPF_PROG_TYPE_PERF_EVENT: case abi.BPF_PROG_TYPE_TRACEPOINT: case abi.BPF_PROG_TYPE_KPROBE:
      return attr.number('flags') !== 0 ? -EINVAL : -EBADF
    default: return -EINVAL
  }
}

const link_update: Command = (machine, attr) => {
  const flags = attr.number('flags')
  if (attr.hasTail || (flags & ~abi.BPF_F_REPLACE) !== 0) return -EINVAL
  const link = linkOf(machine, attr.fd('link_fd'))
  if (typeof link === 'number') return link
  const next = progOf(machine, attr.fd('new_prog_fd'))
  if (typeof next === 'number') return next
  let old: KernelProg | null = null
  if ((flags & abi.BPF_F_REPLACE) !== 0) {
    const given = progOf(machine, attr.fd('old_prog_fd'))
    if (typeof given === 'number') return given
    old = given
  } else if (attr.fd('old_prog_fd') !== 0) return -EINVAL
  // links of a trampoline keep their program
  return link instanceof CgroupLink ? cgroup_bpf_replace(machine, link, next, old) : -EINVAL
}

const link_detach: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const link = linkOf(machine, attr.fd('link_fd'))
  if (typeof link === 'number') return link
  if (!(link instanceof CgroupLink)) return -EOPNOTSUPP
  bpf_cgroup_link_release(machine, link)
  return 0
}

const iter_create: Command = (machine, attr) => {
  if (attr.hasTail || attr.number('flags') !== 0) return -EINVAL
  const link = linkOf(machine, attr.fd('link_fd'))
  return typeof link === 'number' ? link : -EINVAL
}

/** Programs of hooks may be for control groups, too. */
const isOfGroups = (type: number): boolean => CGROUP_TYPES.has(type) || type === abi.BPF_PROG_TYPE_LSM

/** Flags that BPF_PROG_ATTACH takes, by type. */
const flagsOf = (type: number): number =>
  type === abi.BPF_PROG_TYPE_SCHED_CLS ? MPROG_FLAGS
    : isOfGroups(type) ? BASE_FLAGS | MPROG_FLAGS : BASE_FLAGS

const prog_attach: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const type = progTypeOf(attr.number('attach_type'))
  if (type === abi.BPF_PROG_TYPE_UNSPEC || (attr.number('attach_flags') & ~flagsOf(type)) !== 0) return -EINVAL
  const isPlain = type !== abi.BPF_PROG_TYPE_SCHED_CLS && !isOfGroups(type)
  if (isPlain && (attr.number('relative_fd') !== 0 || attr.number('expected_revision') !== 0)) return -EINVAL
  const prog = progOf(machine, attr.fd('attach_bpf_fd'))
  if (typeof prog === 'number') return prog
  if (prog.type !== type || checkAttachType(machine, prog, attr.number('attach_type')) !== 0) return -EINVAL
  const isGroup = CGROUP_TYPES.has(type) || prog.expected_attach_type === abi.BPF_LSM_CGROUP
  if (isGroup) return cgroup_bpf_prog_attach(machine, attr, prog)
  switch (type) {
    case abi.BPF_PROG_TYPE_SK_SKB: case abi.BPF_PROG_TYPE_SK_MSG:
      return typeof mapOf(machine, attr.fd('target_fd')) === 'number' ? -EBADF : -EOPNOTSUPP
    case abi.BPF_PROG_TYPE_FLOW_DISSECTOR: return -EOPNOTSUPP
    case abi.BPF_PROG_TYPE_SCHED_CLS: return -abi.ENODEV
    default: return -EINVAL
  }
}

const prog_detach: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const type = progTypeOf(attr.number('attach_type'))
  if (type === abi.BPF_PROG_TYPE_SCHED_CLS) {
    if ((attr.number('attach_flags') & ~MPROG_FLAGS) !== 0) return -EINVAL
    return attr.number('attach_bpf_fd') === 0 ? -abi.ENODEV : -EINVAL
  }
  if (attr.number('attach_flags') !== 0 || attr.number('relative_fd') !== 0) return -EINVAL
  if (isOfGroups(type)) return cgroup_bpf_prog_detach(machine, attr, type)
  return -EINVAL
}

/** Programs attached to control groups. Nothing is ever attached to a device or a network namespace. */
const prog_query: Command = (machine, attr) => {
  if (!token_capable(machine, null, CAP_NET_ADMIN)) return -EPERM
  if (attr.hasTail || (attr.number('query_flags') & ~abi.BPF_F_QUERY_EFFECTIVE) !== 0) return -EINVAL
  const attachType = attr.number('attach_type')
  const type = progTypeOf(attachType)
  if (type === abi.BPF_PROG_TYPE_SCHED_CLS) return -abi.ENODEV
  const isGroup = CGROUP_TYPES.has(type) || attachType === abi.BPF_LSM_CGROUP
  if (isGroup) return cgroup_bpf_prog_query(machine, attr, attachType)
  return BY_TARGET_FD.has(type) ? -EBADF : -EINVAL
}

export const linkCommands: BpfCommands = {
  [abi.BPF_RAW_TRACEPOINT_OPEN]: raw_tracepoint_open, [abi.BPF_LINK_CREATE]: link_create,
  [abi.BPF_LINK_UPDATE]: link_update, [abi.BPF_LINK_DETACH]: link_detach, [abi.BPF_ITER_CREATE]: iter_create,
  [abi.BPF_PROG_ATTACH]: prog_attach, [abi.BPF_PROG_DETACH]: prog_detach, [abi.BPF_PROG_QUERY]: prog_query,
}
