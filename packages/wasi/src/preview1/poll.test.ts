import { SIGXCPU, WASI_FDFLAGS_NONBLOCK } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { expect, test } from 'vitest'
import { bootForTest, writeFile } from '../testing/boot.ts'
import { installStreams } from '../stdio.ts'
import type { Source } from '../options.ts'
import { guestOn, name } from '../testing/guest.ts'
import type { Guest, GuestSetup } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
writeFile(kernel, '/file', '0123456789')

/** A clock that only sleeping moves. */
const virtual = () => {
  const slept: number[] = []
  let now = 1000
  return {
    slept,
    host: {
      now: () => now,
      wallClock: () => 1_700_000_000_000 + now,
      sleep: (ms: number) => {
        slept.push(ms)
        now += ms
      },
    },
  }
}

type Wish = { clock: number; ms: number; absolute?: boolean } | { read: number } | { write: number } | { type: number }

/** Puts subscriptions into memory, each with its index as userdata; what happened, or the error. */
const poll = (guest: Guest, wishes: readonly Wish[]) => {
  const at = guest.room(48 * wishes.length)
  const events = guest.room(32 * wishes.length)
  const view = guest.view()
  wishes.forEach((wish, i) => {
    const one = at + i * 48
    view.setBigUint64(one, BigInt(i), true)
    if ('clock' in wish) {
      view.setUint8(one + 8, 0)
      view.setUint32(one + 16, wish.clock, true)
      view.setBigUint64(one + 24, BigInt(wish.ms) * 1_000_000n, true)
      view.setUint16(one + 40, wish.absolute === true ? 1 : 0, true)
    } else if ('type' in wish) view.setUint8(one + 8, wish.type)
    else {
      view.setUint8(one + 8, 'read' in wish ? 1 : 2)
      view.setInt32(one + 16, 'read' in wish ? wish.read : wish.write, true)
    }
  })
  const rc = guest.wasi.poll_oneoff(at, events, wishes.length, guest.out)
  if (rc !== 0) return name(rc)
  return Array.from({ length: guest.u32(guest.out) }, (_, i) => {
    const event = events + i * 32
    return {
      of: Number(guest.view().getBigUint64(event, true)), error: name(guest.view().getUint16(event + 8, true)),
      type: guest.view().getUint8(event + 10), bytes: Number(guest.view().getBigUint64(event + 16, true)),
      hangup: guest.view().getUint16(event + 24, true),
    }
  })
}

const withPipe = (setup: GuestSetup = {}) => {
  const guest = guestOn(kernel, setup)
  const fds: number[] = []
  kernel.sys.pipe(guest.task, fds)
  return { guest, reader: fds[0]!, writer: fds[1]! }
}

test('a timeout sleeps exactly once', () => {
  const { host, slept } = virtual()
  const guest = guestOn(kernel, { host })
  expect(poll(guest, [{ clock: 1, ms: 200 }])).toEqual([{ of: 0, error: 'ok', type: 0, bytes: 0, hangup: 0 }])
  expect(slept).toEqual([200])
})

test.each([
  { clock: 1, ms: 1300, slept: 300 },
  { clock: 0, ms: 1_700_000_001_500, slept: 500 },
  { clock: 1, ms: 500, slept: 0 },
])('an absolute time: $clock $ms', ({ clock, ms, slept: expected }) => {
  const { host, slept } = virtual()
  const guest = guestOn(kernel, { host })
  expect(poll(guest, [{ clock, ms, absolute: true }])).toHaveLength(1)
  expect(slept.reduce((sum, one) => sum + one, 0)).toBeCloseTo(expected)
})

test('the earlier of two clocks', () => {
  const { host } = virtual()
  expect(poll(guestOn(kernel, { host }), [{ clock: 1, ms: 500 }, { clock: 1, ms: 100 }])).toMatchObject([{ of: 1 }])
})

test('files are ready at once and keep a clock from being waited for', () => {
  const { host, slept } = virtual()
  const guest = guestOn(kernel, { host })
  const fd = guest.open('file') as number
  guest.read(fd, 4)
  expect(poll(guest, [{ clock: 1, ms: 100 }, { read: fd }, { write: fd }])).toEqual([
    { of: 1, error: 'ok', type: 1, bytes: 6, hangup: 0 }, { of: 2, error: 'ok', type: 2, bytes: 1, hangup: 0 },
  ])
  expect(slept).toEqual([])
})

test('an empty pipe is not readable until something is written', () => {
  const { host } = virtual()
  const { guest, reader, writer } = withPipe({ host })
  expect(poll(guest, [{ read: reader }, { clock: 1, ms: 10 }])).toMatchObject([{ of: 1 }])
  guest.write(writer, 'x')
  expect(poll(guest, [{ read: reader }, { clock: 1, ms: 10 }])).toMatchObject([{ of: 0, bytes: 1 }])
})

test('a pipe without writers hangs up', () => {
  const { guest, reader, writer } = withPipe()
  guest.wasi.fd_close(writer)
  expect(poll(guest, [{ read: reader }])).toMatchObject([{ of: 0, error: 'ok', hangup: 1 }])
})

