/** The kernel releases that a stack may follow, each with the rules that changed from one to the next. */
import { ownValue, SECURE_ALL_BITS, SECURE_ALL_LOCKS } from '@lsmkit/abi'
import { OptionError } from './option-rules.ts'

/** A kernel release whose hooks and rules a stack follows. */
export type Profile = '6.12' | '6.18' | '7.3'

export interface KernelRules {
  /** The full version of the kernel that was asked: uname(2) and /proc/version show it. */
  readonly version: string
  /**
   * The ids that execve compares new ids with to see a change: the old real ids, or (since 6.16) the old effective user
   * id and the groups the process is in. With the latter, real ids that differ still make the new program secure.
   */
  readonly idChange: 'real' | 'effective'
  /** Bits and locks that PR_SET_SECUREBITS knows, as a mask. */
  readonly securebits: number
  /** Those that a process may change without CAP_SETPCAP (since 6.14). */
  readonly unprivilegedSecurebits: number
  /** Calls on attributes read the name before they look for the file (since 6.13; before it, setxattr alone did). */
  readonly xattrNameFirst: boolean
  /** move_mount(2) looks for the target before it looks for the mount to move. */
  readonly moveTargetFirst: boolean
  /** Flags that kexec_file_load(2) knows, as a mask. */
  readonly kexecFileFlags: number
  /** memfd_create(2) asks LSMs for the label of its inode, as of other anonymous inodes (in 7.3, not in 6.18). */
  readonly labelsMemfd: boolean
  /** Has UDP-Lite, which 7.1 took away. */
  readonly udpLite: boolean
  /** The version that landlock_create_ruleset(2) reports. */
  readonly landlockAbi: number
  /** The fixed issues that it reports, as a mask; the stable branch of 6.12 has more of them than 6.18.15. */
  readonly landlockErrata: number
  /**
   * Landlock holds signals of a descriptor back whose owner is a process group, whoever is in it. Without it the
   * group gets them if the process that names it is the newest in it (a fix that 6.18.15 lacks).
   */
  readonly landlockWatchesGroups: boolean
  /**
   * A process that clone3(2) makes in another group lives, whatever cgroup.kill was used on before. Without it
   * (6.18.15) the process dies if its group and that of its parent were killed different numbers of times.
   */
  readonly forksIntoKilledCgroups: boolean
  /** overlayfs has `fsync=`, which says more than `volatile` (a fix that 6.18.15 lacks). */
  readonly overlayFsync: boolean
  /** overlayfs counts the names of an indexed file whose lower file has one name (a fix that 6.18.15 lacks). */
  readonly overlayCountsIndexed: boolean
  /** Sockets have attributes `user.*`, as files and directories do. */
  readonly socketUserXattrs: boolean
  /** Attributes in memory are listed as they were set; backwards by name before. */
  readonly xattrsAsSet: boolean
  /** execve(2) asks for a module `binfmt-…` where no format takes the file (until 6.13). */
  readonly binfmtModules: boolean
  /** acct(2) opens the file once more, on a mount of its own, and asks about that file too. */
  readonly acctOpensTwice: boolean
  /** debugfs makes the mount of tracefs below it as a mount below another, which LSMs are asked about. */
  readonly automountsBelow: boolean
  /**
   * fanotify_mark(2) lets a task mark mounts and file systems that has CAP_SYS_ADMIN over the first user namespace, or
   * over those of the group and of the file system.
   */
  readonly fanotifyOwners: 'initial' | 'own'
  /** fanotify_init(2) and fanotify_mark(2) ask for a capability only where they need one. */
  readonly fanotifyAsksLess: boolean
  /** pivot_root(2) looks for both places before it asks who may mount. */
  readonly pivotLooksFirst: boolean
  /** LSMs are asked about a program of BPF by the verifier, which knows the loader's rights by then; with its token. */
  readonly progLoadInVerifier: boolean
  /** A policy of XFRM that is refused is freed once nobody reads it, and not at once. */
  readonly xfrmRefusedLater: boolean
  /** A tun device without an owner and a group is for those with CAP_NET_ADMIN (a fix that 6.18.15 lacks). */
  readonly tunWithoutOwner: 'administrators' | 'everybody'
  /** A task with CAP_PERFMON may read where the memory of others is (/proc/PID/maps). */
  readonly perfmonReadsMemory: boolean
  /** mq_open(2) and mq_unlink(2) look for the name as any directory is searched, and not for themselves. */
  readonly mqueueSearches: boolean
  /** A network device has files about the port it is on, whatever it is. */
  readonly allShowPorts: boolean
  /** TCP over IPv6 keeps the way it has found to the other side, and labels its flow once. */
  readonly ipv6KeepsRoutes: boolean
  /** SCTP copies the sock for an association that is accepted, and `sk_clone_security` is asked. */
  readonly sctpCopiesSocks: boolean
  /** RTM_NEWLINK asks for CAP_NET_ADMIN over the target's namespace as well, whatever it is to do. */
  readonly newLinkAsksTarget: boolean
  /** A datagram of AF_UNIX takes its room in the send buffer before the socket's peer is looked for (since 6.14). */
  readonly unixRoomFirst: boolean
}

