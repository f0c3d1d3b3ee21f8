/** Maps, programs and links under names of a bpffs (bpf_obj_pin_user, bpf_obj_get_user of kernel/bpf/inode.c). */
import * as abi from '@lsmkit/abi'
import {
  AT_FDCWD, BPF_F_PATH_FD, BPF_F_RDONLY, BPF_F_WRONLY, EACCES, EINVAL, EPERM, MAY_READ, MAY_WRITE, O_RDONLY,
  O_RDWR, O_WRONLY, S_IFREG,
} from '@lsmkit/abi'
import type { FsStruct, Inode } from '@lsmkit/core'
import type { Bpffs } from './bpffs.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import type { Attr } from './attr.ts'
import type { BpfContext, Command } from './context.ts'
import { fileFlag } from './descriptors.ts'
import { KernelMap, KernelProg } from '../state/bpf/objects.ts'
import { takePinned } from './pinned.ts'
import type { Pinned } from './pinned.ts'

const OBJ_FLAGS = BPF_F_RDONLY | BPF_F_WRONLY

export const pinCommands = ({ lsm, machine, fds }: BpfContext, bpffs: Bpffs) => {
  const { vfs, current } = machine

  /** A map, a program or a link; -EINVAL for any other descriptor, and for none. */
  const pinnable = (fd: number): Pinned | number => {
    const map = fds.mapOf(fd)
    if (typeof map !== 'number') return map
    const prog = fds.progOf(fd)
    if (typeof prog !== 'number') return prog
    const link = fds.linkOf(fd)
    return typeof link === 'number' ? -EINVAL : link
  }

  /** The directory that a path begins at; -EINVAL when one is given that the flags do not tell of. */
  const startOf = (attr: Attr): number => {
    const isGiven = (attr.number('file_flags') & BPF_F_PATH_FD) !== 0
    return isGiven ? attr.fd('path_fd') : AT_FDCWD
  }
  const isStray = (attr: Attr): boolean =>
    (attr.number('file_flags') & BPF_F_PATH_FD) === 0 && attr.number('path_fd') !== 0

  const obj_pin: Command = (attr) => {
    if (attr.hasTail || (attr.number('file_flags') & ~BPF_F_PATH_FD) !== 0 || isStray(attr)) return -EINVAL
    const held = pinnable(attr.fd('bpf_fd'))
    if (typeof held === 'number') return held
    const at = vfs.filename_create(startOf(attr), attr.pointer('pathname'), 0)
    if (typeof at === 'number') return at
    const dir = at.parent.dentry.d_inode as Inode
    if (!bpffs.isDir(dir)) return -EPERM
    const mode = S_IFREG | (0o600 & ~(current.task.fs as FsStruct).umask)
    const rc = lsm.path_mknod.ask(at.parent, at.dentry, mode, 0)
    if (rc !== 0) return rc
    return vfs.vfs_mkobj(at.dentry, mode, () => bpffs.addPinned(dir, at.dentry, mode, held))
  }

  const open = (held: Pinned, flags: number): number => {
    if (held instanceof KernelProg) return fds.prog_new_fd(held)
    if (held instanceof KernelMap) return fds.map_new_fd(held, flags)
    return flags === O_RDWR ? fds.link_new_fd(held) : -EINVAL
  }

  const maskOf = (flags: number): number =>
    flags === O_RDONLY ? MAY_READ : flags === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE

  const obj_get: Command = (attr) => {
    const given = attr.number('file_flags')
    if (attr.hasTail || attr.number('bpf_fd') !== 0 || (given & ~(OBJ_FLAGS | BPF_F_PATH_FD)) !== 0) return -EINVAL
    if (isStray(attr)) return -EINVAL
    const flags = fileFlag(given)
    if (flags < 0) return flags
    const path = vfs.user_path_at(startOf(attr), attr.pointer('pathname'), LOOKUP_FOLLOW)
    if (typeof path === 'number') return path
    const inode = path.dentry.d_inode as Inode
    const rc = vfs.inode_permission(path.mnt.mnt_idmap, inode, maskOf(flags))
    if (rc !== 0) return rc
    const held = bpffs.pinnedOf(inode)
    if (held === null) return -EACCES
    takePinned(held)
    vfs.touch_atime(path.mnt, inode)
    const fd = open(held, flags)
    if (fd < 0) bpffs.putPinned(held)
    return fd
  }

  return { [abi.BPF_OBJ_PIN]: obj_pin, [abi.BPF_OBJ_GET]: obj_get }
}
