/**
 * System calls that a box answers otherwise than the host: those that need a privilege, which programs of a box never
 * have, and those that reach what a box has for itself and a host shares.
 */
import { syscallTable } from '@lsmkit/abi/syscall-name'

/**
 * `capability`: refused for want of it. `namespace`: refused, because a box has no namespaces of its programs' own.
 * `absent`: a box answers ENOSYS. `shared`: a box lets a program use its own; on a host it would be the user's.
 */
export type CallKind = 'capability' | 'namespace' | 'absent' | 'shared'

export interface CallRow {
  readonly kind: CallKind
  /** The capability that the kernel asks for; null for none. */
  readonly capability: string | null
}

const needing = (capability: string, ...names: readonly string[]): [string, CallRow][] =>
  names.map((name) => [name, { kind: 'capability', capability }])
const others = (kind: CallKind, ...names: readonly string[]): [string, CallRow][] =>
  names.map((name) => [name, { kind, capability: null }])

/** By name. Every other call of the table is an ordinary one. */
export const specialCalls: ReadonlyMap<string, CallRow> = new Map([
  ...needing(
    'CAP_SYS_ADMIN', 'mount', 'umount2', 'pivot_root', 'swapon', 'swapoff', 'sethostname', 'setdomainname', 'quotactl',
    'quotactl_fd', 'fsopen', 'fspick', 'fsmount', 'move_mount', 'mount_setattr',
  ),
  ...needing('CAP_SYS_BOOT', 'reboot', 'kexec_load', 'kexec_file_load'),
  ...needing('CAP_SYS_MODULE', 'init_module', 'finit_module', 'delete_module'),
  ...needing('CAP_SYS_PACCT', 'acct'),
  ...needing('CAP_SYS_TIME', 'settimeofday', 'clock_settime'),
  ...needing('CAP_SYS_RAWIO', 'iopl', 'ioperm'),
  ...needing('CAP_SYS_CHROOT', 'chroot'),
  ...needing('CAP_DAC_READ_SEARCH', 'open_by_handle_at'),
  ...needing('CAP_SYS_TTY_CONFIG', 'vhangup'),
  ...others('namespace', 'unshare', 'setns'),
  ...others('absent', 'io_uring_setup'),
  ...others('shared', 'add_key', 'request_key', 'keyctl', 'userfaultfd', 'bpf', 'perf_event_open'),
])

/** Names of the calls of x86-64, by their numbers. */
export const callNames = (): readonly string[] => syscallTable.entries().map(([name]) => name.slice('SYS_'.length))
