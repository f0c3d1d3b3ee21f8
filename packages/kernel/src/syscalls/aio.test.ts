/** Asynchronous requests: what io_getevents and io_pgetevents answer, and when. */
import {
  EFAULT, EINTR, EINVAL, ERESTARTSYS, SIG_BLOCK, SIGUSR1,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { Iocb, IoEvent } from './aio.ts'

const IOCB_CMD_FSYNC = 2
const USR1 = 1n << BigInt(SIGUSR1 - 1)
const SIZE = 8

/** A kernel whose clock stands still, a context, and how a request of it is done. */
const withContext = () => {
  let now = 1_000_000
  const kernel = bootForTest({ clock: () => now })
  const { sys, init, file } = kernel
  const ctx = { value: 0 }
  sys.io_setup(init, 8, ctx)
  file('/f', 'x')
  const fd = sys.open(init, '/f', 0, 0)
  const submit = (...data: readonly string[]) =>
    sys.io_submit(init, ctx.value, data.length, data.map((aio_data): Iocb =>
      ({ aio_data, aio_lio_opcode: IOCB_CMD_FSYNC, aio_fildes: fd, aio_buf: new Uint8Array(), aio_offset: 0 })))
  const pass = (ms: number) => {
    now += ms
  }
  return { ...kernel, ctx: ctx.value, submit, pass }
}
const second = { tv_sec: 1, tv_nsec: 0 }

test('io_pgetevents waits with the mask it is given', () => {
  const { sys, init, ctx, submit, pass } = withContext()
  sys.rt_sigaction(init, SIGUSR1, { handler: () => {}, flags: 0, mask: 0n }, null, SIZE)
  sys.rt_sigprocmask(init, SIG_BLOCK, USR1, null, SIZE)
  sys.kill(init, 1, SIGUSR1)
  const events: IoEvent[] = []
  const get = (min: number, mask: bigint | null, size = SIZE) =>
    sys.io_pgetevents(init, ctx, min, 4, events, second, { mask, size })

  expect(get(1, null)).toBe(-ERESTARTSYS)
  expect(get(1, USR1)).toBe(-ERESTARTSYS)
  expect(get(1, 0n, 4)).toBe(-EINVAL)
  expect(get(1, 0n)).toBe(-EINTR)
  // the next call has a second of its own
  pass(900)
  expect(get(1, USR1)).toBe(-ERESTARTSYS)
  pass(900)
  expect(get(1, USR1)).toBe(-ERESTARTSYS)
  pass(100)
  expect(get(1, USR1)).toBe(0)
  // what is there is told, signal or not
  submit('a')
  expect([get(2, 0n), events.map(({ data }) => data)]).toEqual([1, ['a']])
})

test('a signal that comes while nothing is done ends the wait, one with events tells them', () => {
  const { sys, init, ctx, submit } = withContext()
  sys.rt_sigaction(init, SIGUSR1, { handler: () => {}, flags: 0, mask: 0n }, null, SIZE)
  const events: IoEvent[] = []
  const get = (min: number) => sys.io_getevents(init, ctx, min, 4, events, null)
  expect([get(0), get(1)]).toEqual([0, -ERESTARTSYS])
  sys.kill(init, 1, SIGUSR1)
  expect([get(0), get(1)]).toEqual([-EINTR, -EINTR])
  submit('a')
  expect(get(2)).toBe(1)
})

test('where the events go is looked at when there are some, and the time is not judged', () => {
  const { sys, init, ctx, submit } = withContext()
  const get = (min: number, tv_nsec: number) => sys.io_getevents(init, ctx, min, 4, null, { tv_sec: 0, tv_nsec })
  expect([get(0, 0), get(1, 0), get(1, -1), get(1, 2e9)]).toEqual([0, 0, 0, -ERESTARTSYS])
  submit('a')
  expect(get(1, 0)).toBe(-EFAULT)
  expect(sys.io_getevents(init, ctx, 1, 4, [], null)).toBe(1)
})
