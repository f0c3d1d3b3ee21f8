/** Ancillary data of local sockets: descriptors, credentials, labels (net/core/scm.c). */
import {
  AF_UNIX, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, EBADF, EINVAL, EPERM, ESRCH, MSG_CMSG_CLOEXEC, MSG_CTRUNC,
  SCM_CREDENTIALS, SCM_RIGHTS, SCM_SECURITY, SOL_SOCKET,
} from '@lsmkit/abi'
import {
  from_kgid_munged, from_kuid_munged, gid_valid, INVALID_GID, INVALID_UID, make_kgid, make_kuid, ns_capable, ref,
  secidContext, uid_valid,
} from '@lsmkit/core'
import type { File, Socket } from '@lsmkit/core'
import type { ScmCreds } from '../state/net/proto.ts'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import { opsOf } from '../state/net/proto.ts'
import type { Cmsg, KernelMsghdr } from '../state/net/proto.ts'
import { receive_fd } from '../vfs/receive-fd.ts'

/** SCM_MAX_FD. */
const MOST_FDS = 253

/** `struct scm_cookie`. */
export interface Scm {
  files: File[]
  /** Null if neither side has asked for credentials. */
  creds: ScmCreds | null
  secid: number
}

export const ownCreds = (machine: Machine): ScmCreds => {
  const { cred, group_leader } = machine.current.task
  return { pid: threadOf(group_leader!).pid, uid: cred.uid, gid: cred.gid }
}

/** As `scm_check_creds`: whether the caller may send these ids as its own. */
const checkCreds = (
  machine: Machine, { pid, uid, gid }: { pid: number; uid: number; gid: number },
): ScmCreds | number => {
  const { cred } = machine.current.task
  const kuid = make_kuid(cred.user_ns, uid)
  const kgid = make_kgid(cred.user_ns, gid)
  if (!uid_valid(kuid) || !gid_valid(kgid)) return -EINVAL
  const found = machine.tasks.findVpid(pid)
  const samePid = pid === machine.tasks.tgidNr(machine.current.task)
  const may = (cap: number): boolean => ns_capable(machine.lsm, machine.current, cred.user_ns, cap)
  if (!samePid && !ns_capable(machine.lsm, machine.current, machine.tasks.activeNs.user_ns, CAP_SYS_ADMIN))
    return -EPERM
  if (![cred.uid, cred.euid, cred.suid].includes(kuid) && !may(CAP_SETUID)) return -EPERM
  if (![cred.gid, cred.egid, cred.sgid].includes(kgid) && !may(CAP_SETGID)) return -EPERM
  return found === null ? -ESRCH : { pid: found, uid: kuid, gid: kgid }
}

/** As `scm_fp_copy`: `taken` files were named by other data of the same message. */
const takeFds = (machine: Machine, fds: readonly number[], taken: number): File[] | number => {
  if (taken + fds.length > MOST_FDS) return -EINVAL
  const files: File[] = []
  for (const fd of fds) {
    const file = fget_raw(machine.current.task, fd)
    if (file === null) return -EBADF
    files.push(file)
  }
  for (const file of files) file.f_count++
  return files
}

/** As `scm_send`: takes the control messages. The LSMs are always asked for the sender's label. */
export const scm_send = (machine: Machine, sock: Socket, { msg_control }: KernelMsghdr): Scm | number => {
  const secid = ref(0)
  machine.lsm.socket_getpeersec_dgram.ask(sock, null, secid)
  const scm: Scm = { files: [], creds: null, secid: secid.value }
  for (const cmsg of msg_control ?? []) {
    const rc = take(machine, sock, scm, cmsg)
    if (rc === 0) continue
    dropFiles(machine, scm)
    return rc
  }
  return scm
}

/** Descriptors go between programs of this machine only. */
const take = (machine: Machine, sock: Socket, scm: Scm, { cmsg_level, cmsg_type, data }: Cmsg): number => {
  if (cmsg_level !== SOL_SOCKET) return 0
  if (cmsg_type === SCM_RIGHTS && Array.isArray(data) && opsOf(sock).family === AF_UNIX) {
    const files = takeFds(machine, data as readonly number[], scm.files.length)
    if (typeof files === 'number') return files
    scm.files.push(...files)
    return 0
  }
  if (cmsg_type === SCM_CREDENTIALS && 'pid' in data) {
    const creds = checkCreds(machine, data)
    if (typeof creds === 'number') return creds
    scm.creds = creds
    return 0
  }
  return -EINVAL
}

export const dropFiles = (machine: Machine, { files }: Pick<Scm, 'files'>): void => {
  for (const file of files.splice(0)) machine.vfs.fput(file)
}

/** As `scm_detach_fds`: those that are refused are dropped, with all after them. */
const detachFds = (machine: Machine, files: readonly File[], msg: KernelMsghdr, flags: number): void => {
  const fds: number[] = []
  for (const file of files) {
    const fd = receive_fd(machine, file, (flags & MSG_CMSG_CLOEXEC) !== 0)
    if (fd < 0) {
      msg.msg_flags |= MSG_CTRUNC
      break
    }
    fds.push(fd)
  }
  if (fds.length > 0) msg.msg_control!.push({ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: fds })
}

const addLabel = (machine: Machine, secid: number, msg: KernelMsghdr): void => {
  const context = secidContext(machine.lsm, secid)
  if (context === null) return
  msg.msg_control!.push({ cmsg_level: SOL_SOCKET, cmsg_type: SCM_SECURITY, data: new TextEncoder().encode(context) })
}

/** As `put_cmsg` of `struct ucred`: ids as the receiver sees them; those of the overflow user if none were sent. */
const addCreds = (machine: Machine, creds: ScmCreds | null, msg: KernelMsghdr): void => {
  const { user_ns } = machine.current.task.cred
  msg.msg_control!.push({
    cmsg_level: SOL_SOCKET,
    cmsg_type: SCM_CREDENTIALS,
    data: {
      pid: creds?.pid?.nr(machine.tasks.activeNs) ?? 0,
      uid: from_kuid_munged(user_ns, creds?.uid ?? INVALID_UID),
      gid: from_kgid_munged(user_ns, creds?.gid ?? INVALID_GID),
    },
  })
}

/**
 * As `scm_recv`: fills in the control messages that the receiver has asked for and has room for. Files are taken even
 * if they are not wanted.
 */
export const scm_recv = (
  machine: Machine, scm: Scm, msg: KernelMsghdr, flags: number, passcred: boolean, passsec: boolean,
): void => {
  const room = msg.msg_control !== null
  if (!room && (passcred || passsec || scm.files.length > 0)) msg.msg_flags |= MSG_CTRUNC
  if (room && passcred) addCreds(machine, scm.creds, msg)
  if (room && passsec) addLabel(machine, scm.secid, msg)
  if (room && scm.files.length > 0) detachFds(machine, scm.files, msg, flags)
  dropFiles(machine, scm)
}
