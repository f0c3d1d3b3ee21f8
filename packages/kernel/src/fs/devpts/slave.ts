/** The slave end of a pseudo terminal, which programs open as their terminal (drivers/tty/pty.c, tty_io.c). */
import { EBUSY, EIO, EPOLLHUP, EPOLLIN, EPOLLOUT, O_NOCTTY } from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import { bound } from '../../state/bound.ts'
import { copyIn, give } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { fasync_helper, fileOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { fileState, inodeState } from '../../state/vfs/state.ts'
import { isAdmin, job_control, tty_open_proc_set_tty } from './job-control.ts'
import { Pty } from './pty.ts'
import { ptyOf } from './ptys.ts'
import type { Ptys } from './ptys.ts'
import { tty_ioctl } from './tty-ioctl.ts'

const open = (own: Ptys, inode: Inode, file: File): number => {
  const { machine } = own
  const { fs } = inodeState(inode)
  const pty = fs instanceof Pty ? fs : own.controlling(machine.current.task)
  if (pty === null || !pty.masterOpen || pty.locked) return -EIO
  if (pty.exclusive && !isAdmin(machine)) return -EBUSY
  pty.slaves++
  pty.hadSlave = true
  fileState(file).f_op = own.slave_fops
  fileState(file).data = pty
  if ((file.f_flags & O_NOCTTY) === 0) tty_open_proc_set_tty(machine, pty)
  return 0
}

const read = ({ machine }: Ptys, file: File, buf: GuestBytes, off: number, len: number): number => {
  const pty = ptyOf(file)
  const refused = job_control(machine, pty)
  if (refused !== 0) return refused
  const bytes = pty.readSlave(len)
  if (bytes !== null) return give(bytes, buf, off)
  return pty.masterOpen ? machine.sleepUnlessNonblock(file, pty.wait) : 0
}

const write = ({ machine }: Ptys, file: File, buf: GuestBytes, off: number, len: number): number => {
  const pty = ptyOf(file)
  if (!pty.masterOpen) return -EIO
  return pty.writeSlave(copyIn(buf, off, len)) || machine.sleepUnlessNonblock(file, pty.wait)
}

const poll = (file: File): number => {
  const pty = ptyOf(file)
  return (pty.slaveIsReadable ? EPOLLIN : 0) | (pty.outputFull ? 0 : EPOLLOUT) | (pty.masterOpen ? 0 : EPOLLHUP)
}

const ioctl = ({ machine }: Ptys, file: File, cmd: number, arg: unknown): number => {
  const pty = ptyOf(file)
  return pty.masterOpen ? tty_ioctl(machine, pty, false, file, cmd, arg) : -EIO
}

const release = (_inode: Inode, file: File): void => {
  const pty = ptyOf(file)
  pty.slaves--
  pty.wait.wake()
}

export const slaveOperations = (own: Ptys): FileOperations =>
  fileOperations({
    splice: true,
    fasync: fasync_helper,
    ...bound(own, { open, read, write, ioctl }),
    poll,
    poll_queue: (file) => ptyOf(file).wait,
    release,
  })
