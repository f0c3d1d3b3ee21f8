/** Copies inside the kernel, flags of one write as LSMs see them, statx and file handles: as Linux 6.12 does. */
import {
  AT_FDCWD, AT_HANDLE_MNT_ID_UNIQUE, EINVAL, EOVERFLOW, EPERM, FS_APPEND_FL, FS_IOC_SETFLAGS, MAY_APPEND, MAY_WRITE,
  O_APPEND, O_RDONLY, O_WRONLY, RWF_APPEND, RWF_NOAPPEND, STATX_ATTR_AUTOMOUNT, STATX_ATTR_DAX, STATX_ATTR_MOUNT_ROOT,
  STATX_ATTR_VERITY, STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID_UNIQUE,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const setUp = () => {
  const asked: number[] = []
  const flags: number[] = []
  const watch = defineLsm({
    name: 'watch',
    abi: '1.0', id: 999,
    hooks: { file_permission: (file, mask) => (asked.push(mask), flags.push(file.f_flags & O_APPEND), 0) },
  })
  const kernel = bootForTest({ lsms: [watch] })
  kernel.file('/f', 'hello')
  const open = (how: number, path = '/f') => kernel.sys.openat(kernel.init, AT_FDCWD, path, how, 0)
  return { ...kernel, open, asked, flags }
}

describe('flags of one write', () => {
  test('LSMs see how the file was opened, not how this call writes', () => {
    const { sys, init, open, asked, flags } = setUp()
    const [plain, appending] = [open(O_WRONLY), open(O_WRONLY | O_APPEND)]
    asked.length = flags.length = 0
    sys.pwritev2(init, plain, [bytes('x')], 0, RWF_APPEND)
    sys.pwritev2(init, appending, [bytes('x')], 0, RWF_NOAPPEND)
    expect(asked.map((mask) => mask & (MAY_WRITE | MAY_APPEND))).toEqual([MAY_WRITE, MAY_WRITE])
    expect(flags).toEqual([0, O_APPEND])
  })

  test('what can only be appended to stays so', () => {
    const { sys, init, open } = setUp()
    const appending = open(O_WRONLY | O_APPEND)
    expect(sys.ioctl(init, open(O_RDONLY), FS_IOC_SETFLAGS, { value: FS_APPEND_FL })).toBe(0)
    expect(sys.pwritev2(init, appending, [bytes('x')], 0, RWF_NOAPPEND)).toBe(-EPERM)
    expect(sys.pwritev2(init, appending, [bytes('x')], 0, RWF_APPEND)).toBe(1)
  })
})

test('directories and places before the start are not copied from', () => {
  const { sys, init, open } = setUp()
  const ends: number[] = []
  sys.pipe2(init, ends, 0)
  const [fd, out, dir] = [open(O_RDONLY), open(O_WRONLY), open(O_RDONLY, '/')]
  expect(sys.sendfile(init, out, dir, null, 5)).toBe(-EINVAL)
  expect(sys.splice(init, dir, null, ends[1]!, null, 5, 0)).toBe(-EINVAL)
  expect(sys.sendfile(init, out, fd, { value: -1 }, 5)).toBe(-EINVAL)
  expect(sys.copy_file_range(init, fd, { value: -1 }, out, null, 5, 0)).toBe(-EOVERFLOW)
  expect(sys.splice(init, fd, { value: -5 }, ends[1]!, null, 5, 0)).toBe(-EINVAL)
})

test('statx tells when a file was born if it is asked, and which attributes it knows', () => {
  const { sys, init } = setUp()
  const stat = new Kstat()
  expect(sys.statx(init, AT_FDCWD, '/f', 0, STATX_BASIC_STATS, stat)).toBe(0)
  expect([stat.result_mask & STATX_BTIME, stat.btime_sec]).toEqual([0, 0])
  const known = STATX_ATTR_AUTOMOUNT | STATX_ATTR_DAX | STATX_ATTR_MOUNT_ROOT | STATX_ATTR_VERITY
  expect(stat.attributes_mask & known).toBe(known)
  sys.statx(init, AT_FDCWD, '/f', 0, STATX_BTIME, stat)
  expect([stat.result_mask & STATX_BTIME, stat.btime_sec > 0]).toEqual([STATX_BTIME, true])
})

test('a handle comes with the number of its mount that is never given again', () => {
  const { sys, init } = setUp()
  const stat = new Kstat()
  sys.statx(init, AT_FDCWD, '/f', 0, STATX_MNT_ID_UNIQUE, stat)
  const mount = { value: 0 }
  const handle = { handle_bytes: 128, handle_type: 0, f_handle: new Uint8Array(128) }
  expect(sys.name_to_handle_at(init, AT_FDCWD, '/f', handle, mount, AT_HANDLE_MNT_ID_UNIQUE)).toBe(0)
  expect(mount.value).toBe(stat.mnt_id)
})
