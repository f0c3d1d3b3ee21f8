/** What groups of fanotify that report handles tell, as a 6.12 kernel told it, and who may have which. */
import {
  AT_FDCWD, EINVAL, ENOTDIR, EOPNOTSUPP, EPERM, errnoName, FAN_ATTRIB, FAN_CLASS_CONTENT, FAN_CREATE, FAN_DELETE,
  FAN_DELETE_SELF, FAN_EVENT_ON_CHILD, FAN_MARK_ADD, FAN_MARK_FILESYSTEM, FAN_MARK_MOUNT, FAN_MODIFY, FAN_MOVE,
  FAN_MOVE_SELF, FAN_NONBLOCK, FAN_ONDIR, FAN_OPEN, FAN_Q_OVERFLOW, FAN_RENAME, FAN_REPORT_DFID_NAME,
  FAN_REPORT_DFID_NAME_TARGET, FAN_REPORT_DIR_FID, FAN_REPORT_FID, FAN_REPORT_NAME, FAN_REPORT_PIDFD,
  FAN_REPORT_TARGET_FID, FAN_REPORT_TID, FAN_UNLIMITED_MARKS, O_CREAT, O_RDWR,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const setUp = () => {
  const kernel = bootForTest()
  const { sys, init, file } = kernel
  sys.mkdir(init, '/t', 0o777)
  sys.mount(init, 't', '/t', 'tmpfs', 0, 'mode=777')
  for (const name of ['d', 'e']) sys.mkdir(init, `/t/${name}`, 0o777)
  file('/t/d/f', 'x', 0o666)
  const names = new Map<number, string>()
  const know = (name: string): void => {
    const stat = new Kstat()
    if (sys.lstat(init, `/t/${name}`, stat) === 0) names.set(stat.ino, name)
  }
  for (const name of ['', 'd', 'e', 'd/f']) know(name)

  /** `type:object:name` of each record of each event, after its mask. */
  const events = (fd: number, by: Task = init): string[] => {
    const buf = new Uint8Array(4096)
    const n = sys.read(by, fd, buf)
    const view = new DataView(buf.buffer)
    const found: string[] = []
    for (let at = 0; at < n; at += view.getUint32(at, true)) {
      let text = view.getUint32(at + 8, true).toString(16)
      for (let i = at + 24; i < at + view.getUint32(at, true); i += view.getUint16(i + 2, true)) {
        const type = buf[i]!
        const after = i + 20 + view.getUint32(i + 12, true)
        const hasName = type === 2 || type >= 10
        const name = hasName ? new TextDecoder().decode(buf.subarray(after, buf.indexOf(0, after))) : ''
        text += type === 4 ? ' pidfd' : ` ${type}:${names.get(view.getUint32(i + 24, true))}:${name}`
      }
      found.push(text)
    }
    return found
  }
  const group = (flags: number, mark: number, mask: number, path: string, by: Task = init): number => {
    const fd = sys.fanotify_init(by, flags | FAN_NONBLOCK, 0)
    if (fd < 0) return fd
    const rc = sys.fanotify_mark(by, fd, FAN_MARK_ADD | mark, mask, AT_FDCWD, path)
    return rc < 0 ? rc : fd
  }
  return { ...kernel, know, events, group }
}
type Set = ReturnType<typeof setUp>

const make = ({ sys, init, know }: Set): void => {
  const fd = sys.openat(init, AT_FDCWD, '/t/d/n', O_CREAT | O_RDWR, 0o644)
  know('d/n')
  sys.close(init, fd)
}
const ALL = FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_ATTRIB | FAN_DELETE_SELF | FAN_MOVE_SELF
const change = ({ sys, init }: Set) => sys.chmod(init, '/t/d/f', 0o600)
const remove = ({ sys, init }: Set) => sys.unlink(init, '/t/d/f')
const makeDir = ({ sys, init, know }: Set) => {
  sys.mkdir(init, '/t/d/s', 0o755)
  know('d/s')
}
const move = ({ sys, init }: Set) => sys.rename(init, '/t/d/f', '/t/e/g')

describe('what is told', () => {
  const rows: readonly (readonly [
    what: string, flags: number, mark: number, mask: number, path: string, act: (k: Set) => unknown, told: string[],
  ])[] = [
    ['a new name, by its directory', FAN_REPORT_FID, 0, ALL, '/t/d', make, ['100 1:d:']],
    ['a new name and its opening', FAN_REPORT_DIR_FID, 0, ALL | FAN_OPEN | FAN_EVENT_ON_CHILD, '/t/d', make, [
      '120 3:d:',
    ]],
    ['its name', FAN_REPORT_DFID_NAME, 0, ALL, '/t/d', make, ['100 2:d:n']],
    ['its name and itself', FAN_REPORT_DFID_NAME_TARGET, 0, ALL, '/t/d', make, ['100 2:d:n 1:d/n:']],
    ['a change of a child', FAN_REPORT_DFID_NAME | FAN_REPORT_FID, 0, ALL | FAN_EVENT_ON_CHILD, '/t/d', change, [
      '4 2:d:f 1:d/f:',
    ]],
    ['a change, by the inode', FAN_REPORT_DFID_NAME, 0, ALL, '/t/d/f', change, ['4 2:d:f']],
    ['a change, by the inode without names', FAN_REPORT_FID, 0, ALL, '/t/d/f', change, ['4 1:d/f:']],
    ['the end of a file', FAN_REPORT_FID, 0, ALL, '/t/d/f', remove, ['404 1:d/f:']],
    ['the end of a file, by the whole', FAN_REPORT_DFID_NAME, FAN_MARK_FILESYSTEM, ALL, '/t', remove, ['200 2:d:f']],
    ['directories, only if asked for', FAN_REPORT_FID, 0, ALL, '/t/d', makeDir, []],
    ['a new directory', FAN_REPORT_DFID_NAME, 0, ALL | FAN_ONDIR, '/t/d', makeDir, ['40000100 2:d:s']],
    ['both ends of a move', FAN_REPORT_DFID_NAME, FAN_MARK_FILESYSTEM, FAN_RENAME, '/t', move, [
      '10000000 10:d:f 12:e:g',
    ]],
    ['the old end of a move', FAN_REPORT_DFID_NAME, 0, FAN_RENAME, '/t/d', move, ['10000000 10:d:f']],
    ['the new end, and what moved', FAN_REPORT_DFID_NAME_TARGET, 0, FAN_RENAME, '/t/e', move, [
      '10000000 12:e:g 1:d/f:',
    ]],
    ['a move in halves', FAN_REPORT_DFID_NAME, FAN_MARK_FILESYSTEM, FAN_MOVE, '/t', move, ['40 2:d:f', '80 2:e:g']],
    ['by whom', FAN_REPORT_FID | FAN_REPORT_PIDFD, 0, ALL, '/t/d/f', change, ['4 1:d/f: pidfd']],
    ['a write', FAN_REPORT_DFID_NAME, FAN_MARK_MOUNT, FAN_MODIFY, '/t', ({ file }) => file('/t/d/f', 'y'), ['2 2:d:f']],
  ]
  test.each(rows)('%s', (_, flags, mark, mask, path, act, told) => {
    const k = setUp()
    const fd = k.group(flags, mark, mask, path)
    act(k)
    expect(k.events(fd)).toEqual(told)
  })
})

describe('what is refused', () => {
  test.each([
    ['a name without its directory', FAN_REPORT_NAME, 0, FAN_OPEN, '/t', -EINVAL],
    ['targets without names', FAN_REPORT_DFID_NAME | FAN_REPORT_TARGET_FID, 0, FAN_OPEN, '/t', -EINVAL],
    ['handles of what is decided upon', FAN_REPORT_FID | FAN_CLASS_CONTENT, 0, FAN_OPEN, '/t', -EINVAL],
    ['threads as pidfds', FAN_REPORT_PIDFD | FAN_REPORT_TID, 0, FAN_OPEN, '/t', -EINVAL],
    ['names without handles', 0, 0, FAN_CREATE, '/t', -EINVAL],
    ['names by mount', FAN_REPORT_FID, FAN_MARK_MOUNT, FAN_CREATE, '/t', -EINVAL],
    ['moves without names', FAN_REPORT_FID, 0, FAN_RENAME, '/t', -EINVAL],
    ['moves in a file', FAN_REPORT_DFID_NAME, 0, FAN_RENAME, '/t/d/f', -ENOTDIR],
    ['handles that lead nowhere', FAN_REPORT_FID, FAN_MARK_FILESYSTEM, FAN_OPEN, '/proc', -EOPNOTSUPP],
    ['one inode of it is well', FAN_REPORT_FID, 0, FAN_OPEN, '/proc', 0],
    ['no events', FAN_REPORT_FID, 0, 0, '/t', -EINVAL],
  ])('%s', (_, flags, mark, mask, path, rc) => {
    const got = setUp().group(flags, mark, mask, path)
    expect(errnoName(Math.min(0, got))).toBe(errnoName(rc))
  })

  test.each([
    ['handles of what it may read', FAN_REPORT_FID, 0, 0],
    ['files', 0, 0, -EPERM],
    ['pidfds', FAN_REPORT_FID | FAN_REPORT_PIDFD, 0, -EPERM],
    ['no end of marks', FAN_REPORT_FID | FAN_UNLIMITED_MARKS, 0, -EPERM],
    ['a whole file system', FAN_REPORT_FID, FAN_MARK_FILESYSTEM, -EPERM],
  ])('to a user: %s', (_, flags, mark, rc) => {
    const { group, fork } = setUp()
    expect(errnoName(Math.min(0, group(flags, mark, FAN_OPEN, '/t', fork(undefined, 1000))))).toBe(errnoName(rc))
  })
})

test('a user learns the pid of its own events alone', () => {
  const { sys, fork, group } = setUp()
  const user = fork(undefined, 1000)
  const other = fork()
  const fd = group(FAN_REPORT_FID, 0, FAN_ATTRIB, '/t/d/f', user)
  sys.chmod(other, '/t/d/f', 0o666)
  const buf = new Uint8Array(200)
  sys.read(user, fd, buf)
  expect(new DataView(buf.buffer).getInt32(20, true)).toBe(0)
})

test('a queue that is full tells so once; a reader gets all that was in it', () => {
  const { sys, init, group } = setUp()
  const MOST = 16_384
  const fd = group(FAN_REPORT_DFID_NAME, 0, FAN_CREATE, '/t/d')
  for (let i = 0; i < MOST + 5; i++) sys.mknod(init, `/t/d/${i}`, 0o100644, 0)
  const buf = new Uint8Array(4 * 2 ** 20)
  const view = new DataView(buf.buffer)
  const n = sys.read(init, fd, buf)
  const masks: number[] = []
  for (let at = 0; at < n; at += view.getUint32(at, true)) masks.push(view.getUint32(at + 8, true))
  expect([masks.length, masks.indexOf(FAN_Q_OVERFLOW)]).toEqual([MOST + 1, MOST])
  sys.mknod(init, '/t/d/again', 0o100644, 0)
  expect(sys.read(init, fd, buf)).toBeGreaterThan(0)
})
