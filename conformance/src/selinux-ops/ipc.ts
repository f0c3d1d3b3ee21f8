/** Operations of selinux-ops.tsv: System V IPC, on objects of the other process. */
import {
  GETPID, GETVAL, IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, MSG_INFO, SEM_STAT_ANY, SHM_EXEC,
  SHM_INFO, SHM_LOCK, SHM_RDONLY, SHM_STAT, SHM_STAT_ANY,
} from '@lsmkit/abi'
import { encode } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

const KEY = 0x4b45
const PAGE = 4096

/** A call on what the other process has made under KEY. */
const on = (make: (other: Calls) => number) => (run: (sys: Calls, id: number) => number): Operation => (world) => {
  const id = world.must(make(world.calls(world.other())), 'an IPC object')
  return (sys) => Math.min(run(sys, id), 0)
}
const onShm = on((other) => other.shmget(KEY, PAGE, IPC_CREAT | 0o666))
const onSem = on((other) => other.semget(KEY, 1, IPC_CREAT | 0o666))
const onMsg = on((other) => other.msgget(KEY, IPC_CREAT | 0o666))
const onMessage = on((other) => {
  const id = other.msgget(KEY, IPC_CREAT | 0o666)
  return other.msgsnd(id, message(), 1, 0) || id
})

const plain = (run: (sys: Calls) => number): Operation => (_world: World) => (sys) => Math.min(run(sys), 0)
const message = () => ({ mtype: 1, mtext: encode('x') })
const op = (sem_op: number) => [{ sem_num: 0, sem_op, sem_flg: IPC_NOWAIT }]
const owner = () => ({ uid: 0, gid: 0, mode: 0o666 })

export const ipcOperations: Readonly<Record<string, Operation>> = {
  shm_create: plain((sys) => sys.shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0o600)),
  shmget: onShm((sys) => sys.shmget(KEY, PAGE, 0o666)),
  shmat_ro: onShm((sys, id) => sys.shmat(id, null, SHM_RDONLY)),
  shmat_rw: onShm((sys, id) => sys.shmat(id, null, 0)),
  shmat_exec: onShm((sys, id) => sys.shmat(id, null, SHM_RDONLY | SHM_EXEC)),
  shmctl_stat: onShm((sys, id) => sys.shmctl(id, IPC_STAT, {})),
  shmctl_set: onShm((sys, id) => sys.shmctl(id, IPC_SET, owner())),
  shmctl_rmid: onShm((sys, id) => sys.shmctl(id, IPC_RMID, null)),
  shmctl_lock: onShm((sys, id) => sys.shmctl(id, SHM_LOCK, null)),
  shmctl_info: onShm((sys) => sys.shmctl(0, SHM_INFO, {})),
  shmctl_stat_index: onShm((sys) => sys.shmctl(0, SHM_STAT, {})),
  shmctl_stat_any: onShm((sys) => sys.shmctl(0, SHM_STAT_ANY, {})),

  sem_create: plain((sys) => sys.semget(IPC_PRIVATE, 1, IPC_CREAT | 0o600)),
  semget: onSem((sys) => sys.semget(KEY, 1, 0o666)),
  semop_alter: onSem((sys, id) => sys.semop(id, op(1), 1)),
  semop_zero: onSem((sys, id) => sys.semop(id, op(0), 1)),
  semctl_getval: onSem((sys, id) => sys.semctl(id, 0, GETVAL, 0)),
  semctl_getpid: onSem((sys, id) => sys.semctl(id, 0, GETPID, 0)),
  semctl_stat: onSem((sys, id) => sys.semctl(id, 0, IPC_STAT, {})),
  semctl_stat_any: onSem((sys) => sys.semctl(0, 0, SEM_STAT_ANY, {})),
  semctl_set: onSem((sys, id) => sys.semctl(id, 0, IPC_SET, owner())),
  semctl_rmid: onSem((sys, id) => sys.semctl(id, 0, IPC_RMID, 0)),

  msg_create: plain((sys) => sys.msgget(IPC_PRIVATE, IPC_CREAT | 0o600)),
  msgget: onMsg((sys) => sys.msgget(KEY, 0o666)),
  msgsnd: onMsg((sys, id) => sys.msgsnd(id, message(), 1, 0)),
  msgrcv: onMessage((sys, id) => sys.msgrcv(id, { mtype: 0, mtext: new Uint8Array(16) }, 16, 0, IPC_NOWAIT)),
  msgctl_stat: onMsg((sys, id) => sys.msgctl(id, IPC_STAT, {})),
  msgctl_set: onMsg((sys, id) => sys.msgctl(id, IPC_SET, { ...owner(), msg_qbytes: 100 })),
  msgctl_rmid: onMsg((sys, id) => sys.msgctl(id, IPC_RMID, null)),
  msgctl_info: onMsg((sys) => sys.msgctl(0, MSG_INFO, {})),
}
