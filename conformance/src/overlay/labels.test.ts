/**
 * Overlays and folders of the host under real modules: labels outlive a copy, and the kernel, and who mounted is asked
 * as well as who calls.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_FDCWD, EACCES, EOPNOTSUPP, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from '@lsmkit/abi'
import type { Lsm, Task } from '@lsmkit/core'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { describe, expect, test } from 'vitest'
import { bootOn, stackWith } from '../kernel.ts'
import { policy } from '../label-policy.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Files `open` and `shut` below, labelled; process 1 mounts as `mounter`, and a child becomes `user`. */
const setUp = (lsm: Lsm, attribute: string, label: (name: string) => string) => {
  const { sys, init, machine } = bootOn(stackWith([lsm]))
  const must = (rc: number, what: string): number => {
    if (rc < 0) throw new Error(`${what}: ${rc}`)
    return rc
  }
  const write = (task: Task, path: string, text: string, flags = 0): number => {
    const fd = sys.openat(task, AT_FDCWD, path, O_WRONLY | flags, 0o666)
    if (fd < 0) return fd
    const rc = sys.write(task, fd, encoder.encode(text))
    sys.close(task, fd)
    return rc
  }
  const mark = (path: string, name: string): number =>
    must(sys.lsetxattr(init, path, attribute, encoder.encode(label(name)), 0), path)
  const labelOf = (path: string): string => {
    const buf = new Uint8Array(256)
    const n = sys.lgetxattr(init, path, attribute, buf)
    return n < 0 ? String(n) : decoder.decode(buf.subarray(0, n)).replace(/\0$/, '')
  }
  sys.umask(init, 0)
  for (const dir of ['/l', '/u', '/w', '/m']) {
    must(sys.mkdir(init, dir, 0o777), dir)
    mark(dir, 'dir')
  }
  for (const name of ['open', 'shut']) {
    must(write(init, `/l/${name}`, name, O_CREAT), name)
    mark(`/l/${name}`, name)
  }
  const become = (task: Task, name: string): Task => {
    must(write(task, '/proc/self/attr/current', label(name)), `become ${name}`)
    return task
  }
  const fork = (name: string): Task => become(machine.tasks.find(must(sys.fork(init), 'fork'))!, name)
  const mounter = fork('mounter')
  const user = fork('user')
  must(sys.mount(mounter, 'o', '/m', 'overlay', 0, 'lowerdir=/l,upperdir=/u,workdir=/w'), 'mount')
  const open = (task: Task, path: string, flags = O_RDONLY): number => {
    const fd = sys.openat(task, AT_FDCWD, path, flags, 0)
    if (fd >= 0) sys.close(task, fd)
    return Math.min(fd, 0)
  }
  return { sys, init, user, mounter, write, labelOf, open }
}

describe('selinux', () => {
  const selinuxWorld = () =>
    setUp(selinux({ policy: policy() }), 'security.selinux', (name) =>
      `u:${['mounter', 'user'].includes(name) ? 'r' : 'object_r'}:${name}_t:s0`)

  test('a file that is copied up keeps its label, and what is made gets that of its maker', () => {
    const { user, write, labelOf } = selinuxWorld()
    expect(labelOf('/m/open')).toBe('u:object_r:open_t:s0')
    expect(write(user, '/m/open', 'x')).toBe(1)
    expect(labelOf('/u/open')).toBe('u:object_r:open_t:s0')
    expect(write(user, '/m/new', 'x', O_CREAT)).toBe(1)
    expect(['/m/new', '/u/new'].map(labelOf)).toEqual(['u:object_r:made_t:s0', 'u:object_r:made_t:s0'])
  })

  test('a label in a folder of the host is there for the next kernel', ({ skip }) => {
    const path = mkdtempSync(join(tmpdir(), 'lsmkit-labels-'))
    try {
      const boot = () => bootOn(stackWith([selinux({ policy: policy() })]), {
        mounts: [{ type: hostfs({ path, writable: true, native: true, labels: 'user' }), target: '/h' }],
      })
      const { sys, init } = boot()
      sys.close(init, sys.openat(init, AT_FDCWD, '/h/file', O_CREAT | O_WRONLY, 0o644))
      const rc = sys.setxattr(init, '/h/file', 'security.selinux', encoder.encode('u:object_r:shut_t:s0'), 0)
      if (rc === -EOPNOTSUPP) skip()
      expect(rc).toBe(0)
      const next = boot()
      const value = new Uint8Array(64)
      const length = next.sys.getxattr(next.init, '/h/file', 'security.selinux', value)
      expect(decoder.decode(value.subarray(0, length)).replace(/\0$/, '')).toBe('u:object_r:shut_t:s0')
      const mounter = next.machine.tasks.find(next.sys.fork(next.init))!
      const fd = next.sys.openat(mounter, AT_FDCWD, '/proc/self/attr/current', O_WRONLY, 0)
      expect(next.sys.write(mounter, fd, encoder.encode('u:r:mounter_t:s0'))).toBeGreaterThan(0)
      expect(next.sys.openat(mounter, AT_FDCWD, '/h/file', O_RDONLY, 0)).toBe(-EACCES)
    } finally {
      rmSync(path, { recursive: true })
    }
  })

  test('what the mounter may not read nobody gets through the mount', () => {
    const { user, mounter, open } = selinuxWorld()
    expect(open(user, '/l/shut')).toBe(0)
    expect(open(mounter, '/l/shut')).toBe(-EACCES)
    for (const flags of [O_RDONLY, O_RDWR]) expect(open(user, '/m/shut', flags)).toBe(-EACCES)
    expect(open(user, '/m/open', O_RDWR)).toBe(0)
  })
})

describe('smack', () => {
  const labels: Readonly<Record<string, string>> =
    { dir: '*', open: '_', shut: 'Shut', mounter: 'Mounter', user: 'User' }
  const smackWorld = () => {
    const world = setUp(smack(), 'security.SMACK64', (name) => labels[name]!)
    expect(world.write(world.init, '/sys/fs/smackfs/load2', 'User Shut rwx')).toBeGreaterThan(0)
    return world
  }

  test('a file that is copied up keeps its label, and what is made gets that of its maker', () => {
    const { init, user, write, labelOf, sys } = smackWorld()
    write(init, '/sys/fs/smackfs/load2', 'User _ rwx')
    write(init, '/sys/fs/smackfs/load2', 'Mounter _ rwx')
    write(init, '/sys/fs/smackfs/load2', 'Mounter User rwx')
    expect(labelOf('/m/open')).toBe('_')
    expect(sys.chmod(user, '/m/open', 0o600)).toBe(0)
    expect(labelOf('/u/open')).toBe('_')
    expect(write(user, '/m/new', 'x', O_CREAT)).toBe(1)
    expect(['/m/new', '/u/new'].map(labelOf)).toEqual(['User', 'User'])
  })
})
