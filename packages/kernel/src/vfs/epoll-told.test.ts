/**
 * Every file that can be waited for tells of what comes: after each call, what an epoll file has heard of is what
 * asking each file by poll(2) finds. Files of all kinds, and calls in any order.
 */
import {
  AF_INET, AF_UNIX, AT_FDCWD, CLOCK_MONOTONIC, EEXIST, EFD_SEMAPHORE, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP,
  EPOLL_CTL_ADD, EPOLL_CTL_DEL, F_SETPIPE_SZ, IN_ALL_EVENTS, MSG_DONTWAIT, MS_REMOUNT, O_CREAT, O_NONBLOCK, O_RDONLY,
  O_RDWR, O_WRONLY, SIGUSR1, SIG_BLOCK, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_SEQPACKET, SOCK_STREAM, SPLICE_F_NONBLOCK,
  S_IFIFO, TIOCSPTLCK, WNOHANG,
} from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sockaddrIn, sockaddrUn } from '../state/net/sockaddr.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { bootForTest } from '../testing/boot.ts'
import type { EpollEvent } from './epoll.ts'

/** One direction at a time: a file that is ready for another one is looked at anyway. */
const WANTED = [EPOLLIN | EPOLLPRI, EPOLLOUT, EPOLLRDHUP]
const MANY = 200
/** The descriptor of the epoll file that watches all others. */
const WATCHER = 300
const RUNS = 40
const buf = (size: number): Uint8Array => new Uint8Array(size)
const ONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)
const signals = 1n << BigInt(SIGUSR1 - 1)

type Call = (n: number, m: number) => unknown

/** A kernel whose process 1 does things, each with two numbers that choose among descriptors and sizes. */
const world = () => {
  let now = 1_000_000
  const kernel = bootForTest({ clock: () => now })
  const { sys, init, fork, machine } = kernel
  const ep = sys.dup2(init, sys.epoll_create1(init, 0), WATCHER)
  sys.close(init, 0)
  const fds = () => [...fdTable(init).fd.keys()].filter((fd) => fd !== ep && fdTable(init).get(fd) !== null)
  const any = (n: number): number => fds()[n % fds().length] ?? -1
  sys.mkdir(init, '/tmp/watched', 0o777)
  sys.rt_sigprocmask(init, SIG_BLOCK, signals, null, 8)
  const port = (n: number) => sockaddrIn('127.0.0.1', 4000 + (n % 2))
  const name = (n: number) => sockaddrUn(`\0n${n % 2}`)
  const socket = (family: number, type: number): number => sys.socket(init, family, type | SOCK_NONBLOCK, 0)
  const types = [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]
  const children = () => [...machine.tasks.threads()].filter((task) => task !== init && task.exit_state === 0)
  const open = (path: string, flags = O_RDWR): number => sys.openat(init, AT_FDCWD, path, flags | O_NONBLOCK, 0)

  const common: readonly Call[] = [
    (n, m) => sys.write(init, any(n), buf(m % 5000)),
    (n) => sys.write(init, any(n), ONE),
    (n, m) => sys.read(init, any(n), buf(m % 5000)),
    (n) => sys.read(init, any(n), buf(4096)),
    (n) => {
      sys.epoll_ctl(init, ep, EPOLL_CTL_DEL, any(n), null)
      sys.close(init, any(n))
    },
    (n) => sys.dup(init, any(n)),
  ]
  const connections: readonly Call[] = [
    (n, m) => sys.listen(init, any(n), m % 3),
    (n) => sys.accept4(init, any(n), null, null, SOCK_NONBLOCK),
    (n) => sys.accept4(init, any(n), null, null, SOCK_NONBLOCK),
    (n, m) => sys.shutdown(init, any(n), m % 3),
    (n, m) => sys.recvfrom(init, any(n), buf(m % 3000), m % 3000, MSG_DONTWAIT, null, null),
  ]
  const themes = {
    pipes: [
      () => sys.pipe2(init, [0, 0], O_NONBLOCK),
      (n) => sys.mknod(init, `/tmp/fifo${n % 2}`, S_IFIFO | 0o600, 0),
      (n, m) => open(`/tmp/fifo${n % 2}`, [O_RDONLY, O_WRONLY, O_RDWR][m % 3]),
      (n, m) => sys.fcntl(init, any(n), F_SETPIPE_SZ, 4096 * (m % 4)),
      (n) => sys.write(init, any(n), buf(70_000)),
      (n, m) => sys.splice(init, any(n), null, any(m), null, 5000, SPLICE_F_NONBLOCK),
      (n, m) => sys.tee(init, any(n), any(m), 5000, SPLICE_F_NONBLOCK),
    ],
    'local sockets': [
      ...connections,
      (n) => sys.socketpair(init, AF_UNIX, types[n % 3]! | SOCK_NONBLOCK, 0, [0, 0]),
      (n, m) => sys.bind(init, socket(AF_UNIX, types[m % 3]!), name(n), name(n).length),
      (n, m) => sys.connect(init, socket(AF_UNIX, types[m % 3]!), name(n), name(n).length),
      (n, m) => sys.connect(init, any(n), name(m), name(m).length),
      (n, m) => sys.sendto(init, any(n), buf(m % 3000), m % 3000, MSG_DONTWAIT, name(m), name(m).length),
    ],
    'internet sockets': [
      ...connections,
      (n, m) => sys.bind(init, socket(AF_INET, types[m % 2]!), port(n), 16),
      (n, m) => sys.connect(init, socket(AF_INET, types[m % 2]!), port(n), 16),
      (n, m) => sys.connect(init, any(n), port(m), 16),
      (n, m) => sys.sendto(init, any(n), buf(m % 3000), m % 3000, MSG_DONTWAIT, port(m), 16),
      (n) => sys.write(init, any(n), buf(200_000)),
      (n) => sys.read(init, any(n), buf(200_000)),
    ],
    'counters and time': [
      (n) => sys.eventfd2(init, n % 2, O_NONBLOCK | (n % 4 < 2 ? EFD_SEMAPHORE : 0)),
      () => sys.timerfd_create(init, CLOCK_MONOTONIC, O_NONBLOCK),
      (n, m) => sys.timerfd_settime(init, any(n), 0, {
        it_value: { tv_sec: 0, tv_nsec: (m % 3) * 1e6 }, it_interval: { tv_sec: 0, tv_nsec: (m % 2) * 2e6 },
      }, null),
      (n) => void (now += n % 4),
      () => sys.epoll_create1(init, 0),
      (n, m) => sys.epoll_ctl(init, any(n), EPOLL_CTL_ADD, any(m), { events: EPOLLIN, data: 0 }),
    ],
    tasks: [
      () => sys.signalfd4(init, -1, signals, 8, O_NONBLOCK),
      () => sys.kill(init, 1, SIGUSR1),
      () => fork(),
      (n) => sys.pidfd_open(init, children()[n % 3]?.pid ?? 0, 0),
      (n) => children().length > 0 && sys.exit_group(children()[n % children().length]!, 0),
      () => sys.wait4(init, -1, null, WNOHANG, null),
    ],
    files: [
      () => sys.inotify_init1(init, O_NONBLOCK),
      (n) => sys.inotify_add_watch(init, any(n), '/tmp/watched', IN_ALL_EVENTS),
      (n) => sys.mkdir(init, `/tmp/watched/${n}`, 0o700),
      (n) => sys.mq_open(init, `q${n % 2}`, O_CREAT | O_RDWR | O_NONBLOCK, 0o600, {
        mq_flags: 0, mq_maxmsg: 2, mq_msgsize: 64, mq_curmsgs: 0,
      }),
      (n) => sys.mq_timedsend(init, any(n), buf(8), 8, 0, null),
      (n) => sys.mq_timedreceive(init, any(n), buf(64), 64, null, null),
      () => open('/dev/kmsg'),
      () => open('/proc/self/mounts', O_RDONLY),
      (n) => sys.mount(init, 'none', '/tmp/watched', 'tmpfs', n % 2 === 0 ? 0 : MS_REMOUNT, null),
    ],
    terminals: [
      () => open('/dev/ptmx'),
      (n) => open(`/dev/pts/${n % 2}`),
      (n) => sys.ioctl(init, any(n), TIOCSPTLCK, 0),
    ],
  } satisfies Readonly<Record<string, readonly Call[]>>
  return { ...kernel, common, themes, fds, ep }
}

