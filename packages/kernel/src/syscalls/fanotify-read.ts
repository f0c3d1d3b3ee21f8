/** Writes events into the listener's buffer: metadata, a descriptor, records, a pidfd (`copy_event_to_user`). */
import { FAN_NOFD, FAN_REPORT_FD_ERROR, FAN_REPORT_PIDFD, FAN_REPORT_TID, FMODE_NONOTIFY, O_CLOEXEC } from '@lsmkit/abi'
import type { File, Path, Task } from '@lsmkit/core'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import type { Fanotify, Queued } from './fanotify-group.ts'
import { PIDFD_RECORD, infoRecords, pidfdRecord } from './fanotify-info.ts'

/** Bytes of `struct fanotify_event_metadata`. */
const EVENT_SIZE = 24
const METADATA_VERSION = 3
/** Stands for a pidfd that could not be made. */
const FAN_NOPIDFD = -1
const FAN_EPIDFD = -2

export const groupOf = (file: File): Fanotify => fileState(file).data as Fanotify

/** As `create_fd`: the file of an event, opened for the listener. */
const create_fd = (machine: Machine, group: Fanotify, path: Path): number => {
  const { current } = machine
  const fd = get_unused_fd(current.task, (group.event_f_flags & O_CLOEXEC) !== 0)
  if (fd < 0) return fd
  const file = machine.vfs.dentry_open(path, group.event_f_flags, current.task.cred, FMODE_NONOTIFY)
  if (typeof file === 'number') {
    fdTable(current.task).free(fd)
    return file
  }
  fdTable(current.task).install(fd, file)
  return fd
}

const metadata = (mask: number, fd: number, pid: number, length: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(EVENT_SIZE))
  view.setUint32(0, length, true)
  view.setUint8(4, METADATA_VERSION)
  view.setUint8(5, 0)
  view.setUint16(6, EVENT_SIZE, true)
  view.setBigUint64(8, BigInt(mask >>> 0), true)
  view.setInt32(16, fd, true)
  view.setInt32(20, pid, true)
  return new Uint8Array(view.buffer)
}

/** An unprivileged group sees only its own process id. */
const pidFor = (machine: Machine, group: Fanotify, task: Task | null): number => {
  const { tasks } = machine
  if (task === null) return 0
  if ((group.flags & FAN_REPORT_TID) !== 0) return tasks.pidNr(task)
  return !group.unprivileged || task.tgid === machine.current.task.tgid ? tasks.tgidNr(task) : 0
}

const pidfdFor = (machine: Machine, task: Task | null): number => {
  const pid = task === null ? null : threadOf(task).pid
  if (pid === null || pid.task === null) return FAN_NOPIDFD
  const fd = machine.pidfds.create(pid, 0)
  return fd < 0 ? FAN_EPIDFD : fd
}

const recordsOf = ({ flags }: Fanotify, { mask, info }: Queued): readonly Uint8Array[] =>
  infoRecords(flags, mask, info)

export const lengthOf = (group: Fanotify, event: Queued): number =>
  recordsOf(group, event).reduce((total, { length }) => total + length, EVENT_SIZE) +
  ((group.flags & FAN_REPORT_PIDFD) !== 0 ? PIDFD_RECORD : 0)

export const copy_event_to_user = (machine: Machine, group: Fanotify, buf: GuestBytes, off: number): number => {
  const event = group.queue[0]!
  const fd = event.path === null ? FAN_NOFD : create_fd(machine, group, event.path)
  if (fd < 0 && event.path !== null && (group.flags & FAN_REPORT_FD_ERROR) === 0) return fd
  group.shift()
  event.fd = fd
  if (event.answer === 0) group.asked.push(event)
  const length = lengthOf(group, event)
  copyOut(metadata(event.mask, fd, pidFor(machine, group, event.task), length), buf, off)
  let at = off + EVENT_SIZE
  for (const record of recordsOf(group, event)) {
    copyOut(record, buf, at)
    at += record.length
  }
  if ((group.flags & FAN_REPORT_PIDFD) !== 0) copyOut(pidfdRecord(pidfdFor(machine, event.task)), buf, at)
  return length
}
