/** System V IPC: flags of a call become letters, commands are reading or reading and writing. */
import {
  EINVAL, GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, MAY_EXEC, MAY_READ,
  MAY_WRITE, MSG_INFO, MSG_STAT, MSG_STAT_ANY, S_IRUGO, S_IWUGO, S_IXUGO, SEM_INFO, SEM_STAT, SEM_STAT_ANY, SETALL,
  SETVAL, SHM_INFO, SHM_LOCK, SHM_STAT, SHM_STAT_ANY, SHM_UNLOCK,
} from '@lsmkit/abi'
import type { HookGroup, KernIpcPerm, Task } from '@lsmkit/core'
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

/** A task against an object of one kind; the override is the running task's. */
const checker =
  (smack: Smack, fn: string, note: string) =>
    (perm: KernIpcPerm, request: number, task: Task = smack.ctx.current.task): number => {
      const subject = smack.blobs.cred(task === smack.ctx.current.task ? task.cred : task.real_cred)
      const object = smack.blobs.ipc(perm).label
      const decision = taskCheck(smack, subject, object, request, fn, 'ipc', perm)
      noteTaskTo(smack, task, subject.label, note, object, request, decision)
      return errnoOf(smack, decision, subject.label, object, request)
    }

const control = (check: (perm: KernIpcPerm, request: number) => number, known: Commands) =>
  (perm: KernIpcPerm, cmd: number): number => {
    const request = known.get(cmd)
    if (request === undefined) return -EINVAL
    return request === 0 ? 0 : check(perm, request)
  }

export const ipcHooks = (smack: Smack): HookGroup => {
  const { ipc, msg_msg } = smack.blobs
  const shm = checker(smack, 'smk_curacc_shm', 'shm')
  const sem = checker(smack, 'smk_curacc_sem', 'sem')
  const msq = checker(smack, 'smk_tskacc_msq', 'msq')
  const any = checker(smack, 'smack_ipc_permission', 'svipc')
  const create = (perm: KernIpcPerm): number => {
    ipc(perm).label = currentLabel(smack)
    return 0
  }
  return {
    ipc_permission: (perm, flag) => any(perm, flagsToMay(flag)),
    ipc_getsecid(perm, secid) {
      secid.value = ipc(perm).label
    },

    shm_alloc_security: create,
    shm_associate: (perm, flags) => shm(perm, flagsToMay(flags)),
    shm_shmctl: control(shm, shmCommands),
    shm_shmat: (perm, _address, flags) => shm(perm, flagsToMay(flags)),

    sem_alloc_security: create,
    sem_associate: (perm, flags) => sem(perm, flagsToMay(flags)),
    sem_semctl: control(sem, semCommands),
    /** Waiting is writing too. */
    sem_semop: (perm) => sem(perm, MAY_READWRITE),

    msg_queue_alloc_security: create,
    msg_queue_associate: (perm, flags) => msq(perm, flagsToMay(flags)),
    msg_queue_msgctl: control(msq, msgCommands),
    msg_queue_msgsnd: (perm, _msg, flags) => msq(perm, flagsToMay(flags)),
    msg_queue_msgrcv: (perm, _msg, target) => msq(perm, MAY_READWRITE, target),
    msg_msg_alloc_security(msg) {
      msg_msg(msg).label = currentLabel(smack)
      return 0
    },
  }
}