const THEMES = Object.keys(world().themes) as (keyof ReturnType<typeof world>['themes'])[]
const shown = (fd: unknown, events: number): string => `${String(fd)}: ${events.toString(16)}`

test.each(THEMES)('what an epoll file has heard of is what asking finds: %s', (theme) => {
  const wants = fc.constantFrom(...WANTED)
  const runs = fc.array(fc.tuple(fc.nat(), fc.nat(1000), fc.nat(5000)), { minLength: 30, maxLength: 100 })
  fc.assert(fc.property(wants, runs, (wanted, steps) => {
    const { sys, init, common, themes, fds, ep } = world()
    const calls: readonly Call[] = [...common, ...themes[theme], ...themes[theme]]
    for (const [which, n, m] of steps) {
      calls[which % calls.length]!(n, m)
      for (const fd of fds()) sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, fd, { events: wanted, data: fd })
      // a file that cannot be watched, and one whose watching would make a circle, are not asked either
      const isWatched = (fd: number) => sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, fd, { events: 0, data: 0 }) === -EEXIST
      const events: EpollEvent[] = []
      const heard = sys.epoll_wait(init, ep, events, MANY, 0)
      const asked = fds().filter(isWatched).map((fd) => ({ fd, events: wanted, revents: 0 }))
      sys.poll(init, asked, asked.length, 0)
      const found = asked.filter(({ revents }) => revents !== 0)
      expect(events.slice(0, heard).map(({ data, events: mask }) => shown(data, mask)).sort())
        .toEqual(found.map(({ fd, revents }) => shown(fd, revents)).sort())
    }
  }), { numRuns: RUNS })
})
