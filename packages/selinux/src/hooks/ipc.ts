/** System V IPC: queues, segments and sets, each a class of its own; messages have labels too. */
import {
  GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, MSG_INFO, MSG_STAT, MSG_STAT_ANY,
  SEM_INFO, SEM_STAT, SEM_STAT_ANY, SETALL, SETVAL, SHM_INFO, SHM_LOCK, SHM_RDONLY, SHM_STAT, SHM_STAT_ANY, SHM_UNLOCK,
} from '@lsmkit/abi'
import type { HookTable, KernIpcPerm } from '@lsmkit/core'
import { currentHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_KERNEL, SECINITSID_UNLABELED } from '../initial-sids.ts'
import { currentSid, taskSid } from '../state.ts'
import type { Selinux } from '../state.ts'

/** S_IRUGO and S_IWUGO. */
const ANY_READ = 0o444
const ANY_WRITE = 0o222

const { ipc, msgq, shm, sem } = AV
/** What asks the system about all objects of a kind. */
const ABOUT_ALL = -1
const status = ipc.getattr | ipc.associate

/** Permissions of the *ctl commands; the first bits are the same in all classes. Commands not listed ask nothing. */
const msgCommands = new Map([
  [IPC_INFO, ABOUT_ALL], [MSG_INFO, ABOUT_ALL], [IPC_STAT, status], [MSG_STAT, status], [MSG_STAT_ANY, status],
  [IPC_SET, msgq.setattr], [IPC_RMID, msgq.destroy],
])
const shmCommands = new Map([
  [IPC_INFO, ABOUT_ALL], [SHM_INFO, ABOUT_ALL], [IPC_STAT, status], [SHM_STAT, status], [SHM_STAT_ANY, status],
  [IPC_SET, shm.setattr], [IPC_RMID, shm.destroy], [SHM_LOCK, shm.lock], [SHM_UNLOCK, shm.lock],
])
const semCommands = new Map([
  [IPC_INFO, ABOUT_ALL], [SEM_INFO, ABOUT_ALL], [IPC_STAT, status], [SEM_STAT, status], [SEM_STAT_ANY, status],
  [IPC_SET, sem.setattr], [IPC_RMID, sem.destroy], [GETPID, sem.getattr], [GETNCNT, sem.getattr],
  [GETZCNT, sem.getattr], [GETVAL, sem.read], [GETALL, sem.read], [SETVAL, sem.write], [SETALL, sem.write],
])

const check = (selinux: Selinux, perm: KernIpcPerm, perms: number): number => {
  const { sid, sclass } = selinux.blobs.ipc(perm)
  return selinux.avc.hasPerm(currentSid(selinux), sid, sclass, perms, 'ipc', perm)
}

const create = (selinux: Selinux, perm: KernIpcPerm, sclass: number): number => {
  const state = selinux.blobs.ipc(perm)
  state.sid = currentSid(selinux)
  state.sclass = sclass
  return check(selinux, perm, ipc.create)
}

const control = (selinux: Selinux, perm: KernIpcPerm, commands: ReadonlyMap<number, number>, cmd: number): number => {
  const perms = commands.get(cmd)
  if (perms === undefined) return 0
  return perms === ABOUT_ALL
    ? currentHas(selinux, SECINITSID_KERNEL, SECCLASS.system, AV.system.ipc_info)
    : check(selinux, perm, perms)
}

export const ipcHooks: HookTable<Selinux> = {
  ipc_permission(selinux, perm, flag) {
    const perms = ((flag & ANY_READ) !== 0 ? ipc.unix_read : 0) | ((flag & ANY_WRITE) !== 0 ? ipc.unix_write : 0)
    return perms === 0 ? 0 : check(selinux, perm, perms)
  },
  ipc_getsecid(selinux, perm, secid) {
    secid.value = selinux.blobs.ipc(perm).sid
  },

  /** Unlabelled until it is sent. */
  msg_msg_alloc_security: () => 0,

  msg_queue_alloc_security: (selinux, perm) => create(selinux, perm, SECCLASS.msgq),
  msg_queue_associate: (selinux, perm) => check(selinux, perm, msgq.associate),
  msg_queue_msgctl: (selinux, perm, cmd) => control(selinux, perm, msgCommands, cmd),

  msg_queue_msgsnd(selinux, perm, msg) {
    const sid = currentSid(selinux)
    const queue = selinux.blobs.ipc(perm)
    const message = selinux.blobs.msg_msg(msg)
    if (message.sid === SECINITSID_UNLABELED) {
      const label = selinux.server.transitionSid(sid, queue.sid, SECCLASS.msg)
      if (label < 0) return label
      message.sid = label
    }
    return (
      selinux.avc.hasPerm(sid, queue.sid, SECCLASS.msgq, msgq.write, 'ipc', perm) ||
      selinux.avc.hasPerm(sid, message.sid, SECCLASS.msg, AV.msg.send, 'ipc', perm) ||
      selinux.avc.hasPerm(message.sid, queue.sid, SECCLASS.msgq, msgq.enqueue, 'ipc', perm)
    )
  },

  msg_queue_msgrcv(selinux, perm, msg, target) {
    const sid = taskSid(selinux, target)
    return (
      selinux.avc.hasPerm(sid, selinux.blobs.ipc(perm).sid, SECCLASS.msgq, msgq.read, 'ipc', perm) ||
      selinux.avc.hasPerm(sid, selinux.blobs.msg_msg(msg).sid, SECCLASS.msg, AV.msg.receive, 'ipc', perm)
    )
  },

  shm_alloc_security: (selinux, perm) => create(selinux, perm, SECCLASS.shm),
  shm_associate: (selinux, perm) => check(selinux, perm, shm.associate),
  shm_shmctl: (selinux, perm, cmd) => control(selinux, perm, shmCommands, cmd),
  shm_shmat: (selinux, perm, _addr, flags) =>
    check(selinux, perm, (flags & SHM_RDONLY) !== 0 ? shm.read : shm.read | shm.write),

  sem_alloc_security: (selinux, perm) => create(selinux, perm, SECCLASS.sem),
  sem_associate: (selinux, perm) => check(selinux, perm, sem.associate),
  sem_semctl: (selinux, perm, cmd) => control(selinux, perm, semCommands, cmd),
  sem_semop: (selinux, perm, _sops, _nsops, alter) =>
    check(selinux, perm, alter !== 0 ? sem.read | sem.write : sem.read),
}
