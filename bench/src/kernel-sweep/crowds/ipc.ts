/** Keys, System V IPC and POSIX queues. */
import { IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, KEY_SPEC_SESSION_KEYRING, O_CREAT, O_RDWR, SEM_UNDO } from '@lsmkit/abi'
import { bytes, child, must, some } from '../stage.ts'
import type { Crowds } from '../stage.ts'

const PAGE = 4096

export const ipcCrowds: Crowds = {
  'keys of a keyring': {
    sets: ({ sys, me }) => {
      const made: number[] = []
      must(sys.keyctl(me, 1, 'ring', 0, 0, 0))
      return {
        add: (i) => made.push(must(sys.add_key(me, 'user', `k${i}`, bytes(1), 1, KEY_SPEC_SESSION_KEYRING))),
        handles: (count) => ({
          ids: [KEY_SPEC_SESSION_KEYRING, ...some(made)], paths: ['k1', `k${count - 1}`, '/proc/keys'],
        }),
      }
    },
  },
  'message queues': {
    most: 30_000,
    sets: (at) => {
      const { sys, me } = at
      const made: number[] = []
      return {
        add: () => made.push(must(sys.msgget(me, IPC_PRIVATE, IPC_CREAT | 0o600))),
        handles: () => ({ ids: some(made), paths: ['/proc/sysvipc/msg'] }),
      }
    },
  },
  'messages of a queue': {
    most: 100_000,
    sets: ({ sys, machine, me }) => {
      machine.ipc.namespaces.own().msg_ctlmnb = 1e9
      const id = must(sys.msgget(me, IPC_PRIVATE, IPC_CREAT | 0o600))
      return {
        add: (i) => sys.msgsnd(me, id, { mtype: 1 + i, mtext: bytes(1) }, 1, IPC_NOWAIT),
        handles: () => ({ ids: [id, 5] }),
      }
    },
  },
  'semaphores': {
    most: 30_000,
    sets: (at) => {
      const { sys, me } = at
      const made: number[] = []
      return {
        add: () => made.push(must(sys.semget(me, IPC_PRIVATE, 2, IPC_CREAT | 0o600))),
        handles: () => ({ ids: some(made), paths: ['/proc/sysvipc/sem'] }),
      }
    },
  },
  'semaphores to undo': {
    most: 30_000,
    sets: ({ sys, me }) => {
      const made: number[] = []
      return {
        add() {
          const id = must(sys.semget(me, IPC_PRIVATE, 2, IPC_CREAT | 0o600))
          made.push(id)
          return sys.semop(me, id, [{ sem_num: 0, sem_op: 1, sem_flg: SEM_UNDO }], 1)
        },
        handles: () => ({ ids: some(made) }),
      }
    },
  },
  'waiters on a semaphore': {
    most: 30_000,
    sets: (at) => {
      const { sys, me } = at
      const id = must(sys.semget(me, IPC_PRIVATE, 2, IPC_CREAT | 0o600))
      return {
        add: () => sys.semop(child(at, me), id, [{ sem_num: 0, sem_op: -1, sem_flg: 0 }], 1) && 0,
        handles: () => ({ ids: [id] }),
      }
    },
  },
  'shared memory segments': {
    most: 4000,
    sets: ({ sys, me }) => {
      const made: number[] = []
      return {
        add: () => made.push(must(sys.shmget(me, IPC_PRIVATE, PAGE, IPC_CREAT | 0o600))),
        handles: () => ({ ids: some(made), paths: ['/proc/sysvipc/shm'] }),
      }
    },
  },
  'posix queues': {
    most: 20_000,
    sets: ({ sys, machine, me }) => {
      machine.ipc.namespaces.own().mq_queues_max = 1e6
      let fd = 0
      return {
        add(i) {
          const attr = { mq_flags: 0, mq_maxmsg: 1, mq_msgsize: 8, mq_curmsgs: 0 }
          return (fd = must(sys.mq_open(me, `q${i}`, O_CREAT | O_RDWR, 0o600, attr)))
        },
        handles: () => ({ fds: [fd], paths: ['q1', 'q2', 'q999'] }),
      }
    },
  },
}
