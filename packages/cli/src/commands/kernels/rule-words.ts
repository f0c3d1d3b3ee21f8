/** The subject of each rule of a kernel release, in words, and the module of a stack that follows it. */
import type { kernelRules } from '@lsmkit/core'

export type RuleName = keyof ReturnType<typeof kernelRules>

interface RuleWords {
  /** A module, or `kernel` for what holds whatever the stack is; `release` for its name alone. */
  readonly of: 'capability' | 'selinux' | 'landlock' | 'kernel' | 'release'
  readonly words: string
  /** Its value is bits. */
  readonly isMask?: true
}

export const ruleWords: Readonly<Record<RuleName, RuleWords>> = {
  version: { of: 'release', words: 'the version that was recorded' },
  idChange: { of: 'capability', words: 'ids that execve compares the new ones with, to see a change' },
  securebits: { of: 'capability', words: 'bits that PR_SET_SECUREBITS knows', isMask: true },
  unprivilegedSecurebits: { of: 'capability', words: 'those of them that need no CAP_SETPCAP', isMask: true },
  xattrNameFirst: { of: 'kernel', words: 'calls on attributes read the name before they look for the file' },
  moveTargetFirst: { of: 'kernel', words: 'move_mount looks for the target before the mount' },
  kexecFileFlags: { of: 'kernel', words: 'flags that kexec_file_load knows', isMask: true },
  labelsMemfd: { of: 'selinux', words: 'memfd_create asks for the label of its file' },
  udpLite: { of: 'kernel', words: 'there is UDP-Lite' },
  landlockAbi: { of: 'landlock', words: 'the ABI' },
  landlockErrata: { of: 'landlock', words: 'errata that are mended', isMask: true },
  landlockWatchesGroups: { of: 'landlock', words: 'signals of a descriptor to a process group are held back' },
  forksIntoKilledCgroups: { of: 'kernel', words: 'what clone3 makes in a group lives, though the group was killed' },
  overlayFsync: { of: 'kernel', words: 'overlayfs has fsync=' },
  overlayCountsIndexed: { of: 'kernel', words: 'overlayfs counts the names of indexed files' },
  socketUserXattrs: { of: 'kernel', words: 'sockets have attributes user.*' },
  xattrsAsSet: { of: 'kernel', words: 'attributes in memory are listed as they were set' },
  binfmtModules: { of: 'kernel', words: 'execve asks for a module where no format takes a file' },
  acctOpensTwice: { of: 'kernel', words: 'acct opens the file once more for itself' },
  automountsBelow: { of: 'kernel', words: 'debugfs asks about tracefs as about a mount below another' },
  fanotifyOwners: { of: 'kernel', words: 'where a task with CAP_SYS_ADMIN may mark mounts and file systems' },
  fanotifyAsksLess: { of: 'kernel', words: 'fanotify asks for a capability only where it needs one' },
  pivotLooksFirst: { of: 'kernel', words: 'pivot_root finds both places before it asks who may mount' },
  progLoadInVerifier: { of: 'kernel', words: 'bpf_prog_load is asked by the verifier, with the token' },
  xfrmRefusedLater: { of: 'kernel', words: 'a refused policy of XFRM is freed once nobody reads it' },
  tunWithoutOwner: { of: 'kernel', words: 'who may open a tun device that has no owner and no group' },
  perfmonReadsMemory: { of: 'kernel', words: 'CAP_PERFMON lets a process read the memory map of others' },
  mqueueSearches: { of: 'kernel', words: 'mq_open and mq_unlink need permission to search' },
  allShowPorts: { of: 'kernel', words: 'sysfs has files about the port of every network device' },
  ipv6KeepsRoutes: { of: 'kernel', words: 'TCP over IPv6 labels the flow of a connection once' },
  sctpCopiesSocks: { of: 'kernel', words: 'an accepted association of SCTP is a copy of its sock' },
  unixRoomFirst: { of: 'kernel', words: 'a datagram of AF_UNIX takes its room before its peer is looked for' },
  newLinkAsksTarget: { of: 'kernel', words: 'RTM_NEWLINK asks for CAP_NET_ADMIN over the target as well' },
}
