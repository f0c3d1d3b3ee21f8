/** System V IPC: flags of a call become letters, commands are reading or reading and writing. */
import {
  EINVAL, GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, MAY_EXEC, MAY_READ,
  MAY_WRITE, MSG_INFO, MSG_STAT, MSG_STAT_ANY, S_IRUGO, S_IWUGO, S_IXUGO, SEM_INFO, SEM_STAT, SEM_STAT_ANY, SETALL,
  SETVAL, SHM_INFO, SHM_LOCK, SHM_STAT, SHM_STAT_ANY, SHM_UNLOCK,
} from '@lsmkit/abi'
import type { HookTable, KernIpcPerm, Task } from '@lsmkit/core'
import { noteTaskTo } from '../bringup.ts'
import { errnoOf, taskCheck } from '../checks.ts'
import { MAY_READWRITE } from '../modes.ts'
import { currentLabel } from '../state.ts'
import type { Smack } from '../state.ts'

/** As `smack_flags_to_may`: any of the three bits of a letter asks for it; none of them is an empty request. */
const flagsToMay = (flags: number): number =>
  ((flags & S_IRUGO) !== 0 ? MAY_READ : 0) |
  ((flags & S_IWUGO) !== 0 ? MAY_WRITE : 0) |
  ((flags & S_IXUGO) !== 0 ? MAY_EXEC : 0)

/** What a command needs: modes, 0 for what concerns the system as a whole, -EINVAL for one nobody knows. */
type Commands = ReadonlyMap<number, number>

const commands = (reading: readonly number[], changing: readonly number[], open: readonly number[]): Commands =>
  new Map([
    ...reading.map((cmd) => [cmd, MAY_READ] as const),
    ...changing.map((cmd) => [cmd, MAY_READWRITE] as const),
    ...open.map((cmd) => [cmd, 0] as const),
  ])

const shmCommands = commands(
  [IPC_STAT, SHM_STAT, SHM_STAT_ANY],
  [IPC_SET, SHM_LOCK, SHM_UNLOCK, IPC_RMID],
  [IPC_INFO, SHM_INFO],
)
const semCommands = commands(
  [GETPID, GETNCNT, GETZCNT, GETVAL, GETALL, IPC_STAT, SEM_STAT, SEM_STAT_ANY],
  [SETVAL, SETALL, IPC_RMID, IPC_SET],
  [IPC_INFO, SEM_INFO],
)
const msgCommands = commands([IPC_STAT, MSG_STAT, MSG_STAT_ANY], [IPC_SET, IPC_RMID], [IPC_INFO, MSG_INFO])

/** A kind of object in audit records and in lines of bring-up rules. */
interface Kind {
  readonly fn: string
  readonly note: string
}
const shm: Kind = { fn: 'smk_curacc_shm', note: 'shm' }
const sem: Kind = { fn: 'smk_curacc_sem', note: 'sem' }
const msq: Kind = { fn: 'smk_tskacc_msq', note: 'msq' }
const any: Kind = { fn: 'smack_ipc_permission', note: 'svipc' }

/** Whether a task may use an object. Only the running task's privilege overrides a refusal. */
const check = (smack: Smack, { fn, note }: Kind, perm: KernIpcPerm, request: number, task?: Task): number => {
  const { task: current } = smack.ctx.current
  const asking = task ?? current
  const subject = smack.blobs.cred(asking === current ? asking.cred : asking.real_cred)
  const object = smack.blobs.ipc(perm).label
  const decision = taskCheck(smack, subject, object, request, fn, 'ipc', perm, asking === current ? null : asking)
  noteTaskTo(smack, asking, subject.label, note, object, request, decision)
  return errnoOf(smack, decision, subject.label, object, request)
}

const control = (smack: Smack, kind: Kind, perm: KernIpcPerm, known: Commands, cmd: number): number => {
  const request = known.get(cmd)
  if (request === undefined) return -EINVAL
  return request === 0 ? 0 : check(smack, kind, perm, request)
}

const create = (smack: Smack, perm: KernIpcPerm): number => {
  smack.blobs.ipc(perm).label = currentLabel(smack)
  return 0
}

export const ipcHooks: HookTable<Smack> = {
  ipc_permission: (smack, perm, flag) => check(smack, any, perm, flagsToMay(flag)),
  ipc_getsecid(smack, perm, secid) {
    secid.value = smack.blobs.ipc(perm).label
  },

  shm_alloc_security: create,
  shm_associate: (smack, perm, flags) => check(smack, shm, perm, flagsToMay(flags)),
  shm_shmctl: (smack, perm, cmd) => control(smack, shm, perm, shmCommands, cmd),
  shm_shmat: (smack, perm, _address, flags) => check(smack, shm, perm, flagsToMay(flags)),

  sem_alloc_security: create,
  sem_associate: (smack, perm, flags) => check(smack, sem, perm, flagsToMay(flags)),
  sem_semctl: (smack, perm, cmd) => control(smack, sem, perm, semCommands, cmd),
  /** Waiting is writing too. */
  sem_semop: (smack, perm) => check(smack, sem, perm, MAY_READWRITE),

  msg_queue_alloc_security: create,
  msg_queue_associate: (smack, perm, flags) => check(smack, msq, perm, flagsToMay(flags)),
  msg_queue_msgctl: (smack, perm, cmd) => control(smack, msq, perm, msgCommands, cmd),
  msg_queue_msgsnd: (smack, perm, _msg, flags) => check(smack, msq, perm, flagsToMay(flags)),
  msg_queue_msgrcv: (smack, perm, _msg, target) => check(smack, msq, perm, MAY_READWRITE, target),
  msg_msg_alloc_security(smack, msg) {
    smack.blobs.msg_msg(msg).label = currentLabel(smack)
    return 0
  },
}
