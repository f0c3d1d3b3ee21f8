/** What a JavaScript caller can pass and no program could. */
import { AT_FDCWD, EACCES, EINVAL, ENOENT, F_DUPFD, O_CREAT, O_RDWR } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { fileOperations } from '../state/vfs/driver.ts'
import { bootForTest } from '../testing/boot.ts'
import { MKDEV } from '../vfs/devnum.ts'
import { Kstat } from '../state/vfs/kstat.ts'

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

test.each([
  { what: 'an error', thrown: new Error('out of order'), message: 'out of order' },
  { what: 'nothing at all', thrown: undefined, message: 'undefined' },
  { what: 'something that cannot be printed', thrown: Object.create(null) as unknown, message: /cannot be read/ },
])('a driver that throws $what: the call denies, and a record says who made it', ({ thrown, message }) => {
  const { sys, init, fork, machine, stack } = bootForTest({ onPanic: () => {} })
  machine.registerChrdev(MKDEV(0xf0, 1), fileOperations({ open: () => { throw thrown } }))
  sys.mknod(init, '/tmp/device', 0o20666, 0xf001)
  sys.chmod(init, '/tmp/device', 0o666)
  const user = fork(init, 1000)
  expect(sys.openat(user, AT_FDCWD, '/tmp/device', O_RDWR, 0)).toBe(-EACCES)
  expect(stack.audit.records.at(-1)).toMatchObject({
    kind: 'fault', fault: 'throw', lsm: 'kernel', hook: 'openat', message: typeof message === 'string' ? message
      : expect.stringMatching(message) as string, subject: { pid: user.tgid, uid: 1000 },
  })
})

test('work that was put off and throws is recorded, and the rest is done', () => {
  const { sys, init, machine, stack } = bootForTest({ onPanic: () => {} })
  const done: string[] = []
  machine.callRcu(() => { throw new Error('late') })
  machine.callRcu(() => void done.push('next'))
  sys.getpid(init)
  expect(done).toEqual(['next'])
  expect(stack.audit.records.at(-1)).toMatchObject({ kind: 'fault', lsm: 'kernel', hook: 'task_work', message: 'late' })
})
