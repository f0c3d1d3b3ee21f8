/** Descriptors of all kinds, and what watches files. */
import { AT_FDCWD, EPOLL_CTL_ADD, EPOLLIN, IN_ALL_EVENTS, O_CREAT, O_NONBLOCK, O_RDWR } from '@lsmkit/abi'
import { must, ofFiles, open, some, someOf, touch } from '../stage.ts'
import type { Crowds, Stage } from '../stage.ts'

const NO_EVENTS = { events: EPOLLIN, data: 0 }

/** Kept beside a stage: what is made with the first of its crowd. */
const firsts = new WeakMap<Stage, number>()
const first = (at: Stage, make: () => number): number => {
  const known = firsts.get(at)
  if (known !== undefined) return known
  const fd = must(make())
  firsts.set(at, fd)
  return fd
}

export const descriptorCrowds: Crowds = {
  'descriptors': ofFiles((at, i) => (i === 0 ? open(at, '/c') : at.sys.dup(at.me, 0))),
  'open files': ofFiles((at) => open(at, '/c/f', O_CREAT | O_RDWR)),
  'pipes': ofFiles(({ sys, me }) => {
    const both = [0, 0]
    return sys.pipe2(me, both, O_NONBLOCK) || both[1]!
  }, 30_000),
  'eventfds': ofFiles(({ sys, me }) => sys.eventfd2(me, 1, 0)),
  'timerfds': ofFiles(({ sys, me }) => sys.timerfd_create(me, 1, 0)),
  'epoll items': {
    sets: (at) => {
      const { sys, me } = at
      const ep = must(sys.epoll_create1(me, 0))
      const made: number[] = []
      return {
        add: () => sys.epoll_ctl(me, ep, EPOLL_CTL_ADD, made[made.push(must(sys.eventfd2(me, 0, 0))) - 1]!, NO_EVENTS),
        handles: () => ({ fds: [ep, ...some(made)] }),
      }
    },
  },
  'epolls of one file': ofFiles((at) => {
    const { sys, me } = at
    const ep = must(sys.epoll_create1(me, 0))
    return sys.epoll_ctl(me, ep, EPOLL_CTL_ADD, first(at, () => at.sys.eventfd2(at.me, 0, 0)), NO_EVENTS) || ep
  }),
  'watches of inotify': {
    most: 65_000,
    sets: (at) => {
      const { sys, me } = at
      const fd = must(sys.inotify_init1(me, O_NONBLOCK))
      return {
        add: (i) => (touch(at, `/c/${i}`), sys.inotify_add_watch(me, fd, `/c/${i}`, IN_ALL_EVENTS)),
        handles: (count) => ({
          fds: [fd, open(at, `/c/${count >> 1}`)], paths: someOf(count).map((i) => `/c/${i}`),
          ids: someOf(count).map((i) => i + 1),
        }),
      }
    },
  },
  'inotify instances on one file': {
    most: 128,
    sets: (at) => {
      const { sys, me } = at
      return {
        add: () => must(sys.inotify_add_watch(me, must(sys.inotify_init1(me, O_NONBLOCK)), '/c', IN_ALL_EVENTS)),
        handles: () => ({ paths: ['/c', '/c/n'], fds: [open(at, '/c')] }),
      }
    },
  },
  'events of inotify': {
    most: 16_000,
    sets: (at) => {
      const { sys, me } = at
      const fd = must(sys.inotify_init1(me, O_NONBLOCK))
      must(sys.inotify_add_watch(me, fd, '/c', IN_ALL_EVENTS))
      return { add: (i) => sys.mkdir(me, `/c/${i}`, 0o755), handles: () => ({ fds: [fd] }) }
    },
  },
  'marks of fanotify': {
    most: 100_000,
    sets: (at) => {
      const { sys, me } = at
      const fd = must(sys.fanotify_init(me, 0x2 | 0x20, 0))
      return {
        add: (i) => (touch(at, `/c/${i}`), sys.fanotify_mark(me, fd, 1, 0x20, AT_FDCWD, `/c/${i}`)),
        handles: (count) => ({ fds: [fd, open(at, '/c/1')], paths: someOf(count).map((i) => `/c/${i}`) }),
      }
    },
  },
  'pidfds of one process': ofFiles(({ sys, init, me }) => sys.pidfd_open(me, init.pid, 0)),
  'perf events': ofFiles(({ sys, me }) =>
    sys.perf_event_open(me, { type: 1, size: 128, config: 1 } as never, 0, -1, -1, 0)),
  'ptys': ofFiles((at) => open(at, '/dev/ptmx', O_RDWR), 4000),
  'contexts of mounts': ofFiles(({ sys, me }) => sys.fsopen(me, 'tmpfs', 0)),
}
