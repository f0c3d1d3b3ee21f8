/** All handlers of one machine, by the name of their system call: each file of this folder adds its group. */
import type { KeyMap } from '@lsmkit/core'
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
  nameSyscalls(lsm, machine),
  attrSyscalls(lsm, machine),
  xattrSyscalls(machine),
  fcntlSyscalls(lsm, machine),
  ioctlSyscalls(lsm, machine),
  oldFileSyscalls(machine, attrSyscalls(lsm, machine)),
  adminSyscalls(lsm, machine),
  quotaSyscalls(lsm, machine),
  eventFdSyscalls(lsm, machine),
  memfdSyscalls(machine),
  mountSyscalls(lsm, machine),
  fsContextSyscalls(lsm, machine),
  mountInfoSyscalls(lsm, machine),
  oldDirSyscalls(machine),
  inotifySyscalls(lsm, machine),
  fanotifySyscalls(machine),
  fileHandleSyscalls(lsm, machine),
  { flock: lockSyscalls(lsm, machine).flock },
] as const

/** In this order: a later group replaces what an earlier one has of the same name. */
export const createHandlers = (lsm: KeyMap, machine: Machine) => [
  ...fileHandlers(lsm, machine),
  ...processHandlers(lsm, machine),
  machine.ipc.calls,
  machine.keys.calls,
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
