/** Operations of one process on files that can be waited for; the answers are events of epoll and poll, in order. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { Builtin, CMachine } from '../c/machine.ts'
import { bootOn, stackWith } from '../kernel.ts'
import { profileOf } from '../profile.ts'
import type { SessionActor, SessionKind, World } from './player.ts'

/** Descriptors lie in slots. The data of an event is the slot that it was added for. */
const operations = {
  eventfd: 'keep(x, eventfd2(y, z | EFD_NONBLOCK))',
  pipe: 'pipe2(pp, O_NONBLOCK); keep(x, pp[0]); keep(y, pp[1])',
  pair: 'socketpair(AF_UNIX, z | SOCK_NONBLOCK, 0, pp); keep(x, pp[0]); keep(y, pp[1])',
  epoll: 'keep(x, epoll_create1(0))',
  timer: 'keep(x, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK))',
  set: 'set_timer(slot(x), y)',
  dup: 'keep(y, dup(slot(x)))',
  close: 'close(take(x))',
  add: 'change(slot(x), EPOLL_CTL_ADD, y, z)',
  mod: 'change(slot(x), EPOLL_CTL_MOD, y, z)',
  del: 'change(slot(x), EPOLL_CTL_DEL, y, 0)',
  wait: 'show_events(slot(x), y)',
  poll: 'show_poll(slot(x), y)',
  count: '*(uint64_t *)buf = y; write(slot(x), buf, 8)',
  taken: 'read(slot(x), buf, 8)',
  write: 'memset(buf, 0, 4096); write(slot(x), buf, y)',
  read: 'read(slot(x), buf, y)',
  fill: 'fill(slot(x))',
  drain: 'drain(slot(x))',
  shutdown: 'shutdown(slot(x), y)',
  grow: 'done(fcntl(slot(x), F_SETPIPE_SZ, y))',
}

class EpollWorld implements World {
  readonly kernel: Kernel
  readonly first: Task
  now = 1_000_000

  constructor(options: Parameters<typeof profileOf>[0]) {
    this.kernel = bootOn(stackWith([], { profile: profileOf(options) }), { clock: () => this.now })
    this.first = this.kernel.init
  }
}

type EpollEvent = Exclude<Parameters<Kernel['sys']['epoll_ctl']>[4], null>

const PAGE = 4096

/** `SLOT:EVENTS` of each, in the order in which they are told. */
const textOf = (events: readonly EpollEvent[]): string =>
  events.map(({ data, events: mask }) => `${String(data)}:${mask.toString(16)}`).join(' ')

const helpers = (_m: CMachine, actor: SessionActor<EpollWorld>): Record<string, Builtin> => {
  const { player, sys, slots } = actor
  const { world } = player
  const untilRefused = (call: () => number): number => {
    let rc = call()
    while (rc > 0) rc = call()
    return rc
  }
  return {
    change: (ep, op, at, events) => sys.epoll_ctl(ep, op, slots.get(at) ?? -1, { events, data: at }),
    show_events: (ep, most) => {
      const events: EpollEvent[] = []
      const rc = sys.epoll_wait(ep, events, most, 0)
      return rc < 0 ? rc : player.say(`[${textOf(events.slice(0, rc))}]`)
    },
    show_poll: (fd, events) => {
      const asked = [{ fd, events, revents: 0 }]
      sys.poll(asked, 1, 0)
      return player.say(asked[0]!.revents.toString(16))
    },
    /** Milliseconds from now on. What is due at once has passed when the answer is there. */
    set_timer: (fd, ms) => {
      const rc = sys.timerfd_settime(fd, 0, {
        it_interval: { tv_sec: 0, tv_nsec: 0 }, it_value: { tv_sec: Math.floor(ms / 1000), tv_nsec: (ms % 1000) * 1e6 },
      }, null)
      world.now += 5
      world.kernel.machine.hrtimers.run()
      return rc
    },
    fill: (fd) => untilRefused(() => sys.write(fd, new Uint8Array(PAGE))),
    drain: (fd) => untilRefused(() => sys.read(fd, new Uint8Array(PAGE))),
  }
}

export const epollSessions: SessionKind<EpollWorld> = {
  operations,
  helpers,
  options: ['kernel'],
  boot: (_parameters, options) => new EpollWorld(options),
  missing: () => 'absent',
}
