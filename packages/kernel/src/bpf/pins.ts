/** BPF_OBJ_PIN and BPF_OBJ_GET: objects get names of a bpffs, and are opened by them (kernel/bpf/inode.c). */
import * as abi from '@lsmkit/abi'
import {
  AT_FDCWD, BPF_F_PATH_FD, BPF_F_RDONLY, BPF_F_WRONLY, EACCES, EINVAL, EPERM, MAY_READ, MAY_WRITE, O_RDONLY, O_RDWR,
  O_WRONLY, S_IFREG,
} from '@lsmkit/abi'
import type { FsStruct, Inode } from '@lsmkit/core'
import { addPinned, isDir, pinnedOf } from './bpffs.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import type { Attr } from './attr.ts'
import type { BpfCommands, Command } from './context.ts'
import { KernelMap, KernelProg } from '../state/bpf/objects.ts'
import { putPinned, takePinned } from './pinned.ts'
import type { Pinned } from './pinned.ts'
import type { Machine } from '../machine.ts'
import { mapOf, progOf, linkOf, prog_new_fd, map_new_fd, link_new_fd, fileFlag } from './descriptors.ts'

const OBJ_FLAGS = BPF_F_RDONLY | BPF_F_WRONLY

/** The map, program or link behind a descriptor, or -EINVAL. */
const pinnable = (machine: Machine, fd: number): Pinned | number => {
  const map = mapOf(machine, fd)
  if (typeof map !== 'number') return map
  const prog = progOf(machine, fd)
  if (typeof prog !== 'number') return prog
  const link = linkOf(machine, fd)
  return typeof link === 'number' ? -EINVAL : link
}

/** The directory that a path begins at. */
const startOf = (attr: Attr): number => {
  const isGiven = (attr.number('file_flags') & BPF_F_PATH_FD) !== 0
  return isGiven ? attr.fd('path_fd') : AT_FDCWD
}

/** A directory is given, but the flags do not say so. */
const isStray = (attr: Attr): boolean =>
  (attr.number('file_flags') & BPF_F_PATH_FD) === 0 && attr.number('path_fd') !== 0

const obj_pin: Command = (machine, attr) => {
  if (attr.hasTail || (attr.number('file_flags') & ~BPF_F_PATH_FD) !== 0 || isStray(attr)) return -EINVAL
  const held = pinnable(machine, attr.fd('bpf_fd'))
  if (typeof held === 'number') return held
  const at = machine.vfs.filename_create(startOf(attr), attr.pointer('pathname'), 0)
  if (typeof at === 'number') return at
  const dir = at.parent.dentry.d_inode as Inode
  if (!isDir(machine, dir)) return -EPERM
  const mode = S_IFREG | (0o600 & ~(machine.current.task.fs as FsStruct).umask)
  const rc = machine.lsm.path_mknod.ask(at.parent, at.dentry, mode, 0)
  if (rc !== 0) return rc
  return machine.vfs.vfs_mkobj(at.dentry, mode, () => addPinned(machine, dir, at.dentry, mode, held))
}

const open = (machine: Machine, held: Pinned, flags: number): number => {
  if (held instanceof KernelProg) return prog_new_fd(machine, held)
  if (held instanceof KernelMap) return map_new_fd(machine, held, flags)
  return flags === O_RDWR ? link_new_fd(machine, held) : -EINVAL
}

const maskOf = (flags: number): number =>
  flags === O_RDONLY ? MAY_READ : flags === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE

const obj_get: Command = (machine, attr) => {
  const given = attr.number('file_flags')
  if (attr.hasTail || attr.number('bpf_fd') !== 0 || (given & ~(OBJ_FLAGS | BPF_F_PATH_FD)) !== 0) return -EINVAL
  if (isStray(attr)) return -EINVAL
  const flags = fileFlag(given)
  if (flags < 0) return flags
  const path = machine.vfs.user_path_at(startOf(attr), attr.pointer('pathname'), LOOKUP_FOLLOW)
  if (typeof path === 'number') return path
  const inode = path.dentry.d_inode as Inode
  const rc = machine.vfs.inode_permission(path.mnt.mnt_idmap, inode, maskOf(flags))
  if (rc !== 0) return rc
  const held = pinnedOf(inode)
  if (held === null) return -EACCES
  takePinned(held)
  machine.vfs.touch_atime(path.mnt, inode)
  const fd = open(machine, held, flags)
  if (fd < 0) putPinned(machine, held)
  return fd
}

export const pinCommands: BpfCommands = { [abi.BPF_OBJ_PIN]: obj_pin, [abi.BPF_OBJ_GET]: obj_get }
