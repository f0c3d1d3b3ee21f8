/** /dev/ptmx: opening it makes a pseudo terminal, of which the file is the master (drivers/tty/pty.c). */
import {
  DEVPTS_SUPER_MAGIC, EINVAL, EIO, ENODEV, ENOMEM, ENOSPC, EPOLLHUP, EPOLLIN, EPOLLOUT, O_CLOEXEC, S_IFCHR,
  TIOCGPTPEER,
} from '@lsmkit/abi'
import type { Dentry, File, Inode, SuperBlock } from '@lsmkit/core'
import { bound } from '../../state/bound.ts'
import { copyIn, give } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import { fasync_helper, fileOperations, inodeOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { lookup_mnt } from '../../state/vfs/mount.ts'
import { fileState } from '../../state/vfs/state.ts'
import { hangUp, signalGroup } from './job-control.ts'
import type { Pty } from './pty.ts'
import { mountOf, ptyOf } from './ptys.ts'
import type { Ptys } from './ptys.ts'
import { tty_ioctl } from './tty-ioctl.ts'

export const deviceInode = inodeOperations({})

/** The devpts of a ptmx node: its own, or the one mounted on `pts` beside it (`devpts_mntget`). */
const superOf = ({ mnt, dentry }: File['f_path']): SuperBlock | null => {
  if (dentry.d_sb.s_magic === DEVPTS_SUPER_MAGIC) return dentry.d_sb
  const pts = dentry.d_parent?.d_children?.get('pts')
  const mounted = pts === undefined ? null : lookup_mnt(mnt, pts)
  return mounted !== null && mounted.mnt_sb.s_magic === DEVPTS_SUPER_MAGIC ? mounted.mnt_sb : null
}

/** Adds the slave's name, which belongs to the caller. */
const devpts_pty_new = ({ machine, slave_fops }: Ptys, sb: SuperBlock, pty: Pty): Dentry | number => {
  const { vfs, current } = machine
  const { options, ptys } = mountOf(sb)
  const inode = vfs.new_inode(sb, S_IFCHR | options.mode, deviceInode, slave_fops, pty)
  if (inode === null) return -ENOSPC
  inode.i_rdev = pty.dev
  inode.i_uid = options.uid ?? current.task.cred.fsuid
  inode.i_gid = options.gid ?? current.task.cred.fsgid
  const dentry = vfs.d_alloc(sb.s_root!, String(pty.index))
  vfs.d_add(dentry, inode)
  ptys.set(pty.index, { pty, dentry })
  return dentry
}

const devpts_pty_kill = (own: Ptys, sb: SuperBlock, pty: Pty): void => {
  own.remove(pty)
  const { ptys } = mountOf(sb)
  const entry = ptys.get(pty.index)
  ptys.delete(pty.index)
  if (entry !== undefined) own.machine.vfs.d_drop(entry.dentry)
}

/** Opens the slave by its master, whatever path leads to it. */
const ptm_open_peer = ({ machine }: Ptys, file: File, pty: Pty, flags: number): number => {
  const sb = superOf(file.f_path)
  const entry = sb === null ? undefined : mountOf(sb).ptys.get(pty.index)
  if (entry === undefined) return -EIO
  const path = { mnt: file.f_path.mnt, dentry: entry.dentry }
  const open = (): File | number => machine.vfs.dentry_open(path, flags, machine.current.task.cred)
  return machine.vfs.installNew(open, (flags & O_CLOEXEC) !== 0)
}

const open = (own: Ptys, _inode: Inode, file: File): number => {
  const { machine, slave_fops } = own
  const sb = superOf(file.f_path)
  if (sb === null) return -ENODEV
  const { ptys, options } = mountOf(sb)
  if (own.isFull || ptys.size >= options.max) return -ENOSPC
  if (!fileState(file).charge(COST.pty)) return -ENOMEM
  const pty = own.add(({ pgrp }, sig) => signalGroup(machine, pgrp, sig))
  machine.registerChrdev(pty.dev, slave_fops)
  const dentry = devpts_pty_new(own, sb, pty)
  if (typeof dentry === 'number') {
    own.remove(pty)
    return dentry
  }
  fileState(file).data = pty
  return 0
}

const isAlone = ({ hadSlave, slaves }: Pty): boolean => hadSlave && slaves === 0

const read = ({ machine }: Ptys, file: File, buf: GuestBytes, off: number, len: number): number => {
  const pty = ptyOf(file)
  const bytes = pty.readMaster(len)
  if (bytes.length > 0) return give(bytes, buf, off)
  return isAlone(pty) ? -EIO : machine.sleepUnlessNonblock(file, pty.wait)
}

const write = ({ machine }: Ptys, file: File, buf: GuestBytes, off: number, len: number): number =>
  ptyOf(file).writeMaster(copyIn(buf, off, len)) || machine.sleepUnlessNonblock(file, ptyOf(file).wait)

const poll = (file: File): number => {
  const pty = ptyOf(file)
  return (pty.available(true) > 0 ? EPOLLIN : 0) | EPOLLOUT | (isAlone(pty) ? EPOLLHUP : 0)
}

const ioctl = (own: Ptys, file: File, cmd: number, arg: unknown): number => {
  if (cmd === TIOCGPTPEER) return typeof arg === 'number' ? ptm_open_peer(own, file, ptyOf(file), arg) : -EINVAL
  return tty_ioctl(own.machine, ptyOf(file), true, file, cmd, arg)
}

const release = (own: Ptys, _inode: Inode, file: File): void => {
  const pty = ptyOf(file)
  pty.masterOpen = false
  const sb = superOf(file.f_path)
  if (sb !== null) devpts_pty_kill(own, sb, pty)
  hangUp(own.machine, pty)
}

export const ptmxOperations = (own: Ptys): FileOperations =>
  fileOperations({
    splice: true,
    fasync: fasync_helper,
    ...bound(own, { open, read, write, ioctl, release }),
    poll,
    poll_queue: (file) => ptyOf(file).wait,
  })
