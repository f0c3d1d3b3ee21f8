/** Which program may call a helper: its type, its attach type, and conditions of single helpers. */
import { LOCKDOWN_BPF_READ_KERNEL, LOCKDOWN_BPF_WRITE_USER, ownValue } from '@lsmkit/abi'
import type { HelperPrototype } from '../helpers/prototypes.ts'
import { isWithin } from '../kernels/releases.ts'
import { earlySocketHooks, lockedSocketHooks, maySleepOn } from './context/lsm-hooks.ts'
import { attachName } from './context/program-kind.ts'
import type { Session } from './session.ts'

const conditions: Readonly<Record<string, (session: Session, attach: string) => boolean>> = {
  CAP_BPF: ({ hasBpf }) => hasBpf,
  CAP_PERFMON: ({ hasPerfmon }) => hasPerfmon,
  LOCKDOWN_READ: ({ lockedDown }) => lockedDown(LOCKDOWN_BPF_READ_KERNEL) >= 0,
  LOCKDOWN_WRITE: ({ lockedDown }) => lockedDown(LOCKDOWN_BPF_WRITE_USER) >= 0,
  PERFMON_READ: ({ hasPerfmon, lockedDown }) => hasPerfmon && lockedDown(LOCKDOWN_BPF_READ_KERNEL) >= 0,
  ERROR_INJECTION: ({ errorInjection }) => errorInjection,
  SETSOCKOPT: (_, attach) => attach === 'SETSOCKOPT',
  NOT_RELEASE: ({ target }) => target?.short !== 'release',
  LOCKED_HOOK: ({ target }) => lockedSocketHooks.has(target?.short ?? ''),
  EARLY_HOOK: ({ target }) => earlySocketHooks.has(target?.short ?? ''),
  SOCK_ADDR_OPT: ({ kernel }, attach) => (kernel.features.addressSocketOptions
    ? /^INET[46]_(BIND|CONNECT|GETPEERNAME|GETSOCKNAME)$|^UNIX_(CONNECT|SENDMSG|RECVMSG)$|^UDP[46]_(SENDMSG|RECVMSG)$/
    : /^INET[46]_CONNECT$/).test(attach),
  SOCK_CREATE: (_, attach) => attach === 'INET_SOCK_CREATE',
  INET_CONNECT: (_, attach) => attach === 'INET4_CONNECT' || attach === 'INET6_CONNECT',
  NOT_SLEEPABLE: ({ program }) => !program.sleepable,
  SLEEPABLE: ({ program }) => program.sleepable,
  RETVAL: (_, attach) => !/^INET_(INGRESS|EGRESS)$|^SOCK_OPS$|_(RECVMSG|GETPEERNAME|GETSOCKNAME)$/.test(attach),
  ITER_SOCKET: ({ target }) => target?.short === 'tcp' || target?.short === 'udp' || target?.short === 'unix',
  KPROBE_MULTI: (_, attach) => attach === 'KPROBE_MULTI' || attach === 'KPROBE_SESSION',
  UPROBE_MULTI: (_, attach) => attach === 'UPROBE_MULTI',
  KPROBE_SINGLE: (_, attach) => attach === '' || attach === 'INET_INGRESS',
}

export const isAvailable = (session: Session, { programs }: HelperPrototype): boolean => {
  const { letter, kernel: { release } } = session
  const attach = attachName(session.program.expectedAttachType)
  return programs.some(({ letters, condition, releases }) => letters.includes(letter) && isWithin(releases, release) &&
    (condition === '' || (ownValue(conditions, condition)?.(session, attach) ?? false)))
}

/** Functions whose arguments d_path may take. */
const pathFunctions = new Set([
  'security_file_permission', 'security_inode_getattr', 'security_file_open', 'security_path_truncate', 'vfs_truncate',
  'vfs_fallocate', 'dentry_open', 'vfs_getattr', 'filp_close',
])

/** Conditions on what the program is attached to. */
export const helperAllowed = (session: Session, { name }: HelperPrototype): boolean => {
  const { letter, target, program } = session
  const hook = target?.short ?? ''
  switch (name) {
    case 'bpf_d_path':
      if (letter === 'I') return session.kernel.features.pathsOfIterators
      return letter === 'L' || letter === 'C' ? maySleepOn(session.kernel, hook) : pathFunctions.has(target?.name ?? '')
    case 'bpf_ima_inode_hash':
    case 'bpf_ima_file_hash': return maySleepOn(session.kernel, hook)
    case 'bpf_sk_storage_get':
    case 'bpf_sk_storage_delete':
      // such a program hangs on nothing
      if (letter === 'Y') return false
      if (letter === 'F') return program.expectedAttachType !== 26 && !(target?.name ?? '').startsWith('bpf_sk_storage')
      return true
    default: return true
  }
}
