/** Operations on objects of System V IPC and on keys beside those of the recorded rows. */
import {
  GETALL, GETPID, IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, KEY_SPEC_PROCESS_KEYRING,
  KEYCTL_GET_SECURITY, KEYCTL_INVALIDATE, KEYCTL_LINK, KEYCTL_READ, KEYCTL_REVOKE, KEYCTL_SET_TIMEOUT, KEYCTL_SETPERM,
  KEYCTL_UPDATE, SETVAL, SHM_RDONLY,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '@lsmkit/kernel'
import { newSemaphores, onIpc, onKey } from '../preparations.ts'
import type { Operation, Siblings } from '../preparations.ts'
import type { SmackWorld } from '../world.ts'

const value = new TextEncoder().encode('value')
type Maker = (world: SmackWorld, task: Task) => number
type Call = (sys: SysCalls, subject: Task, id: number) => number

const on = (make: Maker) => (call: Call): Operation =>
  onIpc(make, ({ kernel, subject }, id) => call(kernel.sys, subject, id))
const onSemaphores = on(newSemaphores)
const onQueue = on(({ kernel }, task) => kernel.sys.msgget(task, IPC_PRIVATE, IPC_CREAT | 0o666))
const onSegment = on(({ kernel }, task) => kernel.sys.shmget(task, IPC_PRIVATE, 4096, IPC_CREAT | 0o666))
/** There is a message in it. */
const onFullQueue = on(({ kernel: { sys } }, task) => {
  const id = sys.msgget(task, IPC_PRIVATE, IPC_CREAT | 0o666)
  return sys.msgsnd(task, id, message(), value.length, 0) || id
})
const onAnyKey = (call: Call): Operation => onKey(({ kernel, subject }, key) => call(kernel.sys, subject, key))

const KEY = 0x534d
/** Found by its key, which the other one made. */
const found = (make: (sys: SysCalls, task: Task) => number, call: (sys: SysCalls, task: Task) => number): Operation =>
  onIpc(({ kernel }, task) => make(kernel.sys, task), ({ kernel, subject }) => call(kernel.sys, subject))

const message = () => ({ mtype: 1, mtext: value })
const received = () => ({ mtype: 0, mtext: new Uint8Array(16) })
const owner = () => ({ uid: 1000, gid: 1000, mode: 0o666 })
const zero = [{ sem_num: 0, sem_op: 0, sem_flg: IPC_NOWAIT }]

/** A message that may not be read is passed over: ENOMSG. */
export const msgrcv = onFullQueue((sys, task, id) => sys.msgrcv(task, id, received(), 16, 0, IPC_NOWAIT))

export const ipcSiblings: Siblings = {
  semget: ['rw', found(
    (sys, task) => sys.semget(task, KEY, 1, IPC_CREAT | 0o666), (sys, task) => sys.semget(task, KEY, 1, 0o666))],
  semop_zero: ['rw', onSemaphores((sys, task, id) => sys.semop(task, id, zero, 1))],
  semctl_getpid: ['r', onSemaphores((sys, task, id) => sys.semctl(task, id, 0, GETPID, 0))],
  semctl_setval: ['rw', onSemaphores((sys, task, id) => sys.semctl(task, id, 0, SETVAL, 1))],
  semctl_getall: ['r', onSemaphores((sys, task, id) => sys.semctl(task, id, 0, GETALL, [0]))],
  semctl_stat: ['r', onSemaphores((sys, task, id) => sys.semctl(task, id, 0, IPC_STAT, {}))],
  semctl_set: ['rw', onSemaphores((sys, task, id) => sys.semctl(task, id, 0, IPC_SET, owner()))],
  semctl_rmid: ['rw', onSemaphores((sys, task, id) => sys.semctl(task, id, 0, IPC_RMID, 0))],
  msgget: ['rw', found(
    (sys, task) => sys.msgget(task, KEY, IPC_CREAT | 0o666), (sys, task) => sys.msgget(task, KEY, 0o666))],
  msgctl_stat: ['r', onQueue((sys, task, id) => sys.msgctl(task, id, IPC_STAT, {}))],
  msgctl_rmid: ['rw', onQueue((sys, task, id) => sys.msgctl(task, id, IPC_RMID, null))],
  msgsnd: ['w', onQueue((sys, task, id) => sys.msgsnd(task, id, message(), value.length, IPC_NOWAIT))],
  shmget: ['rw', found(
    (sys, task) => sys.shmget(task, KEY, 4096, IPC_CREAT | 0o666), (sys, task) => sys.shmget(task, KEY, 4096, 0o666))],
  shmat_ro: ['r', onSegment((sys, task, id) => sys.shmat(task, id, null, SHM_RDONLY))],
  shmctl_stat: ['r', onSegment((sys, task, id) => sys.shmctl(task, id, IPC_STAT, {}))],
  shmctl_set: ['rw', onSegment((sys, task, id) => sys.shmctl(task, id, IPC_SET, owner()))],
  shmctl_rmid: ['rw', onSegment((sys, task, id) => sys.shmctl(task, id, IPC_RMID, null))],

  key_read: ['r', onAnyKey((sys, task, key) => sys.keyctl(task, KEYCTL_READ, key, new Uint8Array(16), 16, 0))],
  key_update: ['w', onAnyKey((sys, task, key) => sys.keyctl(task, KEYCTL_UPDATE, key, value, value.length, 0))],
  key_link: ['w', onAnyKey((sys, task, key) => sys.keyctl(task, KEYCTL_LINK, key, KEY_SPEC_PROCESS_KEYRING, 0, 0))],
  key_setperm: ['w', onAnyKey((sys, task, key) =>
    Math.min(sys.keyctl(task, KEYCTL_SETPERM, key, 0x3f3f3f3f, 0, 0), 0))],
  key_timeout: ['w', onAnyKey((sys, task, key) => sys.keyctl(task, KEYCTL_SET_TIMEOUT, key, 100, 0, 0))],
  key_revoke: ['w', onAnyKey((sys, task, key) => sys.keyctl(task, KEYCTL_REVOKE, key, 0, 0, 0))],
  key_invalidate: ['r', onAnyKey((sys, task, key) => sys.keyctl(task, KEYCTL_INVALIDATE, key, 0, 0, 0))],
  key_getsecurity: ['r', onAnyKey((sys, task, key) =>
    sys.keyctl(task, KEYCTL_GET_SECURITY, key, new Uint8Array(64), 64, 0))],
}
