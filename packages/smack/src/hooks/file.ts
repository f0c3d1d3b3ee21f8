/** Open files. There is no check at each read and write: what was opened stays open. */
import {
  _IOC_DIR, _IOC_READ, _IOC_WRITE, EACCES, F_SETLK, F_SETLKW, F_SETOWN, F_SETSIG, FMODE_READ, FMODE_WRITE, MAY_READ,
  MAY_WRITE, S_PRIVATE, SOCKFS_MAGIC,
} from '@lsmkit/abi'
import type { File, HookTable, Inode } from '@lsmkit/core'
import { noteFile } from '../bringup.ts'
import { errnoOf, rawCheck } from '../checks.ts'
import type { Label } from '../label.ts'
import { MAY_LOCK } from '../modes.ts'
import { currentLabel } from '../state.ts'
import type { Smack } from '../state.ts'
import { credFileCheck, currentFileCheck } from './file-check.ts'

export const isPrivate = (inode: Inode): boolean => (inode.i_flags & S_PRIVATE) !== 0

const remember = (smack: Smack, file: File): void => {
  smack.blobs.file(file).label = currentLabel(smack)
}

/** Relies on the command saying which way its argument goes. */
const ioctl = (smack: Smack, file: File, cmd: number): number => {
  if (isPrivate(file.f_inode)) return 0
  const direction = _IOC_DIR(cmd)
  const rc = (direction & _IOC_WRITE) !== 0 ? currentFileCheck(smack, file, MAY_WRITE, 'smack_file_ioctl') : 0
  if (rc !== 0 || (direction & _IOC_READ) === 0) return rc
  return currentFileCheck(smack, file, MAY_READ, 'smack_file_ioctl')
}

export const fileHooks: HookTable<Smack> = {
  file_alloc_security(smack, file) {
    remember(smack, file)
    return 0
  },
  file_set_fowner: remember,
  file_ioctl: ioctl,
  file_ioctl_compat: ioctl,

  file_lock: (smack, file) =>
    isPrivate(file.f_inode) ? 0 : currentFileCheck(smack, file, MAY_LOCK, 'smack_file_lock'),

  file_fcntl(smack, file, cmd) {
    if (isPrivate(file.f_inode)) return 0
    switch (cmd) {
      case F_SETLK:
      case F_SETLKW:
        return currentFileCheck(smack, file, MAY_LOCK, 'smack_file_fcntl')
      case F_SETOWN:
      case F_SETSIG:
        return currentFileCheck(smack, file, MAY_WRITE, 'smack_file_fcntl')
      default:
        return 0
    }
  },

  file_receive(smack, file) {
    const inode = file.f_inode
    if (isPrivate(inode)) return 0
    if (inode.i_sb.s_magic === SOCKFS_MAGIC) return receiveSocket(smack, file)
    const request =
      ((file.f_mode & FMODE_READ) !== 0 ? MAY_READ : 0) | ((file.f_mode & FMODE_WRITE) !== 0 ? MAY_WRITE : 0)
    return currentFileCheck(smack, file, request, 'smack_file_receive')
  },

  /** Reading, whatever it is opened for: fstat and the like read of any descriptor. */
  file_open: (smack, file) => credFileCheck(smack, file, MAY_READ, 'smack_file_open'),
}

/** The receiver must be able to write to the socket, and the socket to it; no privilege helps. */
const receiveSocket = (smack: Smack, file: File): number => {
  const sk = smack.ctx.host.SOCKET_I?.(file.f_inode)?.sk ?? null
  if (sk === null) return -EACCES
  const socket = smack.blobs.sock(sk)
  const me = currentLabel(smack)
  const check = (subject: Label, object: Label): number => {
    const decision = rawCheck(smack, subject, object, MAY_WRITE, 'smack_file_receive', 'path', file.f_path)
    noteFile(smack, file, smack.ctx.current.task.cred, 0, decision)
    return errnoOf(smack, decision, subject, object, MAY_WRITE)
  }
  return check(me, socket.out) || check(socket.in, me)
}
