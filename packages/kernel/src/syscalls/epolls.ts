/** epoll_create, epoll_ctl, epoll_wait (fs/eventpoll.c). */
import {
  EBADF, EEXIST, EFAULT, EINVAL, ENOENT, ENOMEM, ENOSPC, EPERM, EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL,
  EPOLL_CTL_MOD, EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWAKEUP, O_RDWR,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { SigSet } from '../state/task/sigset.ts'
import { UserCounts } from '../state/task/user-counts.ts'
import { EventPoll, inOneLook, isReady } from '../vfs/epoll.ts'
import type { EpollEvent, EpollItem } from '../vfs/epoll.ts'
import { checkWays, mayWatch } from '../vfs/epoll-paths.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { lookNow, vfs_poll } from './polls.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

const EP_MAX_EVENTS = Math.floor(0x7fffffff / 12)
const EXCLUSIVE_OK_BITS = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE

/** How many items the epoll files of each user have. */
class EpollWatches extends UserCounts {}

const eventpoll_fops = fileOperations({
  poll: (file) => (isReady(pollOf(file), vfs_poll) ? EPOLLIN | EPOLLRDNORM : 0),
  poll_queue: (file) => pollOf(file).wait,
  release(_inode, file) {
    const ep = pollOf(file)
    for (const item of [...ep.items]) ep.remove(item)
  },
})

const pollOf = (file: File): EventPoll => fileState(file).data as EventPoll

const isEpoll = (file: File): boolean => fileState(file).f_op === eventpoll_fops

const epoll_create1 = (machine: Machine, flags: number): number => {
  if ((flags & ~EPOLL_CLOEXEC) !== 0) return -EINVAL
  const cloexec = (flags & EPOLL_CLOEXEC) !== 0
  const ep: EventPoll = new EventPoll(() => machine.part(EpollWatches).add(ep.file!.f_cred.uid, -1))
  const fd = machine.vfs.anon_inode_getfd('[eventpoll]', eventpoll_fops, ep, O_RDWR | (flags & EPOLL_CLOEXEC), cloexec)
  ep.file = fget(machine.current.task, fd)
  return fd
}

const epoll_create = (machine: Machine, size: number): number => (size <= 0 ? -EINVAL : epoll_create1(machine, 0))

/** Lists an item that is ready already. That is news for the sleepers on the epoll file, unless it was listed. */
const listIfReady = (item: EpollItem): void => {
  const { ep, notifies } = item
  if (item.isListed) return
  const mask = inOneLook(() => item.readyMask(vfs_poll))
  if (mask !== 0 || !notifies) ep.list(item)
  if (mask !== 0) ep.wait.wake(EPOLLIN)
}

/** As `ep_insert`: 0, -ENOSPC (fs.epoll.max_user_watches), or -EINVAL when too many paths lead to an epoll file. */
const insert = (
  machine: Machine, epfile: File, ep: EventPoll, fd: number, file: File, event: EpollEvent, sources: ReadonlySet<File>,
): number => {
  const { uid } = epfile.f_cred
  if (machine.part(EpollWatches).of(uid) >= machine.sysctl.max_user_watches) return -ENOSPC
  if (!fileState(file).charge(COST.epollItem)) return -ENOMEM
  machine.part(EpollWatches).add(uid, 1)
  const item = ep.add(fd, file, event)
  const rc = checkWays(sources)
  if (rc === 0) listIfReady(item)
  else ep.remove(item)
  return rc
}

/** Whether EPOLLEXCLUSIVE is given where it is not allowed. */
const isBadExclusive = (op: number, file: File, { events }: EpollEvent): boolean => {
  if ((events & EPOLLEXCLUSIVE) === 0) return false
  return op === EPOLL_CTL_MOD || (op === EPOLL_CTL_ADD && (isEpoll(file) || (events & ~EXCLUSIVE_OK_BITS) !== 0))
}

/** What an item may report, whatever it asks for. */
const ALWAYS = EPOLLERR | EPOLLHUP

const epoll_ctl = (machine: Machine, epfd: number, op: number, fd: number, given: EpollEvent | null): number => {
  if (op !== EPOLL_CTL_DEL && given === null) return -EFAULT
  const epfile = fget(machine.current.task, epfd)
  const file = fget(machine.current.task, fd)
  if (epfile === null || file === null) return -EBADF
  if (fileState(file).f_op.poll === null) return -EPERM
  if (epfile === file || !isEpoll(epfile)) return -EINVAL
  if (op !== EPOLL_CTL_DEL && isBadExclusive(op, file, given!)) return -EINVAL
  const ep = pollOf(epfile)
  const sources = new Set<File>()
  if (op === EPOLL_CTL_ADD) {
    const rc = mayWatch(ep, file, sources)
    if (rc !== 0) return rc
  }
  const item = ep.find(fd, file)
  const event = (): EpollEvent => ({ events: given!.events | ALWAYS, data: given!.data })
  switch (op) {
    case EPOLL_CTL_ADD:
      return item !== null ? -EEXIST : insert(machine, epfile, ep, fd, file, event(), sources)
    case EPOLL_CTL_DEL:
      if (item === null) return -ENOENT
      ep.remove(item)
      return 0
    case EPOLL_CTL_MOD:
      if (item === null) return -ENOENT
      if ((item.events & EPOLLEXCLUSIVE) !== 0) return -EINVAL
      ep.modify(item, event())
      listIfReady(item)
      return 0
    default:
      return -EINVAL
  }
}

/** Fills `events` from the start; the answer is how many. */
const wait = (
  machine: Machine, call: string, epfd: number, events: EpollEvent[] | null, maxevents: number, ms: number,
): number => {
  if (maxevents <= 0 || maxevents > EP_MAX_EVENTS) return -EINVAL
  if (events === null) return -EFAULT
  const file = fget(machine.current.task, epfd)
  if (file === null) return -EBADF
  if (!isEpoll(file)) return -EINVAL
  const ep = pollOf(file)
  const ready = lookNow(machine, () => ep.take(maxevents, vfs_poll))
  if (ready.length === 0 && ms !== 0) return machine.deadlines.sleep(call, ep.wait, ms, 0)
  machine.deadlines.forget()
  ready.forEach((event, i) => (events[i] = event))
  return ready.length
}

const epoll_wait = (
  machine: Machine, epfd: number, events: EpollEvent[] | null, maxevents: number, timeout: number,
): number =>
  wait(machine, 'epoll_wait', epfd, events, maxevents, timeout < 0 ? Infinity : timeout)

const epoll_pwait = (
  machine: Machine, epfd: number, events: EpollEvent[] | null, maxevents: number, timeout: number, mask: SigSet | null,
  size: number,
): number =>
  machine.signals.withUserMask(mask, size, () =>
    wait(machine, 'epoll_pwait', epfd, events, maxevents, timeout < 0 ? Infinity : timeout))

const epoll_pwait2 = (
  machine: Machine, epfd: number, events: EpollEvent[] | null, maxevents: number, timeout: Timespec | null,
  mask: SigSet | null,
  size: number,
): number => {
  if (timeout !== null && !isTimespec(timeout)) return -EINVAL
  const ms = timeout === null ? Infinity : msOf(timeout)
  return machine.signals.withUserMask(mask, size, () => wait(machine, 'epoll_pwait2', epfd, events, maxevents, ms))
}

export const epollSyscalls = { epoll_create, epoll_create1, epoll_ctl, epoll_wait, epoll_pwait, epoll_pwait2 }
