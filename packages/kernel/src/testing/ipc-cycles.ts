/** Cycles of keys and System V and POSIX IPC. */
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, O_CREAT, O_RDWR } from '@lsmkit/abi'
import type { CycleWorld, Cycles } from './cycle-world.ts'

const KEY_SPEC_PROCESS_KEYRING = -2
const KEYCTL_UNLINK = 9

export const ipcCycles = (world: CycleWorld): Cycles => {
  const { sys, init } = world
  return {
    'keys': () => {
      const ring = world.must(sys.add_key(init, 'keyring', 'ring', null, 0, KEY_SPEC_PROCESS_KEYRING))
      world.must(sys.add_key(init, 'user', 'key', new Uint8Array(100), 100, ring))
      world.must(sys.add_key(init, 'user', 'key', new Uint8Array(10), 10, ring))
      world.must(sys.keyctl(init, KEYCTL_UNLINK, ring, KEY_SPEC_PROCESS_KEYRING, null, null))
    },
    'System V messages': () => {
      const queue = world.must(sys.msgget(init, IPC_PRIVATE, IPC_CREAT | 0o600))
      for (let i = 0; i < 3; i++) world.must(sys.msgsnd(init, queue, { mtype: 1, mtext: new Uint8Array(50) }, 50, 0))
      world.must(sys.msgrcv(init, queue, { mtype: 0, mtext: new Uint8Array() }, 50, 0, 0))
      world.must(sys.msgctl(init, queue, IPC_RMID, null))
    },
    'System V semaphores': () => {
      const set = world.must(sys.semget(init, IPC_PRIVATE, 10, IPC_CREAT | 0o600))
      const task = world.child()
      world.must(sys.semop(task, set, [{ sem_num: 1, sem_op: 1, sem_flg: 0x1000 }], 1))
      world.reap(task)
      world.must(sys.semctl(init, set, 0, IPC_RMID, null))
    },
    'System V memory': () => {
      const segment = world.must(sys.shmget(init, IPC_PRIVATE, 10_000, IPC_CREAT | 0o600))
      const at = world.must(sys.shmat(init, segment, 0, 0))
      world.must(sys.shmdt(init, at))
      world.must(sys.shmctl(init, segment, IPC_RMID, null))
    },
    'POSIX messages': () => {
      const fd = world.must(sys.mq_open(init, 'queue', O_CREAT | O_RDWR, 0o600, null))
      for (let i = 0; i < 3; i++) world.must(sys.mq_timedsend(init, fd, new Uint8Array(50), 50, i, null))
      world.must(sys.mq_timedreceive(init, fd, new Uint8Array(8192), 8192, null, null))
      world.must(sys.mq_unlink(init, 'queue'))
      world.close(fd)
    },
  }
}
