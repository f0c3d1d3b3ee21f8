/** Random operations on eventfds, pipes, sockets, timers and the epoll files that watch them and one another. */
import {
  EFD_SEMAPHORE, EPOLLET, EPOLLEXCLUSIVE, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, SOCK_DGRAM,
  SOCK_SEQPACKET, SOCK_STREAM,
} from '@lsmkit/abi'
import { randomFrom } from './random.ts'
import type { Random } from './random.ts'

type What = 'eventfd' | 'read end' | 'write end' | 'socket' | 'timer' | 'epoll'

/** Slots 0 to 8 hold files, 9 to 12 epoll files. */
const FILES = 9
const EPOLLS = 4
const TYPES = [SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]
const WANTED = [EPOLLIN, EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT, EPOLLIN | EPOLLRDHUP, EPOLLPRI, 0]
const WAYS = [0, 0, 0, EPOLLET, EPOLLET, EPOLLET, EPOLLONESHOT, EPOLLET | EPOLLONESHOT]
const DATA = ['write 1', 'write 1', 'write 4096', 'write 5000', 'write 0', 'fill']

class Session {
  readonly #random: Random
  readonly #slots = new Map<number, What>()

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  /** A slot that holds such a file; any slot at times. */
  #of(...kinds: readonly What[]): number {
    const { below, pick } = this.#random
    const found = [...this.#slots].filter(([, kind]) => kinds.includes(kind)).map(([slot]) => slot)
    return found.length === 0 || below(100) === 0 ? below(FILES + EPOLLS) : pick(found)
  }

  #put(slot: number, kind: What): number {
    this.#slots.set(slot, kind)
    return slot
  }

  /** Two slots that are not the same. */
  #two(first: What, second: What): string {
    const { below } = this.#random
    const at = below(FILES)
    return `${this.#put(at, first)} ${this.#put((at + 1 + below(FILES - 1)) % FILES, second)}`
  }

  #epoll(): number {
    return this.#of('epoll')
  }

  #events(): number {
    const { below, pick } = this.#random
    const exclusive = below(12) === 0 ? EPOLLEXCLUSIVE : 0
    return (pick(WANTED) | pick(WAYS) | exclusive) >>> 0
  }

  #any(): number {
    return this.#of('eventfd', 'read end', 'write end', 'socket', 'timer', 'epoll')
  }

  #made(): string {
    const { below, pick } = this.#random
    const semaphore = pick([0, EFD_SEMAPHORE])
    switch (below(7)) {
      case 0: return `eventfd ${this.#put(below(FILES), 'eventfd')} ${below(3)} ${semaphore}`
      case 1: case 2: return `pipe ${this.#two('read end', 'write end')}`
      case 3: case 4: return `pair ${this.#two('socket', 'socket')} ${pick(TYPES)}`
      case 5: return `timer ${this.#put(below(FILES), 'timer')}`
      default: return `epoll ${this.#put(FILES + below(EPOLLS), 'epoll')}`
    }
  }

  #moved(): string {
    const { below, pick } = this.#random
    switch (below(8)) {
      case 0: return `count ${this.#of('eventfd')} ${pick([0, 1, 2, 3])}`
      case 1: return `taken ${this.#of('eventfd', 'timer')}`
      case 2: case 3: {
        const [how = '', ...size] = pick(DATA).split(' ')
        return [how, this.#of('write end', 'socket'), ...size].join(' ')
      }
      case 4: case 5: return `read ${this.#of('read end', 'socket')} ${pick([1, 100, 4096])}`
      case 6: return `drain ${this.#of('read end', 'socket')}`
      default: return `set ${this.#of('timer')} ${pick([0, 1, 1, 60_000])}`
    }
  }

  #watched(): string {
    const { below } = this.#random
    switch (below(5)) {
      case 0: case 1: case 2: return `add ${this.#epoll()} ${this.#any()} ${this.#events()}`
      case 3: return `mod ${this.#epoll()} ${this.#any()} ${this.#events()}`
      default: return `del ${this.#epoll()} ${this.#any()}`
    }
  }

  #ended(): string {
    const { below, pick } = this.#random
    switch (below(5)) {
      case 0: {
        const slot = this.#any()
        this.#slots.delete(slot)
        return `close ${slot}`
      }
      case 1: {
        const from = this.#any()
        const kind = this.#slots.get(from)
        const to = kind === 'epoll' ? FILES + below(EPOLLS) : below(FILES)
        if (kind !== undefined) this.#put(to, kind)
        return `dup ${from} ${to}`
      }
      case 2: return `shutdown ${this.#of('socket')} ${below(3)}`
      case 3: return `grow ${this.#of('read end', 'write end')} ${pick([4096, 8192, 65536])}`
      default: return `poll ${this.#any()} ${pick([EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT | EPOLLRDHUP])}`
    }
  }

  next(step: number): string {
    const { below, pick } = this.#random
    const draw = below(24)
    if (step < 2) return `epoll ${this.#put(FILES + step, 'epoll')}`
    if (step < 6 || draw === 0) return this.#made()
    if (draw < 8) return this.#moved()
    if (step < 12 || draw < 13) return this.#watched()
    if (draw < 14) return this.#ended()
    return `wait ${this.#epoll()} ${pick([1, 1, 2, 3, 60])}`
  }
}

/** Operations of a session. */
const LENGTH = 80

export function* generateEpoll(seed: number, count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const session = new Session(seed + i)
    yield `session ${seed + i}`
    for (let step = 0; step < LENGTH; step++) yield `0 ${session.next(step)}`
  }
}
