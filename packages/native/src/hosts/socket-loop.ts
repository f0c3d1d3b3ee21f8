/** The loop of the thread that makes sockets for programs. It loads little, so that a start with hosts is quick. */
import {
  EACCES, ENOSYS, O_CLOEXEC, POLLERR, POLLHUP, POLLIN, SO_BINDTODEVICE, SOCK_CLOEXEC, SOL_SOCKET, SOL_TCP,
} from '@lsmkit/abi'
import { callNumber } from '../sys/calls.ts'
import type { System } from '../sys/system.ts'
import { Notification } from '../watch/notification.ts'
import { Pinned } from '../watch/pinned.ts'

const DEVICE = new TextEncoder().encode('lo\0')
const TCP_SYNCNT = 7
const ONE = Uint8Array.of(1, 0, 0, 0)
/** `sizeof(struct pollfd)`. */
const POLLFD = 8
const FOREVER = -1

/** Answers socket(2), whose arguments are numbers. A socket that cannot be bound is refused. */
export const giveLocalSocket = (system: System, call: Notification): void => {
  const [family, type, protocol] = [call.int(0), call.int(1), call.int(2)]
  const fd = system.call('socket', family, type | SOCK_CLOEXEC, protocol)
  if (fd < 0) return void call.reply(fd)
  const bound = system.call('setsockopt', fd, SOL_SOCKET, SO_BINDTODEVICE, DEVICE, DEVICE.length)
  // no answer comes from elsewhere: a connection fails after three seconds, not after two minutes
  system.call('setsockopt', fd, SOL_TCP, TCP_SYNCNT, ONE, ONE.length)
  const flags = (type & SOCK_CLOEXEC) === 0 ? 0 : O_CLOEXEC
  if (bound < 0 || call.replyWithDescriptor(fd, flags) < 0) call.reply(-EACCES)
  system.call('close', fd)
}

/** Until the last program has gone, or the descriptor `stop` becomes readable. Answers how many calls there were. */
export const runSockets = (system: System, listener: number, stop: number): number => {
  const call = new Notification(system, listener)
  const socket = callNumber(system.arch, 'socket')
  const { view, address } = new Pinned(system, 2 * POLLFD)
  for (const [at, fd] of [listener, stop].entries()) {
    view.setInt32(POLLFD * at, fd, true)
    view.setInt32(POLLFD * at + 4, POLLIN, true)
  }
  const events = (at: number): number => view.getInt16(POLLFD * at + 6, true)
  for (let calls = 0; ;) {
    if (system.call('poll', address, 2, FOREVER) <= 0) continue
    if (events(1) !== 0) return calls
    if ((events(0) & POLLIN) !== 0) {
      // the task may have gone meanwhile
      if (call.receive() < 0) continue
      calls++
      if (call.nr === socket) giveLocalSocket(system, call)
      else call.reply(-ENOSYS)
    } else if ((events(0) & (POLLHUP | POLLERR)) !== 0) return calls
  }
}
