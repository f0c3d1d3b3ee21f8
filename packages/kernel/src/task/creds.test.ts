/** set*id, setgroups and the life of credentials. Uids are written real,effective,saved,fs. */
import { CAP_FULL_SET, capAssign, EFAULT, EINVAL, EPERM, errnoName } from '@lsmkit/abi'
import { defineBlob, defineLsm } from '@lsmkit/core'
import type { Cred, Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import type { SysCalls } from '../syscalls/entry.ts'
import { bootForTest } from '../testing/boot.ts'

const uidsOf = ({ uid, euid, suid, fsuid }: Cred) => [uid, euid, suid, fsuid].join()
const gidsOf = ({ gid, egid, sgid, fsgid }: Cred) => [gid, egid, sgid, fsgid].join()

type Call = (sys: SysCalls, task: Task) => number
/** What the task is before, the call, its result, and what the task is after. */
type Row = readonly [before: string, call: Call, rc: string, after: string]

const NOBODY_ID = 0xffffffff

const rows: Record<string, Row> = {
  'setuid with the capability sets all': ['0,0,0,0', (sys, t) => sys.setuid(t, 7), 'OK', '7,7,7,7'],
  'setuid without it sets the effective one': ['5,6,7,6', (sys, t) => sys.setuid(t, 7), 'OK', '5,7,7,7'],
  'setuid to the real one': ['5,6,7,6', (sys, t) => sys.setuid(t, 5), 'OK', '5,5,7,5'],
  'setuid to a stranger': ['5,6,7,6', (sys, t) => sys.setuid(t, 8), 'EPERM', '5,6,7,6'],
  'setuid to no id': ['0,0,0,0', (sys, t) => sys.setuid(t, -1), 'EINVAL', '0,0,0,0'],
  'setreuid swaps': ['5,6,6,6', (sys, t) => sys.setreuid(t, 6, 5), 'OK', '6,5,5,5'],
  'setreuid keeps the saved one when only the effective goes back': [
    '5,6,6,6',
    (sys, t) => sys.setreuid(t, -1, 5),
    'OK',
    '5,5,6,5',
  ],
  'setreuid may not take the saved one as real': ['5,6,7,6', (sys, t) => sys.setreuid(t, 7, -1), 'EPERM', '5,6,7,6'],
  'setreuid may take the saved one as effective': ['5,6,7,6', (sys, t) => sys.setreuid(t, -1, 7), 'OK', '5,7,7,7'],
  'setresuid moves among its own': ['5,6,7,6', (sys, t) => sys.setresuid(t, 7, 5, 6), 'OK', '7,5,6,5'],
  'setresuid -1 changes nothing': ['5,6,7,8', (sys, t) => sys.setresuid(t, -1, -1, -1), 'OK', '5,6,7,8'],
  'setresuid of the same effective one takes the fs one along': [
    '5,6,7,8',
    (sys, t) => sys.setresuid(t, -1, 6, -1),
    'OK',
    '5,6,7,6',
  ],
  'setresuid to a stranger': ['5,6,7,6', (sys, t) => sys.setresuid(t, -1, -1, 9), 'EPERM', '5,6,7,6'],
  'setfsuid to the saved one': ['5,6,7,6', (sys, t) => sys.setfsuid(t, 7), '6', '5,6,7,7'],
  'setfsuid to a stranger answers the old one': ['5,6,7,6', (sys, t) => sys.setfsuid(t, 9), '6', '5,6,7,6'],
  'setfsuid to no id answers the old one': ['0,0,0,0', (sys, t) => sys.setfsuid(t, NOBODY_ID), 'OK', '0,0,0,0'],
}

const answerOf = (rc: number) => (rc < 0 ? errnoName(rc) : rc === 0 ? 'OK' : String(rc))

/** A task with these ids; with capabilities only when it is root. */
const taskOf = (kernel: ReturnType<typeof bootForTest>, ids: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = ids.split(',').map(Number)
  const task = kernel.fork(kernel.init, b)
  const { cred } = task
  ;[cred.uid, cred.euid, cred.suid, cred.fsuid] = [a, b, c, d]
  ;[cred.gid, cred.egid, cred.sgid, cred.fsgid] = [a, b, c, d]
  return task
}

describe('uids', () => {
  const kernel = bootForTest()
  test.each(Object.entries(rows))('%s', (_, [before, call, rc, after]) => {
    const task = taskOf(kernel, before)
    expect([answerOf(call(kernel.sys, task)), uidsOf(task.cred)]).toEqual([rc, after])
  })
})

test('each change makes new credentials, and what held the old ones keeps them', () => {
  const { fork, sys } = bootForTest()
  const task = fork()
  const old = task.cred
  const fd = sys.openat(task, -100, '/tmp', 0, 0)
  sys.setuid(task, 5)
  expect(task.cred).not.toBe(old)
  expect([old.uid, task.cred.uid]).toEqual([0, 5])
  expect(fd).toBeGreaterThanOrEqual(0)
})

test('an LSM that refuses leaves the credentials as they were', () => {
  const refuser = defineLsm({
    name: 'refuser',
    abi: '1.0',
    id: 200,
    hooks: { task_fix_setuid: () => -EPERM, task_fix_setgid: () => -EINVAL },
  })
  const { fork, sys } = bootForTest({ lsms: [refuser] })
  const task = fork()
  const { cred } = task
  expect([sys.setuid(task, 5), sys.setgid(task, 5), sys.setresuid(task, 1, 2, 3)]).toEqual([-EPERM, -EINVAL, -EPERM])
  expect(task.cred).toBe(cred)
  expect([uidsOf(cred), gidsOf(cred), cred.usage]).toEqual(['0,0,0,0', '0,0,0,0', expect.any(Number)])
})

test('credentials are freed when nobody holds them: once each', () => {
  const freed: Cred[] = []
  // credentials without a blob are not told of
  const blobs = { cred: defineBlob(() => 0) }
  const watcher = defineLsm({
    name: 'watcher', abi: '1.0', id: 200, blobs, hooks: { cred_free: (cred) => void freed.push(cred) },
  })
  const { fork, sys } = bootForTest({ lsms: [watcher] })
  const task = fork()
  freed.length = 0
  const seen = new Set<Cred>()
  for (let uid = 1; uid <= 50; uid++) {
    seen.add(task.cred)
    sys.setresuid(task, uid % 3, 0, 0)
  }
  expect([freed.length, new Set(freed).size, freed.every((cred) => seen.has(cred))]).toEqual([50, 50, true])
})

describe('groups', () => {
  const { fork, sys } = bootForTest()
  test('are kept sorted and answered by getgroups', () => {
    const task = fork()
    const list: number[] = []
    expect(sys.setgroups(task, 3, [9, 1, 5])).toBe(0)
    expect([sys.getgroups(task, 0, null), sys.getgroups(task, 16, list), list]).toEqual([3, 3, [1, 5, 9]])
  })
  test.each([
    ['too many', 65537, [1], EINVAL],
    ['a negative number', -1, [], EINVAL],
    ['no list', 2, null, EFAULT],
    ['no id', 1, [-1], EINVAL],
  ])('%s', (_, size, list, errno) => {
    const task = fork()
    const { cred } = task
    expect(sys.setgroups(task, size, list)).toBe(-errno)
    expect(task.cred).toBe(cred)
  })
  test('getgroups with too little room', () => {
    const task = fork()
    sys.setgroups(task, 2, [1, 2])
    expect(sys.getgroups(task, 1, [])).toBe(-EINVAL)
  })
})

test('a fork shares nothing that a later change could reach', () => {
  const { fork, sys } = bootForTest()
  const parent = fork()
  const child = fork(parent)
  capAssign(parent.cred.cap_effective, CAP_FULL_SET)
  sys.setgroups(child, 1, [4])
  sys.setuid(child, 9)
  expect([uidsOf(parent.cred), uidsOf(child.cred)]).toEqual(['0,0,0,0', '9,9,9,9'])
  expect(parent.cred.group_info.gid).toEqual([])
})
