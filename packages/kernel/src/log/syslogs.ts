/** The kernel's log for programs: syslog(2) and /dev/kmsg (kernel/printk/printk.c). */
import {
  CAP_SYSLOG, EFAULT, EINVAL, EPERM, EPOLLIN, EPOLLRDNORM, O_ACCMODE, O_WRONLY,
  SEEK_END, SEEK_SET, SYSLOG_ACTION_CLEAR, SYSLOG_ACTION_CLOSE, SYSLOG_ACTION_CONSOLE_LEVEL,
  SYSLOG_ACTION_CONSOLE_OFF, SYSLOG_ACTION_CONSOLE_ON, SYSLOG_ACTION_OPEN, SYSLOG_ACTION_READ, SYSLOG_ACTION_READ_ALL,
  SYSLOG_ACTION_READ_CLEAR, SYSLOG_ACTION_SIZE_BUFFER, SYSLOG_ACTION_SIZE_UNREAD,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { AnyKeyMap } from '@lsmkit/core'
import { copyIn, copyOut, give } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fileState } from '../state/vfs/state.ts'
import { WaitQueue } from '../state/vfs/wait.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const LOG_LINE_MAX = 976

/** As `check_syslog_permissions`: with dmesg_restrict even reading needs CAP_SYSLOG. */
const mayUseLog = (lsm: AnyKeyMap, machine: Machine, type: number): number => {
  const free = type === SYSLOG_ACTION_READ_ALL || type === SYSLOG_ACTION_SIZE_BUFFER
  const restricted = machine.sysctl.dmesg_restrict !== 0 || !free
  if (restricted && !capable(lsm, machine.current, CAP_SYSLOG)) return -EPERM
  return lsm.syslog.ask(type)
}

/** /dev/kmsg. Each read gives one record: `prefix,seq,microseconds,-;text`. */
export const kmsgDevice = (lsm: AnyKeyMap, machine: Machine): FileOperations => {
  const news = new WaitQueue()
  return fileOperations({
    open(_inode, file) {
      if ((file.f_flags & O_ACCMODE) !== O_WRONLY) {
        const rc = mayUseLog(lsm, machine, SYSLOG_ACTION_READ_ALL)
        if (rc !== 0) return rc
      }
      fileState(file).data = machine.log.records[0]?.seq ?? machine.log.end
      return 0
    },
    read(file, buf, off, len) {
      const state = fileState(file)
      const record = machine.log.records.find(({ seq }) => seq >= (state.data as number))
      if (record === undefined) return machine.sleepUnlessNonblock(file, news)
      const line = encoder.encode(`${record.prefix},${record.seq},${record.at},-;${record.text}\n`)
      if (line.length > len) return -EINVAL
      state.data = record.seq + 1
      return give(line, buf, off)
    },
    write(_file, buf, off, len) {
      if (len > LOG_LINE_MAX) return -EINVAL
      machine.log.addFromUser(decoder.decode(copyIn(buf, off, len)))
      news.wake()
      return len
    },
    llseek(file, offset, whence) {
      if (offset !== 0) return -EINVAL
      if (whence !== SEEK_SET && whence !== SEEK_END) return -EINVAL
      fileState(file).data = whence === SEEK_END ? machine.log.end : (machine.log.records[0]?.seq ?? machine.log.end)
      return 0
    },
    poll: (file) => (machine.log.end > (fileState(file).data as number) ? EPOLLIN | EPOLLRDNORM : 0),
    poll_queue: () => news,
  })
}

const copyText = (buf: GuestBytes, len: number, text: string, fromEnd: boolean): number => {
  const bytes = encoder.encode(text)
  const part = fromEnd ? bytes.subarray(Math.max(bytes.length - len, 0)) : bytes.subarray(0, len)
  copyOut(part, buf)
  return part.length
}

const read = (machine: Machine, type: number, buf: GuestBytes | null, len: number): number => {
  const { log } = machine
  if (buf === null || len < 0) return -EINVAL
  if (len === 0) return 0
  if (buf.length < len) return -EFAULT
  if (type === SYSLOG_ACTION_READ) {
    const copied = copyText(buf, len, log.text(machine.log.readUpTo), false)
    machine.log.readUpTo = log.end
    return copied
  }
  const copied = copyText(buf, len, log.text(log.clearedBefore), true)
  if (type === SYSLOG_ACTION_READ_CLEAR) log.clearedBefore = log.end
  return copied
}

const syslog = (machine: Machine, type: number, buf: GuestBytes | null, len: number): number => {
  const rc = mayUseLog(machine.lsm, machine, type)
  if (rc !== 0) return rc
  const { log } = machine
  switch (type) {
    case SYSLOG_ACTION_CLOSE:
    case SYSLOG_ACTION_OPEN:
      return 0
    case SYSLOG_ACTION_READ:
    case SYSLOG_ACTION_READ_ALL:
    case SYSLOG_ACTION_READ_CLEAR:
      return read(machine, type, buf, len)
    case SYSLOG_ACTION_CLEAR:
      log.clearedBefore = log.end
      return 0
    case SYSLOG_ACTION_CONSOLE_OFF:
      machine.log.savedLevel ??= log.consoleLevel
      log.consoleLevel = 1
      return 0
    case SYSLOG_ACTION_CONSOLE_ON:
      if (machine.log.savedLevel !== null) log.consoleLevel = machine.log.savedLevel
      machine.log.savedLevel = null
      return 0
    case SYSLOG_ACTION_CONSOLE_LEVEL:
      if (len < 1 || len > 8) return -EINVAL
      log.consoleLevel = len
      machine.log.savedLevel = null
      return 0
    case SYSLOG_ACTION_SIZE_UNREAD:
      return encoder.encode(log.text(machine.log.readUpTo)).length
    case SYSLOG_ACTION_SIZE_BUFFER:
      return log.size
    default:
      return -EINVAL
  }
}

export const syslogSyscalls = { syslog }
