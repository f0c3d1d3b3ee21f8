/** The subject of each rule of a kernel release, in words, and the module of a stack that follows it. */
import type { kernelRules } from '@lsmkit/core'

export type RuleName = keyof ReturnType<typeof kernelRules>

interface RuleWords {
  /** A module, or `kernel` for what holds whatever the stack is. */
  readonly of: 'capability' | 'selinux' | 'landlock' | 'kernel'
  readonly words: string
  /** Its value is bits. */
  readonly isMask?: true
}

export const ruleWords: Readonly<Record<RuleName, RuleWords>> = {
  version: { of: 'kernel', words: 'the version that was recorded' },
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
}
