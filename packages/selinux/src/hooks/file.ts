/** Open files: what the opener may do, and what another domain may do with a descriptor it was given. */
import {
  CAP_OPT_NONE, CAP_SYS_TTY_CONFIG, F_GETFL, F_GETLK, F_GETOWN, F_GETOWNER_UIDS, F_GETSIG, F_OFD_GETLK, F_OFD_SETLK,
  F_OFD_SETLKW, F_SETFL, F_SETLK, F_SETLKW, F_SETOWN, F_SETSIG, FIBMAP, FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX,
  FIONREAD, FS_IOC32_GETFLAGS, FS_IOC32_GETVERSION, FS_IOC32_SETFLAGS, FS_IOC32_SETVERSION, FS_IOC_GETFLAGS,
  FS_IOC_GETVERSION, FS_IOC_SETFLAGS, FS_IOC_SETVERSION, KDSKBENT, KDSKBSENT, MAY_APPEND, MAY_WRITE, O_APPEND,
  S_PRIVATE, SIGIO, SOCKFS_MAGIC,
} from '@lsmkit/abi'
import type { File, HookTable } from '@lsmkit/core'
import { credHasCapability, fileHas, inodeHas, inodeState } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { filePerms, maskPerms } from '../mode-class.ts'
import { XPERM_IOCTL } from '../server/decision.ts'
import { currentSid, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'
import { signalPerm } from './task.ts'

const { file: fileAv } = AV

/** Commands that have a permission of their own; 0: the descriptor alone is asked about. */
const ioctlPerms = new Map([
  [FIONREAD, fileAv.getattr], [FIBMAP, fileAv.getattr], [FIGETBSZ, fileAv.getattr], [FS_IOC_GETFLAGS, fileAv.getattr],
  [FS_IOC_GETVERSION, fileAv.getattr], [FS_IOC_SETFLAGS, fileAv.setattr], [FS_IOC_SETVERSION, fileAv.setattr],
  [FIONBIO, 0], [FIOASYNC, 0],
])
const compatCommands = new Map([
  [FS_IOC32_GETFLAGS, FS_IOC_GETFLAGS], [FS_IOC32_SETFLAGS, FS_IOC_SETFLAGS],
  [FS_IOC32_GETVERSION, FS_IOC_GETVERSION], [FS_IOC32_SETVERSION, FS_IOC_SETVERSION],
])

const ownerCommands = new Set([F_SETOWN, F_SETSIG, F_GETFL, F_GETOWN, F_GETSIG, F_GETOWNER_UIDS])
const lockCommands = new Set([F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW])

/** As `ioctl_has_perm`: file ioctl, refined by the command where the policy does so. */
const ioctlHas = (selinux: Selinux, file: File, cmd: number): number => {
  const { avc } = selinux
  const sid = currentSid(selinux)
  const opener = selinux.blobs.file(file).sid
  const source = { file, cmd }
  if (sid !== opener) {
    const rc = avc.hasPerm(sid, opener, SECCLASS.fd, AV.fd.use, 'ioctl_op', source)
    if (rc !== 0) return rc
  }
  if ((file.f_inode.i_flags & S_PRIVATE) !== 0) return 0
  const { sid: label, sclass } = inodeState(selinux, file.f_inode)
  const driver = (cmd >>> 8) & 0xff
  return avc.hasExtendedPerms(
    sid, label, sclass, fileAv.ioctl, driver, XPERM_IOCTL, cmd & 0xff, 'ioctl_op', source,
  )
}

const ioctl = (selinux: Selinux, file: File, cmd: number): number => {
  const { cred } = selinux.ctx.current.task
  const perm = ioctlPerms.get(cmd)
  if (perm !== undefined) return fileHas(selinux, cred, file, perm)
  if (cmd === KDSKBENT || cmd === KDSKBSENT) {
    return credHasCapability(selinux, cred, CAP_SYS_TTY_CONFIG, CAP_OPT_NONE, true)
  }
  const isCloexec = cmd === FIOCLEX || cmd === FIONCLEX
  return isCloexec && selinux.server.policyCap('ioctl_skip_cloexec') ? 0 : ioctlHas(selinux, file, cmd)
}

const current = (selinux: Selinux, file: File, perms: number): number =>
  fileHas(selinux, selinux.ctx.current.task.cred, file, perms)

export const fileHooks: HookTable<Selinux> = {
  /** Nothing is asked while opener, label and policy are those of the open. */
  file_permission(selinux, file, mask) {
    if (mask === 0) return 0
    const state = selinux.blobs.file(file)
    const { f_inode: inode } = file
    const { sid } = inodeState(selinux, inode)
    if (state.sid === currentSid(selinux) && state.isid === sid && state.pseqno === selinux.server.seqno) return 0
    const appends = (file.f_flags & O_APPEND) !== 0 && (mask & MAY_WRITE) !== 0
    return current(selinux, file, maskPerms(inode.i_mode, appends ? mask | MAY_APPEND : mask))
  },

  file_alloc_security(selinux, file) {
    const state = selinux.blobs.file(file)
    state.sid = state.fown_sid = currentSid(selinux)
    return 0
  },

  backing_file_alloc(selinux, backing, user) {
    selinux.blobs.backing_file(backing).uf_sid = selinux.blobs.file(user).sid
    return 0
  },
  backing_file_free() {},

  file_ioctl: (selinux, file, cmd) => ioctl(selinux, file, cmd),
  file_ioctl_compat: (selinux, file, cmd) => ioctl(selinux, file, compatCommands.get(cmd) ?? cmd),

  file_lock: (selinux, file) => current(selinux, file, fileAv.lock),

  file_fcntl(selinux, file, cmd, arg) {
    // who clears O_APPEND gains the right to write anywhere
    const clears = cmd === F_SETFL && (file.f_flags & O_APPEND) !== 0 && (arg & O_APPEND) === 0
    if (cmd === F_SETFL) return current(selinux, file, clears ? fileAv.write : 0)
    if (ownerCommands.has(cmd)) return current(selinux, file, 0)
    return lockCommands.has(cmd) ? current(selinux, file, fileAv.lock) : 0
  },

  file_set_fowner(selinux, file) {
    selinux.blobs.file(file).fown_sid = currentSid(selinux)
  },

  file_send_sigiotask(selinux, tsk, { file }, sig) {
    const perm = signalPerm(sig === 0 ? SIGIO : sig)
    const { fown_sid } = selinux.blobs.file(file)
    return selinux.avc.hasPerm(fown_sid, taskSid(selinux, tsk), SECCLASS.process, perm, 'nothing', null)
  },

  file_receive: (selinux, file) => current(selinux, file, filePerms(file)),

  file_open(selinux, file) {
    const state = selinux.blobs.file(file)
    const { f_inode: inode } = file
    state.isid = inodeState(selinux, inode).sid
    state.pseqno = selinux.server.seqno
    const opens = selinux.server.policyCap('open_perms') && inode.i_sb.s_magic !== SOCKFS_MAGIC
    const perms = opens ? filePerms(file) | fileAv.open : filePerms(file)
    return inodeHas(selinux, file.f_cred, inode, perms, 'file', file)
  },
}
