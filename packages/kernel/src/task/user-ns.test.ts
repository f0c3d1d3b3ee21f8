/** User namespaces: who may make them, what may be written to their maps, and what ids then mean. */
import {
  AT_FDCWD, CLONE_NEWUSER, CLONE_NEWUTS, EACCES, EINVAL, EPERM, errnoName, NS_GET_PARENT, NS_GET_USERNS, O_RDONLY,
  O_RDWR, O_WRONLY,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { TestKernel } from '../testing/boot.ts'

const kernel = bootForTest()

/** A child in a new user namespace, made by `uid`. */
const unshared = (uid: number, { fork, sys }: TestKernel = kernel) => {
  const task = fork(undefined, uid)
  expect(sys.unshare(task, CLONE_NEWUSER)).toBe(0)
  task.mm!.dumpable = 1
  return task
}

/** Writes `text` to a file of `target`; what write answers, or open. */
const writeTo = (by: Task, target: Task, name: string, text: string, { sys } = kernel): string => {
  const fd = sys.openat(by, AT_FDCWD, `/proc/${target.pid}/${name}`, O_WRONLY, 0)
  if (fd < 0) return `open ${errnoName(fd)}`
  const rc = sys.write(by, fd, new TextEncoder().encode(text))
  sys.close(by, fd)
  return rc < 0 ? errnoName(rc) : 'OK'
}

describe('who maps what', () => {
  type Who = 'itself' | 'root' | 'stranger'
  const rows: Record<string, readonly [who: Who, name: string, text: string, result: string]> = {
    'its own uid': ['itself', 'uid_map', '0 1000 1', 'OK'],
    'its own uid as another': ['itself', 'uid_map', '7 1000 1\n', 'OK'],
    'the uid of another': ['itself', 'uid_map', '0 1001 1', 'EPERM'],
    'two ids': ['itself', 'uid_map', '0 1000 2', 'EPERM'],
    'uid 0 of the parent': ['itself', 'uid_map', '0 0 1', 'EPERM'],
    'its own gid while setgroups is allowed': ['itself', 'gid_map', '0 1000 1', 'EPERM'],
    'by root, everything': ['root', 'uid_map', '0 0 4294967295', 'OK'],
    'by root, in three pieces': ['root', 'uid_map', '0 100 10\n10 200 10\n20 300 1\n', 'OK'],
    'by a stranger': ['stranger', 'uid_map', '0 1000 1', 'open EACCES'],
    nothing: ['root', 'uid_map', '', 'EINVAL'],
    'an empty line': ['root', 'uid_map', '\n', 'EINVAL'],
    'no numbers': ['root', 'uid_map', 'a b c', 'EINVAL'],
    'two numbers': ['root', 'uid_map', '0 0', 'EINVAL'],
    'four numbers': ['root', 'uid_map', '0 0 1 1', 'EINVAL'],
    'a count of zero': ['root', 'uid_map', '0 0 0', 'EINVAL'],
    'beyond the last id': ['root', 'uid_map', '1 0 4294967295', 'EINVAL'],
    'ranges that overlap inside': ['root', 'uid_map', '0 100 10\n9 200 1', 'EINVAL'],
    'ranges that overlap outside': ['root', 'uid_map', '0 100 10\n10 109 1', 'EINVAL'],
    '341 ranges': ['root', 'uid_map', Array.from({ length: 341 }, (_, i) => `${i} ${i} 1`).join('\n'), 'EINVAL'],
    '340 ranges': ['root', 'uid_map', Array.from({ length: 340 }, (_, i) => `${i} ${i} 1`).join('\n'), 'OK'],
    'a whole page': ['root', 'uid_map', `0 0 1${' '.repeat(4096)}`, 'EINVAL'],
  }
  test.each(Object.entries(rows))('%s', (_, [who, name, text, result]) => {
    const target = unshared(1000)
    const by = who === 'itself' ? target : who === 'root' ? kernel.init : kernel.fork(undefined, 1001)
    expect(writeTo(by, target, name, text)).toBe(result)
    if (result !== 'OK') expect(target.cred.user_ns[name as 'uid_map']).toEqual([])
  })
})

test('a map is written once, and from the start of the file', () => {
  const target = unshared(1000)
  const { sys, init } = kernel
  const fd = sys.openat(init, AT_FDCWD, `/proc/${target.pid}/uid_map`, O_RDWR, 0)
  const text = new TextEncoder().encode('0 1000 1')
  expect(sys.pwrite64(init, fd, text, 1)).toBe(-EINVAL)
  expect(sys.write(init, fd, text)).toBe(text.length)
  expect(sys.pwrite64(init, fd, text, 0)).toBe(-EPERM)
})

test('setgroups: denied for good, and then gids can be mapped by the owner', () => {
  const target = unshared(1000)
  const write = (name: string, text: string) => writeTo(target, target, name, text)
  expect([write('setgroups', 'perhaps'), write('setgroups', 'denyy'), write('setgroups', 'deny')]).toEqual([
    'EINVAL',
    'EINVAL',
    'OK',
  ])
  expect(write('gid_map', '0 1000 1')).toBe('OK')
  expect([write('setgroups', 'allow'), kernel.sys.setgroups(target, 0, [])]).toEqual(['EPERM', -EPERM])
})

test('ids are shown as the looker sees them', () => {
  const target = unshared(1000)
  const { sys, cat } = kernel
  expect([sys.getuid(target), sys.getgid(target)]).toEqual([65534, 65534])
  writeTo(kernel.init, target, 'uid_map', '5 1000 1')
  expect([sys.getuid(target), sys.geteuid(target)]).toEqual([5, 5])
  expect(cat(target, '/proc/self/uid_map')).toBe('         5       1000          1\n')
  expect(cat(kernel.init, `/proc/${target.pid}/status`)).toContain('Uid:\t1000\t1000\t1000\t1000')
  expect(cat(target, '/proc/self/status')).toContain('Uid:\t5\t5\t5\t5')
})

test('capabilities of the namespace count inside it alone', () => {
  const { sys } = kernel
  const target = unshared(1000)
  writeTo(kernel.init, target, 'uid_map', '0 1000 1')
  expect(sys.sethostname(target, 'own', 3)).toBe(-EPERM)
  expect([sys.unshare(target, CLONE_NEWUTS), sys.sethostname(target, 'own', 3)]).toEqual([0, 0])
  expect(sys.chown(target, '/', 0, -1)).toBe(-EPERM)
})

test('an unmapped maker, an LSM, or 33 levels say no', () => {
  const { sys } = kernel
  const first = unshared(1000)
  expect(sys.unshare(first, CLONE_NEWUSER)).toBe(-EPERM)
  const refusing = bootForTest({
    lsms: [defineLsm({ name: 'refuser', abi: '1.0', id: 200, hooks: { userns_create: () => -EACCES } })],
  })
  expect(refusing.sys.unshare(refusing.fork(), CLONE_NEWUSER)).toBe(-EACCES)

  const deep = kernel.fork()
  let rc = 0
  let levels = 0
  for (; rc === 0; levels++) {
    rc = sys.unshare(deep, CLONE_NEWUSER)
    if (rc === 0)
      for (const map of ['uid_map', 'gid_map'] as const)
        deep.cred.user_ns[map] = [{ first: 0, lower_first: 0, count: 1 }]
  }
  expect([errnoName(rc), levels]).toEqual(['ENOSPC', 34])
})

test('the parent of a user namespace is not shown to those inside, and its file does not change', () => {
  const { sys, init, fork } = kernel
  const task = fork(init, 1000)
  const open = () => sys.openat(task, AT_FDCWD, '/proc/self/ns/user', O_RDONLY, 0)
  const outer = open()
  expect(sys.fchmod(init, sys.openat(init, AT_FDCWD, '/proc/self/ns/user', O_RDONLY, 0), 0o777)).toBe(-EPERM)
  expect(sys.unshare(task, CLONE_NEWUSER)).toBe(0)
  expect(sys.ioctl(task, open(), NS_GET_PARENT, 0)).toBe(-EPERM)
  expect(sys.ioctl(task, outer, NS_GET_USERNS, 0)).toBe(-EPERM)
})