test('others run while it waits', () => {
  let turns = 0
  const { guest, reader, writer } = withPipe({
    host: {
      wait: () => {
        if (++turns === 2) guest.write(writer, 'x')
        return true
      },
    },
  })
  expect(poll(guest, [{ read: reader }])).toMatchObject([{ of: 0 }])
  expect(turns).toBe(2)
})

test('a wait that nothing could end is again', () => {
  const { guest, reader } = withPipe()
  expect(poll(guest, [{ read: reader }])).toBe('again')
})

/** A guest whose standard input is `stdin`. */
const withSource = (stdin: Source, setup: GuestSetup = {}) => {
  const guest = guestOn(kernel, setup)
  const { process, task } = guest
  installStreams(kernel, task, { program: '', stdin }, process.budget, process.patience)
  return guest
}
/** Has nothing `times` times, then `x`, then its end. */
const slow = (times: number): Source => {
  let asked = 0
  return (buffer) => {
    if (asked++ < times) return null
    buffer[0] = 0x78
    return asked === times + 1 ? 1 : 0
  }
}

test('a source that has nothing yet is waited for, by looking again after pauses that grow', () => {
  const { host, slept } = virtual()
  const guest = withSource(slow(4), { host })
  expect(poll(guest, [{ read: 0 }])).toEqual([{ of: 0, error: 'ok', type: 1, bytes: 1, hangup: 0 }])
  expect(slept).toEqual([0.25, 0.5, 1, 2])
  // what was read ahead is there, the end as well
  expect([guest.read(0), poll(guest, [{ read: 0 }]), guest.read(0)]).toMatchObject(['x', [{ of: 0 }], ''])
})

test('a clock ends the wait for a source, and a read waits for it', () => {
  const { host, slept } = virtual()
  const guest = withSource(slow(20), { host })
  expect(poll(guest, [{ read: 0 }, { clock: 1, ms: 6 }])).toMatchObject([{ of: 1 }])
  expect(slept.reduce((sum, one) => sum + one, 0)).toBe(6)
  expect(guest.read(0)).toBe('x')
})

test('a time limit ends the wait for a source', () => {
  const { host } = virtual()
  const guest = withSource(() => null, { host, limits: { time: 50 } })
  expect(() => poll(guest, [{ read: 0 }])).toThrow(WebAssembly.RuntimeError)
  expect(guest.process.ending).toMatchObject({ reason: 'time limit' })
})

test('a source that has nothing yet is `again` to who will not wait', () => {
  const guest = withSource(() => null)
  guest.wasi.fd_fdstat_set_flags(0, WASI_FDFLAGS_NONBLOCK)
  expect(guest.read(0)).toBe('again')
})

test('errors are told per subscription', () => {
  const guest = guestOn(kernel)
  expect(poll(guest, [{ read: 99 }, { read: 3 }, { clock: 9, ms: 1 }, { type: 7 }])).toMatchObject([
    { of: 0, error: 'badf' }, { of: 1, error: 'notcapable' }, { of: 2, error: 'inval' }, { of: 3, error: 'inval' },
  ])
})

test('no subscription, too many, and bad memory', () => {
  const { wasi, out } = guestOn(kernel)
  expect(name(wasi.poll_oneoff(64, 64, 0, out))).toBe('inval')
  expect(name(wasi.poll_oneoff(64, 64, -1, out))).toBe('inval')
  expect(name(wasi.poll_oneoff(65500, 64, 1, out))).toBe('fault')
  expect(name(wasi.poll_oneoff(64, 65510, 1, out))).toBe('fault')
  expect(name(wasi.poll_oneoff(64, 64, 1, 65533))).toBe('fault')
})

test('a time limit ends a sleep', () => {
  const { host, slept } = virtual()
  const guest = guestOn(kernel, { host, limits: { time: 50 } })
  expect(() => poll(guest, [{ clock: 1, ms: 10_000 }])).toThrow(WebAssembly.RuntimeError)
  expect(guest.process.ending).toMatchObject({ kind: 'killed', reason: 'time limit' })
  expect(slept).toEqual([50])
})

test('a time limit ends who waits for others, however long they run', () => {
  let now = 0
  const host = { now: () => now, wait: () => (now += 10) > 0 }
  for (const wait of [
    ({ wasi, iovec, out }: Guest, fd: number) => wasi.fd_read(fd, ...iovec([64, 8]), out),
    (guest: Guest, fd: number) => poll(guest, [{ read: fd }]),
  ]) {
    now = 0
    const guest = guestOn(kernel, { host, limits: { time: 1000 } })
    const fds = [0, 0]
    kernel.sys.pipe(guest.task, fds)
    expect(() => wait(guest, fds[0]!)).toThrow(WebAssembly.RuntimeError)
    expect([guest.process.ending, now]).toEqual([{ kind: 'killed', signal: SIGXCPU, reason: 'time limit' }, 1000])
  }
})
