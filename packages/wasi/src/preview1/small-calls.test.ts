import {
  SIGUSR1, WASI_ERRNO_NOTSOCK, WASI_SIGNAL_NONE, WASI_SIGNAL_SYS, WASI_SIGNAL_USR1,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { describe, expect, test } from 'vitest'
import { bootForTest, writeFile } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'
import { preview1Table } from './table.ts'

const kernel = bootForTest([capability()])

test('the table has the 46 functions of preview 1, and every one has a handler', () => {
  const { wasi } = guestOn(kernel)
  expect(Object.keys(preview1Table)).toHaveLength(46)
  expect(Object.keys(wasi).sort()).toEqual(Object.keys(preview1Table).sort())
  for (const [call, { params }] of Object.entries(preview1Table)) {
    const count = params === '' ? 0 : params.split(', ').reduce((sum, param) => sum + (param.endsWith(' str') ? 2 : 1),
      0)
    expect([call, wasi[call as keyof typeof wasi].length]).toEqual([call, count])
  }
})

describe('arguments and environment', () => {
  test('are laid out one after the other', () => {
    const guest = guestOn(kernel, { argv: ['name', 'größe', ''], envp: ['A=1', 'B=x y'] })
    const { wasi, room, u32, text } = guest
    const count = room(4)
    const size = room(4)
    expect(name(wasi.args_sizes_get(count, size))).toBe('ok')
    expect([u32(count), u32(size)]).toEqual([3, 5 + 8 + 1])
    const pointers = room(12)
    const buffer = room(14)
    expect(name(wasi.args_get(pointers, buffer))).toBe('ok')
    expect(text(buffer, 14)).toBe('name\0größe\0\0')
    expect([0, 4, 8].map((at) => u32(pointers + at) - buffer)).toEqual([0, 5, 13])
    expect(name(wasi.environ_sizes_get(count, size))).toBe('ok')
    expect([u32(count), u32(size)]).toEqual([2, 4 + 6])
    const environ = room(10)
    expect(name(wasi.environ_get(pointers, environ))).toBe('ok')
    expect(text(environ, 10)).toBe('A=1\0B=x y\0')
  })

  test('out of bounds nothing is written', () => {
    const { wasi, u32 } = guestOn(kernel, { argv: ['aaaa', 'bbbb'] })
    expect(name(wasi.args_get(64, 65530))).toBe('fault')
    expect(u32(64)).toBe(0)
    expect(name(wasi.args_get(65532, 64))).toBe('fault')
    expect(name(wasi.args_sizes_get(64, 65533))).toBe('fault')
    expect(u32(64)).toBe(0)
  })
})

describe('clocks', () => {
  const host = { now: () => 2500.25, wallClock: () => 1_700_000_000_123.5 }

  test.each([
    [0, 1_700_000_000_123_500_000n], [1, 2_500_250_000n], [2, 0n], [3, 0n],
  ])('clock %d', (id, time) => {
    const { wasi, view, out } = guestOn(kernel, { host })
    expect(name(wasi.clock_time_get(id, 0n, out))).toBe('ok')
    expect(view().getBigUint64(out, true)).toBe(time)
    expect(name(wasi.clock_res_get(id, out))).toBe('ok')
    expect(view().getBigUint64(out, true)).toBeGreaterThan(0n)
  })

  test.each([4, -1])('clock %d is inval', (id) => {
    const { wasi, out } = guestOn(kernel)
    expect(name(wasi.clock_time_get(id, 0n, out))).toBe('inval')
    expect(name(wasi.clock_res_get(id, out))).toBe('inval')
  })

  test('out of bounds', () => {
    const { wasi } = guestOn(kernel)
    expect(name(wasi.clock_time_get(0, 0n, 65530))).toBe('fault')
    expect(name(wasi.clock_res_get(0, 65530))).toBe('fault')
  })
})

describe('random_get', () => {
  test('fills exactly what was asked for', () => {
    const { wasi, memory, bytes } = guestOn(kernel)
    memory.grow(3)
    expect(name(wasi.random_get(1000, 150_000))).toBe('ok')
    expect(bytes(1000, 150_000).filter((byte) => byte === 0).length).toBeLessThan(2000)
    expect([...bytes(992, 8), ...bytes(151_000, 8)]).toEqual(Array(16).fill(0))
    expect(name(wasi.random_get(0, 0))).toBe('ok')
    expect(name(wasi.random_get(262_140, 10))).toBe('fault')
  })
})

describe('processes', () => {
  test('proc_exit stops at once', () => {
    const { wasi, process } = guestOn(kernel)
    expect(() => wasi.proc_exit(7)).toThrow(WebAssembly.RuntimeError)
    expect(process.ending).toEqual({ kind: 'exited', status: 7 })
  })

  test('proc_raise numbers signals as preview 1 does', () => {
    const { wasi, task } = guestOn(kernel)
    const taken: number[] = []
    const handler = (): void => {}
    kernel.sys.rt_sigaction(task, SIGUSR1, { handler, flags: 0, mask: 0n }, null, 8)
    expect(name(wasi.proc_raise(WASI_SIGNAL_USR1))).toBe('ok')
    const pending = kernel.machine.signals.pendingSet(task)
    for (let sig = 1; sig < 64; sig++) if ((pending >> BigInt(sig - 1)) & 1n) taken.push(sig)
    expect(taken).toEqual([SIGUSR1])
    expect(name(wasi.proc_raise(WASI_SIGNAL_NONE))).toBe('ok')
    expect(name(wasi.proc_raise(WASI_SIGNAL_SYS + 1))).toBe('inval')
  })

  test('sched_yield', () => {
    expect(name(guestOn(kernel).wasi.sched_yield())).toBe('ok')
  })
})

describe('sockets', () => {
  test('a file is no socket, a number that is not open nothing at all', () => {
    writeFile(kernel, '/file', '')
    const guest = guestOn(kernel)
    const fd = guest.open('file') as number
    const calls = (on: number) => [
      guest.wasi.sock_accept(on, 0, 64), guest.wasi.sock_recv(on, 64, 0, 0, 64, 64),
      guest.wasi.sock_send(on, 64, 0, 0, 64),
      guest.wasi.sock_shutdown(on, 3),
    ]
    expect(calls(fd)).toEqual(Array(4).fill(WASI_ERRNO_NOTSOCK))
    expect(calls(99).map(name)).toEqual(Array(4).fill('badf'))
  })
})
