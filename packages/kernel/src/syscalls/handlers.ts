/** All handlers of one machine, by the name of their system call: each file of this folder adds its group. */
import type { KeyMap } from '@lsmkit/core'
import type { IpcCalls } from '../interfaces/ipc.ts'
import type { Machine } from '../machine.ts'
import { adminSyscalls } from './admin.ts'
import { attrSyscalls } from './attrs.ts'
import { copySyscalls } from './copies.ts'
import { dirSyscalls } from './dirs.ts'
import { eventFdSyscalls } from './event-fds.ts'
import { fanotifySyscalls } from './fanotifies.ts'
import { fcntlSyscalls } from './fcntl.ts'
import { fdSyscalls } from './fds.ts'
import { fsContextSyscalls } from './fs-contexts.ts'
import { fileHandleSyscalls } from './file-handles.ts'
import { lockSyscalls } from './file-locks.ts'
import { inotifySyscalls } from './inotifies.ts'
import { ioctlSyscalls } from './ioctl.ts'
import { machineHandlers } from './machine-handlers.ts'
import { memfdSyscalls } from './memfds.ts'
import { mountInfoSyscalls } from './mount-info.ts'
import { mountSyscalls } from './mounts.ts'
import { nameSyscalls } from './names.ts'
import { oldDirSyscalls } from './old-dirs.ts'
import { oldFileSyscalls } from './old-files.ts'
import type { Arities } from './optional-calls.ts'
import { optionalCalls } from './optional-calls.ts'
import { openSyscalls } from './opens.ts'
import { processHandlers } from './process-handlers.ts'
import { rangeSyscalls } from './ranges.ts'
import { quotaSyscalls } from './quotas.ts'
import { readWriteSyscalls } from './read-write.ts'
import { socketMessageSyscalls } from './socket-messages.ts'
import { socketOptionSyscalls } from './socket-options.ts'
import { socketSyscalls } from './sockets.ts'
import { statSyscalls } from './stats.ts'
import { xattrSyscalls } from './xattrs.ts'

/** The file half. */
const fileHandlers = (lsm: KeyMap, machine: Machine) => [
  openSyscalls(machine),
  fdSyscalls(machine),
  readWriteSyscalls(machine),
  rangeSyscalls(machine),
  copySyscalls(machine),
  statSyscalls(lsm, machine),
  dirSyscalls(lsm, machine),
  nameSyscalls(machine),
  attrSyscalls(machine),
  xattrSyscalls(machine),
  fcntlSyscalls(lsm, machine),
  ioctlSyscalls(machine),
  oldFileSyscalls(machine, attrSyscalls(machine)),
  adminSyscalls(lsm, machine),
  optionalCalls(machine, 'quota', { quotactl: 4, quotactl_fd: 4 }, () => quotaSyscalls(machine)),
  eventFdSyscalls(lsm, machine),
  memfdSyscalls(machine),
  mountSyscalls(machine),
  fsContextSyscalls(lsm, machine),
  mountInfoSyscalls(machine),
  oldDirSyscalls(machine),
  optionalCalls(
    machine, 'inotify', { inotify_init: 0, inotify_init1: 1, inotify_add_watch: 3, inotify_rm_watch: 2 },
    () => inotifySyscalls(lsm, machine),
  ),
  optionalCalls(machine, 'fanotify', { fanotify_init: 2, fanotify_mark: 5 }, () => fanotifySyscalls(machine)),
  optionalCalls(
    machine, 'file-handles', { name_to_handle_at: 5, open_by_handle_at: 3 }, () => fileHandleSyscalls(machine),
  ),
  { flock: lockSyscalls(lsm, machine).flock },
] as const

type Mqueue = 'mq_open' | 'mq_unlink' | 'mq_timedsend' | 'mq_timedreceive' | 'mq_notify' | 'mq_getsetattr'

const MQUEUE: Arities<Pick<IpcCalls, Mqueue>> = {
  mq_open: 4, mq_unlink: 1, mq_timedsend: 5, mq_timedreceive: 5, mq_notify: 2, mq_getsetattr: 3,
}
const SYSVIPC: Arities<Omit<IpcCalls, Mqueue>> = {
  shmget: 3, shmctl: 3, shmat: 3, shmdt: 1, semget: 3, semop: 3, semtimedop: 4, semctl: 4, msgget: 2, msgsnd: 4,
  msgrcv: 5, msgctl: 3,
}

/** In this order: a later group replaces what an earlier one has of the same name. */
export const createHandlers = (lsm: KeyMap, machine: Machine) => [
  ...fileHandlers(lsm, machine),
  ...processHandlers(lsm, machine),
  optionalCalls(machine, 'sysvipc', SYSVIPC, () => machine.ipc.calls),
  optionalCalls(machine, 'mqueue', MQUEUE, () => machine.ipc.calls),
  optionalCalls(machine, 'keys', { add_key: 5, request_key: 4, keyctl: 5 }, () => machine.keys.calls),
  socketSyscalls(lsm, machine),
  socketMessageSyscalls(machine),
  socketOptionSyscalls(lsm, machine),
  ...machineHandlers(lsm, machine),
] as const

export type HandlerGroups = ReturnType<typeof createHandlers>

/** Of all groups: a group a parameter, and what each may be is what all are. */
type All<Groups> = (Groups extends unknown ? (group: Groups) => void : never) extends (all: infer Every) => void
  ? Every
  : never

export type Handlers = All<HandlerGroups[number]>
