/** fcntl(2): flags, duplicates, locks, owners and the rest (fs/fcntl.c). */
import {
  _NSIG, CAP_LEASE, EACCES, EBADF, EFAULT, EINVAL, EPERM, F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_DUPFD_QUERY,
  F_GET_RW_HINT, F_GET_SEALS, F_GETFD, F_GETFL, F_GETLEASE, F_GETLK, F_GETOWN, F_GETOWN_EX, F_GETPIPE_SZ, F_GETSIG,
  F_NOTIFY, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_RDLCK, F_SET_RW_HINT, F_SETFD, F_SETFL, F_SETLEASE, F_SETLK,
  F_SETLKW, F_SETOWN, F_SETOWN_EX, F_SETPIPE_SZ, F_SETSIG, F_UNLCK, F_WRLCK, F_CREATED_QUERY, FD_CLOEXEC,
  FMODE_CAN_ODIRECT, FMODE_CREATED, FMODE_PATH, FMODE_WRITE, O_APPEND, O_DIRECT, O_NOATIME, O_NONBLOCK, PAGE_SIZE,
  S_APPEND, S_IMMUTABLE, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, ENOTDIR, F_OWNER_PID, F_OWNER_TID,
} from '@lsmkit/abi'
import { capable, i_uid_into_vfsuid } from '@lsmkit/core'
import type { File, Inode, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { dup_from, fdLimit, fdTable, fget_raw } from '../state/vfs/fdtable.ts'
import { pipeOf } from '../vfs/pipe.ts'
import type { Pipe } from '../state/vfs/pipe-buffer.ts'
import { FASYNC } from '../state/vfs/open-flags.ts'
import { unwatchDirectory, watchDirectory } from '../vfs/dnotify.ts'
import { fileState, inodeState } from '../state/vfs/state.ts'
import { fcntl_getlk, fcntl_setlk } from './file-locks.ts'
import type { Flock } from './file-locks.ts'

const RWH_WRITE_LIFE_EXTREME = 5
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME
/** Commands that work on an O_PATH descriptor. */
const ON_O_PATH = new Set([F_CREATED_QUERY, F_DUPFD, F_DUPFD_CLOEXEC, F_DUPFD_QUERY, F_GETFD, F_SETFD, F_GETFL])
const FSNOTIFY_OBJ_TYPE_INODE = 0
const DN_MULTISHOT = 0x80000000

/** `struct f_owner_ex`. */
interface OwnerEx {
  type: number
  pid: number
}

const f_dupfd = (machine: Machine, file: File, from: number, cloexec: boolean): number => {
  const { task } = machine.current
  return from < 0 || from >= fdLimit(task) ? -EINVAL : dup_from(task, file, from, cloexec)
}

const setfl = (machine: Machine, file: File, arg: number): number => {
  const inode = file.f_inode
  if (((arg ^ file.f_flags) & O_APPEND) !== 0 && (inode.i_flags & S_APPEND) !== 0) return -EPERM
  if ((arg & O_NOATIME) !== 0 && (file.f_flags & O_NOATIME) === 0) {
    if (!machine.vfs.inode_owner_or_capable(file.f_path.mnt.mnt_idmap, inode)) return -EPERM
  }
  const isFifo = (inode.i_mode & S_IFMT) === S_IFIFO
  if (!isFifo && (arg & O_DIRECT) !== 0 && (file.f_mode & FMODE_CAN_ODIRECT) === 0) return -EINVAL
  const { fasync } = fileState(file).f_op
  let changed = SETFL_MASK
  if (fasync !== null && ((arg ^ file.f_flags) & FASYNC) !== 0) {
    fasync(file, (arg & FASYNC) !== 0)
    changed |= FASYNC
  }
  file.f_flags = (arg & changed) | (file.f_flags & ~changed)
  return 0
}

const pipe_fcntl = (machine: Machine, file: File, cmd: number, arg: number): number => {
  const pipe: Pipe | null = pipeOf(file.f_inode)
  if (pipe === null) return -EBADF
  return cmd === F_GETPIPE_SZ ? pipe.max_usage * PAGE_SIZE : machine.vfs.pipe_set_size(pipe, arg)
}

const fcntl_setlease = (machine: Machine, file: File, type: number): number => {
  const inode = file.f_inode
  if (type !== F_RDLCK && type !== F_WRLCK && type !== F_UNLCK) return -EINVAL
  const uid = i_uid_into_vfsuid(file.f_path.mnt.mnt_idmap, inode)
  if (machine.current.task.cred.fsuid !== uid && !capable(machine.lsm, machine.current, CAP_LEASE)) return -EACCES
  if ((inode.i_mode & S_IFMT) !== S_IFREG) return -EINVAL
  let rc = machine.lsm.file_lock.ask(file, type)
  if (rc !== 0) return rc
  if (type === F_UNLCK) return machine.vfs.generic_delete_lease(file)
  rc = machine.vfs.generic_add_lease(file, type)
  if (rc !== 0) return rc
  const owner = fileState(file).rare?.owner ?? null
  const hasOwner = owner !== null && owner.pid !== null
  if (!hasOwner) machine.vfs.f_setown_ex(file, F_OWNER_PID, machine.tasks.tgidNr(machine.current.task))
  return 0
}

const fcntl_dirnotify = (machine: Machine, file: File, arg: number): number => {
  if ((arg & ~DN_MULTISHOT) === 0) {
    unwatchDirectory(machine, file)
    return 0
  }
  if ((file.f_inode.i_mode & S_IFMT) !== S_IFDIR) return -ENOTDIR
  const rc = machine.lsm.path_notify.ask(file.f_path, arg, FSNOTIFY_OBJ_TYPE_INODE)
  if (rc !== 0) return rc
  watchDirectory(machine, file, arg)
  return machine.vfs.f_setown_ex(file, F_OWNER_PID, machine.tasks.tgidNr(machine.current.task))
}

const ownerCommand = (machine: Machine, file: File, cmd: number, arg: unknown): number => {
  if (cmd === F_SETOWN) return machine.vfs.f_setown(file, arg as number)
  if (cmd === F_GETOWN) return machine.vfs.f_getown(file)
  if (cmd === F_GETSIG) return file.f_owner?.signum ?? 0
  if (cmd === F_SETSIG) {
    if ((arg as number) < 0 || (arg as number) > _NSIG) return -EINVAL
    file.f_owner ??= { pid: 0, uid: 0, euid: 0, signum: 0, file }
    file.f_owner.signum = arg as number
    return 0
  }
  if (arg === null || typeof arg !== 'object') return -EFAULT
  const owner = arg as OwnerEx
  if (cmd === F_SETOWN_EX) return machine.vfs.f_setown_ex(file, owner.type, owner.pid)
  owner.type = fileState(file).rare?.owner?.type ?? F_OWNER_TID
  owner.pid = machine.vfs.ownerNr(file)
  return 0
}

/** Commands that duplicate a descriptor or change its flag. */
const descriptorCommand = (machine: Machine, fd: number, file: File, cmd: number, arg: number): number => {
  const table = fdTable(machine.current.task)
  switch (cmd) {
    case F_DUPFD:
      return f_dupfd(machine, file, arg, false)
    case F_DUPFD_CLOEXEC:
      return f_dupfd(machine, file, arg, true)
    case F_DUPFD_QUERY: {
      const other = table.get(arg)
      return other === null ? -EBADF : other === file ? 1 : 0
    }
    case F_GETFD:
      return table.close_on_exec[fd] === true ? FD_CLOEXEC : 0
    default:
      table.close_on_exec[fd] = (arg & FD_CLOEXEC) !== 0
      return 0
  }
}

/** Sets or gets the hint how long data written to the file will live. The hint has no effect. */
const writeHint = (inode: Inode, cmd: number, hint: Ref<bigint> | null): number => {
  if (cmd === F_SET_RW_HINT && inode.i_flags & S_IMMUTABLE) return -EPERM
  if (typeof hint !== 'object' || hint === null) return -EFAULT
  if (cmd === F_GET_RW_HINT) hint.value = BigInt(inodeState(inode).rare?.write_hint ?? 0)
  else if (hint.value > BigInt(RWH_WRITE_LIFE_EXTREME)) return -EINVAL
  else inodeState(inode).makeRare().write_hint = Number(hint.value)
  return 0
}

const do_fcntl = (machine: Machine, fd: number, file: File, cmd: number, arg: unknown): number => {
  switch (cmd) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_DUPFD_QUERY:
    case F_GETFD:
    case F_SETFD:
      return descriptorCommand(machine, fd, file, cmd, arg as number)
    case F_CREATED_QUERY:
      return (file.f_mode & FMODE_CREATED) !== 0 ? 1 : 0
    case F_GETFL:
      return file.f_flags
    case F_SETFL:
      return setfl(machine, file, arg as number)
    case F_GETLK:
    case F_OFD_GETLK:
      return fcntl_getlk(machine, file, cmd, arg as Flock | null)
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return fcntl_setlk(machine, file, cmd, arg as Flock | null)
    case F_SETOWN:
    case F_GETOWN:
    case F_SETOWN_EX:
    case F_GETOWN_EX:
    case F_SETSIG:
    case F_GETSIG:
      return ownerCommand(machine, file, cmd, arg)
    case F_GETLEASE:
      return machine.vfs.fcntl_getlease(file)
    case F_SETLEASE:
      return fcntl_setlease(machine, file, arg as number)
    case F_NOTIFY:
      return fcntl_dirnotify(machine, file, arg as number)
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
      return pipe_fcntl(machine, file, cmd, arg as number)
    case F_ADD_SEALS:
      if ((file.f_mode & FMODE_WRITE) === 0) return -EPERM
      return fileState(file).f_op.seals?.(file, arg as number) ?? -EINVAL
    case F_GET_SEALS:
      return fileState(file).f_op.seals?.(file, null) ?? -EINVAL
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
      return writeHint(file.f_inode, cmd, arg as Ref<bigint> | null)
    default:
      return -EINVAL
  }
}

/** `arg` is a number, or the struct of the command, which is filled in place. */
const fcntl = (machine: Machine, fd: number, cmd: number, arg: unknown): number => {
  const file = fget_raw(machine.current.task, fd)
  if (file === null || ((file.f_mode & FMODE_PATH) !== 0 && !ON_O_PATH.has(cmd))) return -EBADF
  const rc = machine.lsm.file_fcntl.ask(file, cmd, typeof arg === 'number' ? arg : 0)
  return rc !== 0 ? rc : do_fcntl(machine, fd, file, cmd, arg)
}

export const fcntlSyscalls = { fcntl }
