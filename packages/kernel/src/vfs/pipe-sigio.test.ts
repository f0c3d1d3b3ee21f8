/** SIGIO of pipes: who has O_ASYNC on an end is told when the other end is used, by the signal F_SETSIG chose. */
import { F_SETFL, F_SETOWN, F_SETSIG, O_NONBLOCK, SIGIO, SIGUSR1 } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const O_ASYNC = 0o20000
const BYTE = Uint8Array.of(1)

const bit = (sig: number): bigint => 1n << BigInt(sig - 1)

test.each<readonly [what: string, watched: 0 | 1, sig: number, flags: number, then: string, pending: bigint]>([
  ['the reader, of a write', 0, 0, O_ASYNC, 'write', bit(SIGIO)],
  ['the reader, by a signal of its choice', 0, SIGUSR1, O_ASYNC, 'write', bit(SIGUSR1)],
  ['the writer, of a read', 1, 0, O_ASYNC, 'read', bit(SIGIO)],
  ['not the writer, of a write', 1, 0, O_ASYNC, 'write', 0n],
  ['nobody without O_ASYNC', 0, 0, 0, 'write', 0n],
  ['the reader, of the end of the last writer', 0, 0, O_ASYNC, 'close', bit(SIGIO)],
])('%s', (_what, watched, sig, flags, then, pending) => {
  const { sys, init, machine } = bootForTest()
  const owner = machine.tasks.find(sys.fork(init))!
  sys.rt_sigprocmask(owner, 0, 2n ** 64n - 1n, null, 8)
  const ends: number[] = []
  sys.pipe2(init, ends, O_NONBLOCK)
  const [reader, writer] = ends as [number, number]
  if (then === 'read') sys.write(init, writer, BYTE)
  sys.fcntl(init, ends[watched]!, F_SETOWN, owner.pid)
  sys.fcntl(init, ends[watched]!, F_SETSIG, sig)
  sys.fcntl(init, ends[watched]!, F_SETFL, flags | O_NONBLOCK)
  if (then === 'write') sys.write(init, writer, BYTE)
  else if (then === 'read') sys.read(init, reader, new Uint8Array(1))
  else sys.close(init, writer)
  const set = { value: 0n }
  sys.rt_sigpending(owner, set, 8)
  expect(set.value).toBe(pending)
})
