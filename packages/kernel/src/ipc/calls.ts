/** System calls of System V IPC and of POSIX message queues. */
import { mq_getsetattr, mq_notify, mq_open, mq_timedreceive, mq_timedsend, mq_unlink } from './mqueue.ts'
import { msgget } from './msg.ts'
import { msgrcv } from './msg-receive.ts'
import { msgsnd } from './msg-send.ts'
import { msgctl } from './msgctl.ts'
import { semget, semop, semtimedop } from './sem.ts'
import { semctl } from './semctl.ts'
import { shmat, shmdt } from './shm-attach.ts'
import { shmget } from './shm.ts'
import { shmctl } from './shmctl.ts'

export const sysvipcSyscalls = {
  shmget, shmctl, shmat, shmdt, semget, semop, semtimedop, semctl, msgget, msgsnd, msgrcv, msgctl,
}

export const mqueueSyscalls = { mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr }
