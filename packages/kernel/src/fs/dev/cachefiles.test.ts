/** /dev/cachefiles: what its daemon may write, and in which order. */
import {
  AT_FDCWD, EBUSY, EEXIST, EINVAL, EIO, ENOENT, EOPNOTSUPP, EPERM, ERANGE, O_RDWR, S_IFCHR,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { CACHEFILES_MINOR } from '../../boot/chosen/overlay.ts'
import { bootForTest } from '../../testing/boot.ts'
import { MISC_MAJOR } from './chrdev.ts'

const world = () => {
  const { sys, init, fork } = bootForTest()
  sys.mknod(init, '/c', S_IFCHR | 0o666, (MISC_MAJOR << 8) | CACHEFILES_MINOR)
  sys.chmod(init, '/c', 0o666)
  const open = (task = init): number => sys.openat(task, AT_FDCWD, '/c', O_RDWR, 0)
  const daemon = () => {
    const fd = open()
    return (text: string): number => {
      const bytes = new TextEncoder().encode(text)
      const rc = sys.write(init, fd, bytes)
      return rc === bytes.length ? 0 : rc
    }
  }
  return { sys, init, fork, open, daemon }
}

test.each<[reason: string, lines: readonly (readonly [text: string, rc: number])[]]>([
  ['a word that is none', [['nothing', -EOPNOTSUPP], [' dir /c', -EINVAL]]],
  ['a directory, once', [['dir /tmp', 0], ['dir /tmp', -EEXIST], ['dir ', -EINVAL]]],
  ['a tag, once', [['tag t', 0], ['tag u', -EEXIST], ['tag', -EINVAL]]],
  ['limits are parts of a hundred', [
    ['frun 20%', 0], ['frun 20', -EINVAL], ['frun 101%', -EINVAL], ['frun %', -EINVAL],
  ]],
  ['limits that do not rise', [['dir /tmp', 0], ['brun 5%', 0], ['bind', -ERANGE]]],
  ['limits that end at a hundred', [['dir /tmp', 0], ['frun 100%', 0], ['bind', -ERANGE]]],
  ['bind needs a directory', [['bind', -EINVAL]]],
  ['one that is there', [['dir /none', 0], ['bind', -ENOENT]]],
  ['on a file system that can write out all it has', [['dir /tmp', 0], ['bind', -EOPNOTSUPP]]],
  ['and takes no word', [['dir /tmp', 0], ['bind ondemand', -EINVAL]]],
  ['nothing is in the cache', [['cull a', -EIO], ['inuse a', -EIO], ['cull a/b', -EINVAL]]],
  ['levels of tracing', [['debug 3', 0], ['debug x', -EINVAL]]],
  ['a NUL', [['tag a\0', -EINVAL]]],
  ['a label, once; any is one without an LSM that has labels', [
    ['secctx ', -EINVAL], ['secctx u', 0], ['secctx u', -EINVAL],
  ]],
  ['a whole page', [['t'.repeat(4096), -EOPNOTSUPP]]],
])('%s', (_reason, lines) => {
  const write = world().daemon()
  expect(lines.map(([text]) => write(text))).toEqual(lines.map(([, rc]) => rc))
})

test('one daemon at a time, with the capability', () => {
  const { sys, init, fork, open } = world()
  const fd = open()
  expect(open()).toBe(-EBUSY)
  sys.close(init, fd)
  expect(open(fork(init, 1000))).toBe(-EPERM)
  expect(open()).toBeGreaterThanOrEqual(0)
})
