/** What procfs, cgroup2 and sysfs have cached of what is gone goes with it: counted, after many looks. */
import { AT_FDCWD, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, MS_BIND, O_DIRECTORY, O_RDONLY, WNOHANG } from '@lsmkit/abi'
import type { Dentry, Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { deepestFirst } from '../../vfs/dcache.ts'

const setUp = () => {
  const kernel = bootForTest()
  const { sys, init, machine } = kernel
  const rootOf = (path: string): Dentry => {
    machine.current.task = init
    const place = machine.vfs.user_path_at(AT_FDCWD, path, 0)
    if (typeof place === 'number') throw new Error(`${path}: ${place}`)
    return place.mnt.mnt_root
  }
  /** Names in the cache of the file system at `path`. */
  const cached = (path: string): number => deepestFirst(rootOf(path)).length
  const reap = (task: Task): void => {
    sys.exit_group(task, 0)
    sys.wait4(init, task.pid, null, WNOHANG, null)
  }
  return { ...kernel, cached, reap }
}

const FILES = [
  'status', 'fd/0', 'fdinfo/0', 'ns/mnt', 'ns/user', 'attr/current', 'task', 'cwd', 'maps', 'nothing', 'limits',
]

test('a process takes its names in procfs along', () => {
  const { sys, init, fork, cached, reap } = setUp()
  sys.openat(init, AT_FDCWD, '/', O_RDONLY, 0)
  const look = (): void => {
    const child = fork()
    for (const file of FILES) {
      const path = `/proc/${child.pid}/${file}`
      sys.access(init, path, 0)
      sys.readlink(init, path, new Uint8Array(64))
    }
    sys.access(init, `/proc/${child.pid}/task/${child.pid}/status`, 0)
    reap(child)
  }
  look()
  const before = cached('/proc')
  for (let i = 0; i < 10_000; i++) look()
  expect(cached('/proc')).toBe(before)
})

test('a thread takes its own along, and what is listed or held goes too', () => {
  const { sys, init, fork, cached, machine, reap } = setUp()
  const child = fork()
  sys.access(init, `/proc/${child.pid}/task/${child.pid}/status`, 0)
  const before = cached('/proc')
  const thread = machine.tasks.find(sys.clone(child, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0))!
  for (const path of [`/proc/${child.pid}/task/${thread.pid}/status`, `/proc/${thread.pid}/stat`])
    expect(sys.access(init, path, 0)).toBe(0)
  expect(cached('/proc')).toBeGreaterThan(before + 2)
  sys.exit(thread, 0)
  expect(cached('/proc')).toBe(before)
  const fd = sys.openat(init, AT_FDCWD, `/proc/${child.pid}`, O_RDONLY | O_DIRECTORY, 0)
  sys.getdents64(init, fd, new Uint8Array(65536))
  reap(child)
  sys.close(init, fd)
  expect(cached('/proc')).toBeLessThan(before)
})

test('what is mounted on a directory of a process goes with it', () => {
  const { sys, init, fork, reap, cat } = setUp()
  const child = fork()
  const dir = `/proc/${child.pid}`
  expect(sys.mount(init, '/tmp', dir, null, MS_BIND, null)).toBe(0)
  expect(cat(init, '/proc/self/mountinfo')).toContain(` ${dir} `)
  reap(child)
  expect(cat(init, '/proc/self/mountinfo')).not.toContain(dir)
})

test('names of a control group go with it, also of files that a controller takes along', () => {
  const { sys, init, cached, machine } = setUp()
  const root = '/sys/fs/cgroup'
  const control = (text: string): void => {
    const fd = sys.openat(init, AT_FDCWD, `${root}/cgroup.subtree_control`, 1, 0)
    sys.write(init, fd, new TextEncoder().encode(text))
    sys.close(init, fd)
  }
  const look = (name: string): void => {
    const fd = sys.openat(init, AT_FDCWD, `${root}/${name}`, O_RDONLY | O_DIRECTORY, 0)
    sys.access(init, `${root}/${name}/cgroup.procs`, 0)
    sys.access(init, `${root}/${name}/pids.max`, 0)
    sys.close(init, fd)
  }
  control('+pids')
  const before = cached(root)
  for (let i = 0; i < 100; i++) {
    sys.mkdir(init, `${root}/g${i}`, 0o755)
    look(`g${i}`)
    sys.rmdir(init, `${root}/g${i}`)
  }
  expect(cached(root)).toBe(before)
  sys.mkdir(init, `${root}/kept`, 0o755)
  look('kept')
  const whole = cached(root)
  control('-pids')
  expect([cached(root), machine.cgroups.root.children.size]).toEqual([whole - 1, 1])
})
