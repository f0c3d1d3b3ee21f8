/** procfs: what it shows to whom, attribute files, and settings. */
import {
  AT_FDCWD, EACCES, EINVAL, ENOENT, EPERM, errnoName, ESRCH, O_RDONLY, O_RDWR, O_WRONLY, PR_SET_DUMPABLE,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { spaceOf } from '../../state/mm/address-space.ts'
import { bootForTest } from '../../testing/boot.ts'
import type { TestKernel } from '../../testing/boot.ts'
import { Kstat } from '../../state/vfs/kstat.ts'

const kernel = bootForTest()
const { sys, fork, init, cat } = kernel
const encode = (text: string) => new TextEncoder().encode(text)

const open = (task: Task, path: string, flags = O_RDONLY, { sys: own } = kernel) =>
  own.openat(task, AT_FDCWD, path, flags, 0)
/** What writing answers; -errno of the open where it is refused already. */
const write = (task: Task, path: string, text: string, own: TestKernel = kernel): number => {
  const fd = open(task, path, O_WRONLY, own)
  if (fd < 0) return fd
  const rc = own.sys.write(task, fd, encode(text))
  own.sys.close(task, fd)
  return rc
}
const answer = (rc: string | number) => (typeof rc === 'number' && rc < 0 ? errnoName(rc) : 'OK')

describe('who may read what of a process', () => {
  const owner = fork(init, 1000)
  const hidden = fork(init, 1000)
  sys.prctl(hidden, PR_SET_DUMPABLE, 0, 0, 0, 0)
  const readers = { root: fork(), same: fork(init, 1000), other: fork(init, 1001) }
  const rows: readonly (readonly [name: string, root: string, same: string, other: string])[] = [
    ['status', 'OK', 'OK', 'OK'],
    ['cmdline', 'OK', 'OK', 'OK'],
    ['limits', 'OK', 'OK', 'OK'],
    ['environ', 'OK', 'OK', 'EACCES'],
    ['auxv', 'OK', 'OK', 'EACCES'],
    ['maps', 'OK', 'OK', 'EACCES'],
  ]
  test.each(rows)('%s', (name, root, same, other) => {
    const got = Object.values(readers).map((reader) => answer(cat(reader, `/proc/${owner.pid}/${name}`)))
    expect(got).toEqual([root, same, other])
  })
  test('one that is not dumpable belongs to root', () => {
    expect([
      answer(cat(readers.root, `/proc/${hidden.pid}/environ`)),
      cat(readers.same, `/proc/${hidden.pid}/environ`),
    ]).toEqual(['OK', -EACCES])
  })
  test('of a zombie there is nothing to open but its mappings, which are none', () => {
    const zombie = fork()
    sys.exit_group(zombie, 0)
    const names = ['environ', 'auxv', 'mem', 'pagemap', 'maps', 'smaps']
    const got = names.map((name) => cat(init, `/proc/${zombie.pid}/${name}`))
    expect(got).toEqual([-ESRCH, -ESRCH, -ESRCH, -ESRCH, '', ''])
  })
  test('its memory, by the right to attach', () => {
    const path = `/proc/${owner.pid}/mem`
    spaceOf(owner.mm!).memory = {
      read: (addr, len) => new Uint8Array(len).fill(addr & 0xff),
      write: (_addr, data) => data.length,
    }
    expect([open(readers.same, path, O_RDWR) >= 0, open(readers.other, path)]).toEqual([true, -EACCES])
    const fd = open(readers.root, path)
    const buf = new Uint8Array(4)
    expect([sys.pread64(readers.root, fd, buf, 0x107), [...buf]]).toEqual([4, [7, 7, 7, 7]])
  })
})

test('a process that has ended is gone, also through what was open', () => {
  const task = fork()
  const path = `/proc/${task.pid}/status`
  const fd = open(init, path)
  sys.exit_group(task, 0)
  sys.wait4(init, task.pid, null, 0, null)
  expect([sys.read(init, fd, new Uint8Array(10)), open(init, path)]).toEqual([-ESRCH, -ENOENT])
})

test.each(['0', '01', '-1', '+1', '1x', '99999999999', ''].filter((name) => name !== ''))(
  '%j is no process',
  (name) => {
    expect(open(init, `/proc/${name}/status`)).toBe(-ENOENT)
  },
)

describe('attribute files', () => {
  const asked: string[] = []
  const own = bootForTest({
    lsms: [defineLsm({
      name: 'labels',
      abi: '1.0', id: 200,
      hooks: {
        getprocattr: (_task, name, value) => {
          if (name !== 'current') return -EINVAL
          value.value = 'label'
          return 5
        },
        setprocattr: (name, value, size) => {
          asked.push(`${name} ${new TextDecoder().decode(value as Uint8Array)}`)
          return size
        },
      },
    })],
  })
  test('are read, and what no LSM has is EINVAL', () => {
    const task = own.fork()
    expect([own.cat(task, '/proc/self/attr/current'), own.cat(task, '/proc/self/attr/exec')]).toEqual([
      'label',
      -EINVAL,
    ])
    expect(own.cat(own.init, `/proc/${task.pid}/attr/current`)).toBe('label')
  })
  test('are written by the task itself alone', () => {
    const task = own.fork()
    const other = own.fork()
    asked.length = 0
    expect([
      write(task, '/proc/self/attr/exec', 'new', own),
      write(other, `/proc/${task.pid}/attr/current`, 'x', own),
    ]).toEqual([3, -EPERM])
    expect(asked).toEqual(['exec new'])
  })
  test('a descriptor of another opener is of no use', () => {
    const task = own.fork()
    const fd = open(task, '/proc/self/attr/current', O_WRONLY, own)
    const child = own.fork(task)
    expect(own.sys.write(child, fd, encode('x'))).toBe(-EPERM)
  })
  test('from the start, and prev never', () => {
    const task = own.fork()
    const fd = open(task, '/proc/self/attr/current', O_WRONLY, own)
    expect([
      own.sys.pwrite64(task, fd, encode('x'), 1),
      open(own.fork(own.init, 1000), '/proc/self/attr/prev', O_WRONLY, own),
    ]).toEqual([-EINVAL, -EACCES])
  })
})

describe('settings', () => {
  test.each<readonly [path: string, text: string, uid: number, rc: string]>([
    ['kernel/pid_max', '1000\n', 0, 'OK'],
    ['kernel/pid_max', '300', 0, 'EINVAL'],
    ['kernel/pid_max', 'many', 0, 'EINVAL'],
    ['kernel/pid_max', '1000', 1000, 'EACCES'],
    ['kernel/hostname', 'name', 0, 'OK'],
    ['kernel/hostname', 'name', 1000, 'EACCES'],
    ['kernel/ostype', 'x', 0, 'EACCES'],
    ['vm/overcommit_memory', '3', 0, 'EINVAL'],
    ['nothing/here', '1', 0, 'ENOENT'],
  ])('%s %j by %i: %s', (path, text, uid, rc) => {
    const own = bootForTest()
    expect(answer(write(own.fork(own.init, uid), `/proc/sys/${path}`, text, own))).toBe(rc)
  })
  test('hold at once', () => {
    const own = bootForTest()
    write(own.init, '/proc/sys/kernel/hostname', 'changed\n', own)
    const name = { sysname: '', nodename: '', release: '', version: '', machine: '', domainname: '' }
    own.sys.uname(own.init, name)
    expect([name.nodename, own.cat(own.init, '/proc/sys/kernel/hostname')]).toEqual(['changed', 'changed\n'])
  })
})

test.each<readonly [text: string, rc: string]>([
  ['100', 'OK'], ['1001', 'EINVAL'], ['-1001', 'EINVAL'], ['x', 'EINVAL'], ['', 'EINVAL'], ['-5', 'EACCES'],
])('oom_score_adj %j without the capability: %s', (text, rc) => {
  expect(answer(write(fork(init, 1000), '/proc/self/oom_score_adj', text))).toBe(rc)
})

describe('what nobody may change', () => {
  const own = bootForTest()
  const { sys: call, init: root } = own
  const owner = own.fork(root, 1000)
  const of = (path: string) => `/proc/${owner.pid}/${path}`
  test.each<readonly [what: string, run: (task: Task) => number]>([
    ['the mode of a file of a process', (task) => call.chmod(task, of('environ'), 0o777)],
    ['of a directory', (task) => call.chmod(task, of('fd'), 0o777)],
    ['of its attributes', (task) => call.chmod(task, of('attr/current'), 0o777)],
    ['the process itself', (task) => call.chmod(task, of(''), 0o777)],
    ['names in it', (task) => call.unlink(task, of('status'))],
    ['whether it can be written', (task) => call.access(task, of(''), 2)],
    ['the mode of a setting', (task) => call.chmod(task, '/proc/sys/kernel/hostname', 0o666)],
    ['its owner', (task) => call.chown(task, '/proc/sys/kernel/hostname', task.cred.uid, -1)],
    ['a namespace', (task) => call.openat(task, AT_FDCWD, of('ns/uts'), O_WRONLY, 0)],
    ['its mode', (task) => call.chmod(task, of('ns/uts'), 0o666)],
    ['the mode of a pidfd', (task) => call.fchmod(task, call.pidfd_open(task, owner.pid, 0), 0o777)],
  ])('%s', (_what, run) => {
    expect([run(root), run(owner)].map(answer)).toEqual(['EPERM', 'EPERM'])
  })
  test('sizes, though they may be set', () => {
    const stat = new Kstat()
    expect([call.truncate(owner, of('comm'), 100), call.stat(owner, of('comm'), stat), stat.size]).toEqual([0, 0, 0])
    expect([call.lstat(owner, '/proc/mounts', stat), stat.size]).toEqual([0, 'self/mounts'.length])
  })
  test('settings of links are for everybody to read', () => {
    expect(own.cat(owner, '/proc/sys/fs/protected_symlinks')).toMatch(/^[01]\n$/)
  })
})

test('self and thread-self lead to the caller, whoever opened the directory', () => {
  const task = fork()
  const buf = new Uint8Array(32)
  expect(new TextDecoder().decode(buf.subarray(0, sys.readlink(task, '/proc/self', buf)))).toBe(String(task.pid))
  expect(new TextDecoder().decode(buf.subarray(0, sys.readlink(task, '/proc/thread-self', buf)))).toBe(
    `${task.pid}/task/${task.pid}`,
  )
})
