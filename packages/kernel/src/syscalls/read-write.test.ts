/** preadv2 and pwritev2: what their flags ask of one transfer, and when they are looked at. */
import {
  AT_FDCWD, EAGAIN, EBADF, EFAULT, EINVAL, EOPNOTSUPP, O_APPEND, O_RDONLY, O_WRONLY, RWF_APPEND,
  RWF_ATOMIC, RWF_NOAPPEND, RWF_NOWAIT,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const { sys, init, file, cat } = bootForTest()
const bytes = (text: string) => [new TextEncoder().encode(text)]
const open = (flags: number): number => {
  file('/tmp/f', '0123456789')
  return sys.openat(init, AT_FDCWD, '/tmp/f', flags, 0)
}

test.each([
  ['RWF_APPEND writes at the end', O_WRONLY, RWF_APPEND, '0123456789XY'],
  ['without it at its place', O_WRONLY, 0, '01XY456789'],
  ['O_APPEND at the end', O_WRONLY | O_APPEND, 0, '0123456789XY'],
  ['unless RWF_NOAPPEND', O_WRONLY | O_APPEND, RWF_NOAPPEND, '01XY456789'],
])('%s', (_what, flags, rwf, contents) => {
  expect(sys.pwritev2(init, open(flags), bytes('XY'), 2, rwf)).toBe(2)
  expect(cat(init, '/tmp/f')).toBe(contents)
})

describe('flags are looked at last', () => {
  test.each([
    ['no such file', 99, bytes('x'), RWF_ATOMIC, -EBADF],
    ['not open for it', open(O_RDONLY), bytes('x'), RWF_ATOMIC, -EBADF],
    ['nothing to write', open(O_WRONLY), [new Uint8Array()], RWF_ATOMIC, 0],
    ['nowhere to take it from', open(O_WRONLY), null, RWF_ATOMIC, -EFAULT],
    ['a flag that is not known', open(O_WRONLY), bytes('x'), 0x100, -EOPNOTSUPP],
    ['writes that cannot be torn', open(O_WRONLY), bytes('x'), RWF_ATOMIC, -EOPNOTSUPP],
    ['both at once', open(O_WRONLY), bytes('x'), RWF_APPEND | RWF_NOAPPEND, -EINVAL],
    ['a file of memory promises nothing', open(O_WRONLY), bytes('x'), RWF_NOWAIT, -EOPNOTSUPP],
  ])('%s', (_what, fd, vec, flags, rc) => {
    expect(sys.pwritev2(init, fd, vec, 0, flags)).toBe(rc)
  })
})

test('a stream has no position', () => {
  const ends: number[] = []
  sys.pipe2(init, ends, 0)
  expect([sys.write(init, ends[1]!, new Uint8Array(7)), sys.read(init, ends[0]!, new Uint8Array(3))]).toEqual([7, 3])
  for (const fd of ends) expect(cat(init, `/proc/self/fdinfo/${fd}`)).toContain('pos:\t0\n')
})

test('with RWF_NOWAIT an empty pipe is EAGAIN', () => {
  const ends: number[] = []
  sys.pipe2(init, ends, 0)
  expect(sys.preadv2(init, ends[0]!, [new Uint8Array(1)], -1, RWF_NOWAIT)).toBe(-EAGAIN)
})
