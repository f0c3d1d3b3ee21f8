/** Rules that others imply: `all`, changing profiles and hats by /proc. */
import { MS_REMOUNT } from '@lsmkit/abi'
import {
  ALL_NET, allAccesses, DBUS_WORDS, IO_URING_WORDS, MQUEUE_WORDS, PTRACE_WORDS, SIGNAL_WORDS, USERNS_WORDS,
} from './access-words.ts'
import type { AllRule, ClassRule, FileEntry, MountRule } from './ast.ts'
import { ALL_BUT_EXEC, EXEC_INHERIT, FILE_EXEC, FILE_READ, FILE_WRITE, onBothSides } from './file-perms.ts'
import { ALL_FLAGS, REMOUNT_FLAGS } from './mount-flags.ts'
import { MOUNT, PIVOT_ROOT, UMOUNT } from './parse-mount.ts'
import type { Place } from './place.ts'
import { allSockets } from './sockets.ts'

const fileEntry = (place: Place, name: string, perms: number): FileEntry => ({
  place, name, perms, link: null, target: null, subset: false, mode: null, audit: false, priority: 0,
})

/** What a task needs to change its profile or hat: the owner's bits alone, as apparmor_parser has it. */
const procAccess = (place: Place, file: string): FileEntry[] => [
  fileEntry(place, file, FILE_WRITE),
  fileEntry(place, '/sys/module/apparmor/parameters/enabled', FILE_READ),
  fileEntry(place, '/proc/*/attr/apparmor/', FILE_READ),
]

export const changeProfileAccess = (place: Place): FileEntry[] =>
  procAccess(place, '/proc/*/attr/{apparmor/,}{current,exec}')

export const changeHatAccess = (place: Place): FileEntry[] =>
  procAccess(place, '/proc/[0-9]*/attr/{apparmor/,}current')

/** The rules of other classes that `all` stands for. A denial is quiet where `audit` stands, as in apparmor_parser. */
export const rulesOfAll = (rule: AllRule): ClassRule[] => {
  const { place, mode, priority } = rule
  const base = { place, mode, priority, audit: mode === 'deny' ? !rule.audit : rule.audit }
  const mount = (perms: number, flags: number, optionalFlags: number): MountRule => ({
    ...base, kind: 'mount', perms, mountPoint: null, device: null, fsTypes: null, flags: [flags],
    optionalFlags: [optionalFlags],
    transition: null,
  })
  const anyone = { ip: null, ports: null }
  return [
    {
      ...base, audit: mode === 'deny' || rule.audit, kind: 'unix', perms: ALL_NET, type: null, label: null,
      address: null, peerLabel: null,
      peerAddress: null, downgrade: false,
    },
    {
      ...base, kind: 'dbus', perms: allAccesses(DBUS_WORDS), bus: null, name: null, peerLabel: null, path: null,
      interface: null,
      member: null,
    },
    { ...base, kind: 'io_uring', perms: allAccesses(IO_URING_WORDS), label: null },
    { ...base, kind: 'mqueue', perms: allAccesses(MQUEUE_WORDS), type: null, name: null, label: null },
    { ...base, kind: 'ptrace', perms: allAccesses(PTRACE_WORDS), peer: null },
    { ...base, kind: 'signal', perms: allAccesses(SIGNAL_WORDS), signals: [], peer: null },
    { ...base, kind: 'userns', perms: allAccesses(USERNS_WORDS) },
    mount(MOUNT, ALL_FLAGS, ALL_FLAGS), mount(MOUNT, MS_REMOUNT, REMOUNT_FLAGS & ~MS_REMOUNT),
    mount(UMOUNT, ALL_FLAGS, ALL_FLAGS),
    mount(PIVOT_ROOT, ALL_FLAGS, ALL_FLAGS),
    { ...base, kind: 'network', perms: ALL_NET, families: allSockets(), local: anyone, peer: anyone },
  ]
}

/** The file rules that `all` stands for, the later one first: executing ranks below everything else. */
export const filesOfAll = (rule: AllRule): FileEntry[] => {
  const denies = rule.mode === 'deny'
  const exec = FILE_EXEC | (denies ? 0 : EXEC_INHERIT)
  const shared = { mode: rule.mode, audit: denies ? !rule.audit : rule.audit }
  return [
    { ...fileEntry(rule.place, '/{**,}', onBothSides(exec)), ...shared, priority: rule.priority - 2 },
    {
      ...fileEntry(rule.place, '/{**,}', denies ? ALL_BUT_EXEC : onBothSides(ALL_BUT_EXEC)), ...shared,
      priority: rule.priority,
    },
  ]
}
