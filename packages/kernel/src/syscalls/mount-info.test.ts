/** statmount and listmount, in the caller's mount namespace and in others, and how those are named. */
import {
  CLONE_NEWNS, EBADF, EFAULT, EINVAL, ENOENT, EOVERFLOW, EPERM, LISTMOUNT_REVERSE, NS_GET_MNTNS_ID, O_RDONLY,
  STATMOUNT_FS_TYPE, STATMOUNT_MNT_BASIC, STATMOUNT_MNT_NS_ID, STATMOUNT_MNT_POINT,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { LSMT_ROOT_NUMBER, Statmount } from './mount-info.ts'
import type { MntIdReq } from './mount-info.ts'

/** init, and `away`: in a namespace of its own, where a tmpfs lies on /tmp/m. */
const world = (lsms: readonly Lsm[] = []) => {
  const kernel = bootForTest({ lsms })
  const { sys, init, fork } = kernel
  sys.mkdir(init, '/tmp/m', 0o755)
  const away = fork()
  sys.unshare(away, CLONE_NEWNS)
  sys.mount(away, 't', '/tmp/m', 'tmpfs', 0, null)
  const list = (task: Task, req: Partial<MntIdReq> = {}, flags = 0): number[] | number => {
    const ids: number[] = []
    const n = sys.listmount(task, { mnt_id: LSMT_ROOT_NUMBER, param: 0, ...req }, ids, 100, flags)
    return n < 0 ? n : ids
  }
  const ALL = STATMOUNT_MNT_BASIC | STATMOUNT_FS_TYPE | STATMOUNT_MNT_POINT | STATMOUNT_MNT_NS_ID
  const stat = (task: Task, mnt_id: number, req: Partial<MntIdReq> = {}): Statmount | number => {
    const buf = new Statmount()
    const rc = sys.statmount(task, { mnt_id, param: ALL, ...req }, buf, 512, 0)
    return rc < 0 ? rc : buf
  }
  const nsFile = (task: Task, of: Task, name = 'mnt') =>
    sys.open(task, `/proc/${of.pid}/ns/${name}`, O_RDONLY, 0)
  const nsId = (task: Task, of: Task): number => {
    const id = { value: 0 }
    expect(sys.ioctl(task, nsFile(task, of), NS_GET_MNTNS_ID, id)).toBe(0)
    return id.value
  }
  const newest = (task: Task): number => (list(task) as number[]).at(-1)!
  return { ...kernel, away, list, stat, nsFile, nsId, newest }
}

test('one\'s own mounts: oldest first, from one on, newest first, below one', () => {
  const { init, away, list, newest, sys } = world()
  const all = list(away) as number[]
  expect(all).toEqual([...all].sort((a, b) => a - b))
  expect(all.length).toBe((list(init) as number[]).length + 1)
  expect(list(away, {}, LISTMOUNT_REVERSE)).toEqual([...all].reverse())
  expect(list(away, { param: all[1]! })).toEqual(all.slice(2))
  sys.mkdir(away, '/tmp/m/d', 0o755)
  sys.mount(away, 'u', '/tmp/m/d', 'tmpfs', 0, null)
  expect(list(away, { mnt_id: all.at(-1)! })).toEqual([newest(away)])
})

test.each<readonly [string, MntIdReq | null, number]>([
  ['nothing asked', null, -EFAULT],
  ['an old number', { mnt_id: 1, param: 0 }, -EINVAL],
  ['a number that is none', { mnt_id: 2 ** 40, param: 0 }, -ENOENT],
  ['the last was an old number', { mnt_id: LSMT_ROOT_NUMBER, param: 7 }, -EINVAL],
  ['a namespace by both', { mnt_id: LSMT_ROOT_NUMBER, param: 0, mnt_ns_id: 2, mnt_ns_fd: 3 }, -EINVAL],
  ['a namespace that is none', { mnt_id: LSMT_ROOT_NUMBER, param: 0, mnt_ns_id: 99 }, -ENOENT],
  ['no descriptor', { mnt_id: LSMT_ROOT_NUMBER, param: 0, mnt_ns_fd: 99 }, -EBADF],
])('listmount: %s', (_what, req, rc) => {
  const { sys, init } = world()
  expect(sys.listmount(init, req, [], 10, 0)).toBe(rc)
})

test('listmount: too many, or flags there are not; statmount has no root', () => {
  const { sys, init, stat } = world()
  const root = { mnt_id: LSMT_ROOT_NUMBER, param: 0 }
  expect(sys.listmount(init, root, [], 1_000_001, 0)).toBe(-EOVERFLOW)
  expect(sys.listmount(init, root, [], 1, 2)).toBe(-EINVAL)
  expect(stat(init, LSMT_ROOT_NUMBER)).toBe(-ENOENT)
  expect(sys.statmount(init, root, new Statmount(), 512, 1)).toBe(-EINVAL)
})

describe('another namespace', () => {
  test('by number and by descriptor', () => {
    const { init, away, list, stat, nsFile, nsId, newest } = world()
    const mnt_ns_id = nsId(init, away)
    expect(mnt_ns_id).toBeGreaterThan(nsId(init, init))
    const mnt_id = newest(away)
    expect(stat(init, mnt_id)).toBe(-ENOENT)
    for (const named of [{ mnt_ns_id }, { mnt_ns_fd: nsFile(init, away) }]) {
      expect(list(init, named)).toEqual(list(away))
      expect(stat(init, mnt_id, named)).toMatchObject({ fs_type: 'tmpfs', mnt_point: '/tmp/m', mnt_ns_id, mnt_id })
    }
    expect(stat(init, newest(init), { mnt_ns_id })).toBe(-ENOENT)
  })

  test('descriptors of something else', () => {
    const { sys, init, list, nsFile } = world()
    const [none, uts, dir] = [nsFile(init, init), nsFile(init, init, 'uts'), sys.open(init, '/tmp', O_RDONLY, 0)]
    expect([none, list(init, { mnt_ns_fd: none })]).toEqual([0, list(init)])
    expect([uts, dir].map((mnt_ns_fd) => list(init, { mnt_ns_fd }))).toEqual([-EINVAL, -EINVAL])
  })

  test('a number takes the right to rule it; a descriptor takes none for what lies below its root', () => {
    const { init, away, fork, become, list, stat, nsFile, nsId, newest } = world()
    const user = fork(init, 1000)
    const mnt_ns_id = nsId(init, away)
    expect([list(user, { mnt_ns_id }), stat(user, newest(away), { mnt_ns_id })]).toEqual([-ENOENT, -EPERM])
    expect(list(user, { mnt_ns_id: nsId(init, init) })).toEqual(list(init))
    const heir = fork()
    const mnt_ns_fd = nsFile(heir, away)
    become(heir, 1000)
    expect(list(heir, { mnt_ns_fd })).toEqual(list(away))
  })

  test('the LSMs are asked as by statfs', () => {
    const asked: string[] = []
    const { init, away, list, stat, nsId, newest } = world([defineLsm({
      name: 'quiet',
      abi: '1.0', hooks: { sb_statfs: ({ d_sb }) => (asked.push(d_sb.s_type.name) > 1 ? -EPERM : 0) },
    })])
    const mnt_ns_id = nsId(init, away)
    const id = newest(away)
    asked.length = 0
    expect(stat(init, id, { mnt_ns_id })).toBeInstanceOf(Statmount)
    expect([list(init, { mnt_ns_id }), asked]).toEqual([-EPERM, ['tmpfs', 'tmpfs']])
  })
})