const SECUREBITS = SECURE_ALL_BITS | SECURE_ALL_LOCKS
// EXEC_RESTRICT_FILE 8 and EXEC_DENY_INTERACTIVE 10, with their locks: not in the headers of 6.12.
const EXEC_SECUREBITS = 0xf00

const linux612: KernelRules = {
  version: '6.12.118',
  idChange: 'real',
  securebits: SECUREBITS,
  unprivilegedSecurebits: 0,
  xattrNameFirst: false,
  moveTargetFirst: false,
  kexecFileFlags: 0x0f,
  labelsMemfd: false,
  udpLite: true,
  landlockAbi: 6,
  landlockErrata: 0xf,
  landlockWatchesGroups: true,
  forksIntoKilledCgroups: true,
  overlayFsync: true,
  overlayCountsIndexed: true,
  socketUserXattrs: false,
  xattrsAsSet: false,
  binfmtModules: true,
  acctOpensTwice: false,
  automountsBelow: false,
  fanotifyOwners: 'initial',
  fanotifyAsksLess: false,
  pivotLooksFirst: false,
  progLoadInVerifier: false,
  xfrmRefusedLater: false,
  tunWithoutOwner: 'administrators',
  perfmonReadsMemory: false,
  mqueueSearches: true,
  allShowPorts: true,
  ipv6KeepsRoutes: false,
  sctpCopiesSocks: false,
  newLinkAsksTarget: false,
  unixRoomFirst: false,
}
const linux618: KernelRules = {
  version: '6.18.15',
  idChange: 'effective',
  securebits: SECUREBITS | EXEC_SECUREBITS,
  unprivilegedSecurebits: EXEC_SECUREBITS,
  xattrNameFirst: true,
  moveTargetFirst: true,
  kexecFileFlags: 0x1f,
  labelsMemfd: false,
  udpLite: true,
  landlockAbi: 7,
  landlockErrata: 0x7,
  landlockWatchesGroups: false,
  forksIntoKilledCgroups: false,
  overlayFsync: false,
  overlayCountsIndexed: false,
  socketUserXattrs: false,
  xattrsAsSet: false,
  binfmtModules: false,
  acctOpensTwice: true,
  automountsBelow: true,
  fanotifyOwners: 'own',
  fanotifyAsksLess: false,
  pivotLooksFirst: false,
  progLoadInVerifier: false,
  xfrmRefusedLater: false,
  tunWithoutOwner: 'everybody',
  perfmonReadsMemory: true,
  mqueueSearches: false,
  allShowPorts: false,
  ipv6KeepsRoutes: false,
  sctpCopiesSocks: false,
  newLinkAsksTarget: true,
  unixRoomFirst: true,
}

/** Oldest first; each is written as what it changes of the one before it. */
const byProfile: Readonly<Record<Profile, KernelRules>> = {
  '6.12': linux612,
  '6.18': linux618,
  '7.3': {
    ...linux618, version: '7.3.4', kexecFileFlags: 0x3f, labelsMemfd: true, udpLite: false, landlockAbi: 11,
    landlockErrata: 0xf, landlockWatchesGroups: true, forksIntoKilledCgroups: true, overlayFsync: true,
    overlayCountsIndexed: true, socketUserXattrs: true, xattrsAsSet: true, fanotifyAsksLess: true,
    pivotLooksFirst: true, progLoadInVerifier: true, xfrmRefusedLater: true, tunWithoutOwner: 'administrators',
    ipv6KeepsRoutes: true, sctpCopiesSocks: true,
  },
}

export const profiles = Object.keys(byProfile) as readonly Profile[]

/** The release that is meant where no other is named; only a major version changes it. */
export const DEFAULT_PROFILE = '6.12' satisfies Profile

/** The rules of a release. Throws OptionError (`bad-option`) for one that has none here. */
export const kernelRules = (profile: Profile = DEFAULT_PROFILE): KernelRules => {
  const rules = ownValue(byProfile, profile)
  if (rules !== undefined) return rules
  throw new OptionError('bad-option', `there are no rules of the kernel \`${String(profile)}\``, {
    place: 'profile', hint: `known: ${profiles.join(', ')}`,
  })
}
