/** What a JavaScript caller can pass and no program could. */
import { AT_FDCWD, EINVAL, ENOENT, F_DUPFD, O_CREAT, O_RDWR } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../vfs/kstat.ts'

test('numbers that no register holds are refused, wherever they stand', () => {
  const { sys, init } = bootForTest()
  const fd = sys.openat(init, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o600)
  for (const odd of [fd + 0.5, Number.NaN, Infinity, -Infinity]) {
    expect([
      sys.close(init, odd), sys.dup2(init, fd, odd), sys.fcntl(init, fd, F_DUPFD, odd), sys.ftruncate(init, fd, odd),
      sys.pwrite64(init, fd, Uint8Array.of(1), odd), sys.fallocate(init, fd, 0, 0, odd), sys.setuid(init, odd),
      sys.mknodat(init, AT_FDCWD, '/tmp/g', odd, 0),
    ]).toEqual(Array(8).fill(-EINVAL))
  }
  const stat = new Kstat()
  expect([sys.fstat(init, fd, stat), stat.size, sys.getuid(init), sys.stat(init, '/tmp/g', stat)])
    .toEqual([0, 0, 0, -ENOENT])
  expect(sys.dup(init, fd)).toBe(fd + 1)
})
