/** The calls of a native program of which the arguments decide, and the parts of a policy that change them. */
import {
  CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS, EACCES, ENOSYS,
  EOPNOTSUPP, EPERM, MFD_NOEXEC_SEAL, MSG_FASTOPEN, TIOCLINUX, TIOCSTI,
} from '@lsmkit/abi'
import { pairRule, socketRule } from '@lsmkit/sandbox/policy-parts'
import type { Alternative, ArgumentRule } from '@lsmkit/sandbox/policy-parts'

const NAMESPACES =
  CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET

/** A mask of which some bit is set: one alternative a bit. */
const someBit = (arg: number, mask: number): Alternative[] =>
  Array.from({ length: 32 }, (_, bit) => (1 << bit) >>> 0).filter((bit) => (mask & bit) !== 0)
    .map((bit) => [{ arg, mask: bit, is: bit }])

const CURRENT_PERSONALITY = 0xffff_ffff
const IOPRIO_WHO_PROCESS = 1
/** Flags of files, as `chattr` sets them: FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR. */
const SET_FILE_FLAGS = [0x4008_6602, 0x401c_5820]

/** The parts of a policy that change the filter. */
export interface CallChoice {
  readonly tcp: boolean
  readonly unix: boolean
  readonly udp: boolean
  /** `listen` has entries: without any, no socket may listen. */
  readonly listens: boolean
  /** Modes, owners, times and attributes of files may be changed. */
  readonly attributes: boolean
  /** Extended attributes may be read by paths. */
  readonly attributeReads: boolean
  /** Files and folders may be watched by inotify. */
  readonly fileEvents: boolean
  /** A filter with a listener is put on: programs may not put one of their own before it. */
  readonly listener: boolean
}

/**
 * Calls with paths that Landlock is not asked about. Programs take EOPNOTSUPP as a file system without attributes, and
 * many poll where they may not watch.
 */
export const unaskedCalls = ({ attributeReads, fileEvents }: CallChoice): readonly (readonly [string, number])[] => [
  ...(attributeReads ? [] : READ_ATTRIBUTES.map((call) => [call, EOPNOTSUPP] as const)),
  ...(fileEvents ? [] : [['inotify_add_watch', EACCES] as const]),
]
/** Those by a descriptor read files that the program has opened. */
const READ_ATTRIBUTES = ['getxattr', 'lgetxattr', 'listxattr', 'llistxattr']

/** The calls of which the arguments decide. */
export const argumentRules = (choice: CallChoice): readonly ArgumentRule[] => [
  { call: 'clone', errno: EPERM, refuse: someBit(0, NAMESPACES) },
  socketRule(choice),
  pairRule(choice),
  // TCP Fast Open connects without Landlock being asked
  { call: 'sendto', errno: EACCES, refuse: someBit(3, MSG_FASTOPEN) },
  { call: 'sendmsg', errno: EACCES, refuse: someBit(2, MSG_FASTOPEN) },
  { call: 'sendmmsg', errno: EACCES, refuse: someBit(3, MSG_FASTOPEN) },
  {
    call: 'ioctl', errno: EPERM,
    refuse: [TIOCSTI, TIOCLINUX, ...(choice.attributes ? [] : SET_FILE_FLAGS)].map((is) => [{ arg: 1, is }]),
  },
  // of other processes nothing but their state
  { call: 'prlimit64', errno: EPERM, allow: [[{ arg: 0, is: 0 }], [{ arg: 2, isNull: true }]] },
  ...['sched_setaffinity', 'sched_setattr', 'sched_setparam', 'sched_setscheduler'].map((call) =>
    ({ call, errno: EPERM, allow: [[{ arg: 0, is: 0 }]] })),
  { call: 'setpriority', errno: EPERM, allow: [[{ arg: 0, is: 0 }, { arg: 1, is: 0 }]] },
  { call: 'ioprio_set', errno: EPERM, allow: [[{ arg: 0, is: IOPRIO_WHO_PROCESS }, { arg: 1, is: 0 }]] },
  { call: 'personality', errno: EPERM, allow: [[{ arg: 0, is: 0 }], [{ arg: 0, is: CURRENT_PERSONALITY }]] },
  // a file without a name is beyond all rules of Landlock, so nothing in it may be executed
  { call: 'memfd_create', errno: ENOSYS, allow: [[{ arg: 1, mask: MFD_NOEXEC_SEAL, is: MFD_NOEXEC_SEAL }]] },
  { call: 'seccomp', errno: EPERM, ...(choice.listener ? { allow: [] } : { refuse: [] }) },
]
