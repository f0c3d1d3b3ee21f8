/** The filter of a watched program: which calls wait for the watcher's answer, and which are refused at once. */
import {
  CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS, CLONE_PARENT,
  CLONE_THREAD, ENOSYS, EPERM, PR_SET_CHILD_SUBREAPER,
  SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF,
} from '@lsmkit/abi'
import { assembleFilter, callOffsets, filterCodes } from '@lsmkit/sandbox/policy-parts'
import type { LabelledStep } from '@lsmkit/sandbox/policy-parts'
import { auditArch, callNumber } from '../sys/calls.ts'
import type { Arch } from '../sys/calls.ts'
import type { FilterStep } from '../sys/seccomp.ts'

/** `watch`: the kernel decides each call. `mediate`: a stack decides, and the watcher makes most calls itself. */
export type WatchMode = 'watch' | 'mediate'

const { EQUAL, HAS_BITS, JUMP, LOAD, NOT_LESS, RETURN } = filterCodes
const { ARCH, NR, high, low } = callOffsets

/** From this number on calls of x86-64 are those of x32. */
const X32 = 0x40000000

const NEW_NAMESPACES =
  CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET

/** Calls about names, sockets, signals and tracing: the questions that a policy has answers to. */
export const askedCalls: readonly string[] = [
  'open', 'creat', 'openat', 'openat2', 'execve', 'execveat', 'connect', 'bind', 'sendmsg', 'sendmmsg',
  'unlink', 'unlinkat', 'rmdir', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat',
  'mkdir', 'mkdirat', 'mknod', 'mknodat', 'chmod', 'fchmod', 'fchmodat', 'fchmodat2',
  'chown', 'lchown', 'fchown', 'fchownat', 'truncate',
  'setxattr', 'lsetxattr', 'fsetxattr', 'removexattr', 'lremovexattr', 'fremovexattr',
  'mount', 'ptrace', 'kill', 'tkill', 'tgkill', 'pidfd_send_signal',
]

/**
 * A way to files that passes the calls above by; programs do without. A ring that is there already belongs to the
 * launching thread, and no program inherits it.
 */
const absent: readonly string[] = ['io_uring_setup']

/** Ways to other trees, tasks and memory, about which a stack cannot be asked here. */
export const refusedInMediation: readonly string[] = [
  'open_by_handle_at', 'chroot', 'pivot_root', 'unshare', 'setns', 'move_mount', 'open_tree', 'fsopen', 'fsmount',
  'fspick', 'mount_setattr', 'open_tree_attr', 'umount2', 'uselib', 'personality', 'process_vm_readv',
  'process_vm_writev', 'pidfd_getfd', 'userfaultfd', 'bpf', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo',
  'setxattrat', 'removexattrat',
]

/** The same on every processor, and newer than the tables. */
const later: ReadonlyMap<string, number> = new Map([
  ['setxattrat', 463], ['removexattrat', 466], ['open_tree_attr', 467],
])

const numberOf = (arch: Arch, name: string): number | null => callNumber(arch, name) ?? later.get(name) ?? null

const compare = (arch: Arch, calls: readonly string[], yes: string): LabelledStep[] =>
  calls.flatMap((call) => {
    const k = numberOf(arch, call)
    return k === null ? [] : [{ code: EQUAL, k, yes }]
  })

/**
 * A new process is found among the children of its parent, as soon as it is there. Flags of clone3 are memory; the
 * C library falls back to clone. exit_group is not asked about: a signal would make it answer, and then programs trap.
 */
const forMediation = (arch: Arch): LabelledStep[] => [
  ...compare(arch, ['fork', 'vfork'], 'ask'),
  ...compare(arch, refusedInMediation, 'refuse'),
  ...compare(arch, ['clone3'], 'absent'),
  ...compare(arch, ['clone'], 'clone'),
  ...compare(arch, ['prctl'], 'prctl'),
]

/**
 * For SECCOMP_SET_MODE_FILTER with SECCOMP_FILTER_FLAG_NEW_LISTENER. Calls of another interface (32 bits, x32) answer
 * ENOSYS.
 */
export const watchFilter = (arch: Arch, mode: WatchMode): FilterStep[] => assembleFilter([
  { code: LOAD, k: ARCH },
  { code: EQUAL, k: auditArch[arch], no: 'absent' },
  { code: LOAD, k: NR },
  ...(arch === 'x64' ? [{ code: NOT_LESS, k: X32, yes: 'absent' }] : []),
  ...compare(arch, askedCalls, 'ask'),
  ...compare(arch, ['sendto'], 'sendto'),
  ...compare(arch, absent, 'absent'),
  ...(mode === 'mediate' ? forMediation(arch) : []),
  { label: 'allow', code: RETURN, k: SECCOMP_RET_ALLOW },
  // without an address it goes where the socket is connected to
  { label: 'sendto', code: LOAD, k: low(4) },
  { code: EQUAL, k: 0, no: 'ask' },
  { code: LOAD, k: high(4) },
  { code: EQUAL, k: 0, yes: 'go-on', no: 'ask' },
  { label: 'clone', code: LOAD, k: low(0) },
  // a child of somebody else's, or one that somebody else adopts, would be taken for what that one is
  { code: HAS_BITS, k: NEW_NAMESPACES | CLONE_PARENT, yes: 'refuse' },
  { code: HAS_BITS, k: CLONE_THREAD, yes: 'go-on', no: 'ask' },
  { label: 'prctl', code: LOAD, k: low(0) },
  { code: EQUAL, k: PR_SET_CHILD_SUBREAPER, yes: 'refuse', no: 'go-on' },
  { label: 'go-on', code: RETURN, k: SECCOMP_RET_ALLOW },
  { label: 'ask', code: RETURN, k: SECCOMP_RET_USER_NOTIF },
  { label: 'absent', code: RETURN, k: SECCOMP_RET_ERRNO | ENOSYS },
  { label: 'refuse', code: RETURN, k: SECCOMP_RET_ERRNO | EPERM },
])

/** One filter of two: the second one decides each call that the first one allows. */
export const joinFilters = (first: readonly FilterStep[], second: readonly FilterStep[]): FilterStep[] => [
  ...first.map((step, at) => (step.code === RETURN && step.k >>> 0 === SECCOMP_RET_ALLOW
    ? { code: JUMP, jt: 0, jf: 0, k: first.length - at - 1 } : step)),
  ...second,
]
