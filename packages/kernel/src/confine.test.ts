/** A guest is held to its limits, wherever it makes its files, and what it had is the machine's again afterwards. */
import {
  AT_FDCWD, CLONE_NEWNS, CLONE_NEWUSER, EAGAIN, EMFILE, ENOMEM, ENOSPC, O_CREAT, O_RDONLY, O_RDWR, PR_SET_DUMPABLE,
  RLIMIT_NOFILE,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { confine } from './confine.ts'
import type { Confines } from './confine.ts'
import { nativeFile } from './state/exec/native.ts'
import { bootForTest } from './testing/boot.ts'

const KIB = 1024
const none: Confines = { files: Infinity, inodes: Infinity, descriptors: Infinity, processes: Infinity }

let kernel: ReturnType<typeof bootForTest>
let guest: Task
beforeEach(() => {
  kernel = bootForTest()
  guest = kernel.machine.tasks.find(kernel.sys.fork(kernel.init)) as Task
  kernel.sys.mkdir(kernel.init, '/there', 0o777)
})
const hold = (limits: Partial<Confines>): (() => void) => {
  const release = confine(kernel.machine, guest, { ...none, ...limits })
  if (typeof release === 'number') throw new Error(`confine: ${release}`)
  return release
}
/** Writes to a new file until that is refused: bytes written, and the refusal. */
const fill = (path: string): [bytes: number, rc: number] => {
  const { sys } = kernel
  const fd = sys.openat(guest, AT_FDCWD, path, O_CREAT | O_RDWR, 0o600)
  if (fd < 0) return [0, fd]
  let written = 0
  for (;;) {
    const rc = sys.write(guest, fd, new Uint8Array(4 * KIB))
    if (rc <= 0 || written > 16 * 1024 * KIB) return [written, rc]
    written += rc
  }
}

describe('programs', () => {
  /** A file with that beginning, of so many bytes: the rest is a hole. */
  const sparse = (path: string, beginning: readonly number[], size: number): void => {
    kernel.file(path, Uint8Array.from(beginning), 0o755)
    expect(kernel.sys.truncate(kernel.init, path, size)).toBe(0)
  }
  const buffers = (): number => process.memoryUsage().arrayBuffers
  const MIB = 1024 * KIB

  test('a file that is too large is not read', () => {
    const release = hold({ images: 16 * MIB })
    sparse('/program', [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], 300 * MIB)
    const before = buffers()
    expect(kernel.sys.execve(guest, '/program', ['program'], [])).toBe(-ENOMEM)
    expect(buffers() - before).toBeLessThan(MIB)
    release()
    kernel.sys.truncate(kernel.init, '/program', 8)
    expect(kernel.sys.execve(guest, '/program', ['program'], [])).toBe(0)
  })

  test('of a program of the host only the name is read, however large its file', () => {
    hold({ images: 16 * MIB })
    kernel.machine.programs.set('tool', () => 0)
    sparse('/tool', [...nativeFile('tool')], 2 ** 40)
    const before = buffers()
    expect(kernel.sys.execve(guest, '/tool', ['tool'], [])).toBe(0)
    expect(buffers() - before).toBeLessThan(MIB)
  })
})

describe('files', () => {
  test('to the byte, and the machine has it back', () => {
    const release = hold({ files: 256 * KIB })
    expect(fill('/a')).toEqual([256 * KIB, -ENOSPC])
    expect(fill('/b')).toEqual([0, -ENOSPC])
    kernel.sys.truncate(guest, '/a', 128 * KIB)
    expect(fill('/c')).toEqual([128 * KIB, -ENOSPC])
    release()
    expect(fill('/d')[0]).toBeGreaterThan(16 * 1024 * KIB)
  })

  test.each(['tmpfs', 'ramfs'])('on a %s of its own as well', (type) => {
    hold({ files: 64 * KIB })
    expect(kernel.sys.mount(guest, 'none', '/there', type, 0, null)).toBe(0)
    expect(fill('/there/a')).toEqual([64 * KIB, -ENOSPC])
    expect(fill('/b')).toEqual([0, -ENOSPC])
    // what ends with its mount is there again
    kernel.sys.umount2(guest, '/there', 0)
  })

  test('in a user namespace of its own, where it may mount', () => {
    const { sys } = kernel
    sys.setresgid(guest, 1000, 1000, 1000)
    sys.setresuid(guest, 1000, 1000, 1000)
    hold({ files: 64 * KIB })
    expect(sys.unshare(guest, CLONE_NEWUSER | CLONE_NEWNS)).toBe(0)
    sys.prctl(guest, PR_SET_DUMPABLE, 1, 0, 0, 0)
    for (const [file, text] of [['uid_map', '0 1000 1'], ['setgroups', 'deny'], ['gid_map', '0 1000 1']] as const) {
      const fd = sys.openat(guest, AT_FDCWD, `/proc/self/${file}`, O_RDWR, 0)
      expect(sys.write(guest, fd, new TextEncoder().encode(text))).toBe(text.length)
    }
    expect(sys.mount(guest, 'none', '/there', 'tmpfs', 0, 'size=1g')).toBe(0)
    expect(fill('/there/a')).toEqual([64 * KIB, -ENOSPC])
  })

  test('in a memfd', () => {
    hold({ files: 64 * KIB })
    const fd = kernel.sys.memfd_create(guest, 'm', 0)
    expect(kernel.sys.write(guest, fd, new Uint8Array(64 * KIB))).toBe(64 * KIB)
    expect(kernel.sys.write(guest, fd, new Uint8Array(1))).toBe(-ENOSPC)
  })

  test('what was there before does not count, and of two that are held the lower ceiling does', () => {
    fill('/before')
    const first = hold({ files: 256 * KIB })
    const second = hold({ files: 64 * KIB })
    expect(fill('/a')).toEqual([64 * KIB, -ENOSPC])
    second()
    expect(fill('/b')).toEqual([192 * KIB, -ENOSPC])
    first()
  })
})

test.each(['/', 'tmpfs', 'ramfs'])('inodes, on %s', (where) => {
  const { sys, machine } = kernel
  const release = hold({ inodes: 100 })
  if (where !== '/') sys.mount(guest, 'none', '/there', where, 0, null)
  const dir = where === '/' ? '/' : '/there/'
  let made = 0
  let rc = 0
  while (made < 1000 && rc === 0) {
    rc = sys.mkdir(guest, `${dir}${made}`, 0o755)
    if (rc === 0) made++
  }
  expect([rc, made]).toEqual([-ENOSPC, where === '/' ? 100 : 99])
  for (let i = 0; i < made; i++) sys.rmdir(guest, `${dir}${i}`)
  if (where !== '/') sys.umount2(guest, '/there', 0)
  release()
  expect([machine.ceiling.hasIspace(2 ** 40), machine.ceiling.hasPages(2 ** 40)]).toEqual([true, true])
})

test('a file system that is unmounted gives all back', () => {
  const { sys, machine, init } = kernel
  for (const type of ['tmpfs', 'ramfs']) {
    const { pages, ispace } = machine.ceiling
    sys.mount(init, 'none', '/there', type, 0, null)
    const fd = sys.openat(init, AT_FDCWD, '/there/a', O_CREAT | O_RDWR, 0o600)
    sys.write(init, fd, new Uint8Array(100 * KIB))
    sys.close(init, fd)
    sys.mkdir(init, '/there/d', 0o700)
    expect([machine.ceiling.pages, machine.ceiling.ispace]).toEqual([pages + 25, ispace + 3 * KIB])
    expect(sys.umount2(init, '/there', 0)).toBe(0)
    machine.runRcu()
    expect([type, machine.ceiling.pages, machine.ceiling.ispace]).toEqual([type, pages, ispace])
  }
})

test('descriptors', () => {
  const { sys } = kernel
  hold({ descriptors: 10 })
  const opened: number[] = []
  for (let fd = 0; fd >= 0 && opened.length < 100;) opened.push((fd = sys.openat(guest, AT_FDCWD, '/', O_RDONLY, 0)))
  expect(opened.at(-1)).toBe(-EMFILE)
  expect(opened.at(-2)).toBe(9)
  const limit = { rlim_cur: 0, rlim_max: 0 }
  expect([sys.getrlimit(guest, RLIMIT_NOFILE, limit), limit]).toEqual([0, { rlim_cur: 10, rlim_max: 10 }])
})

describe('processes', () => {
  test('the guest and what it forks, also beneath its children', () => {
    const { sys, machine, init } = kernel
    const release = hold({ processes: 3 })
    const child = machine.tasks.find(sys.fork(guest)) as Task
    expect(sys.fork(child)).toBeGreaterThan(0)
    expect([sys.fork(child), sys.fork(guest)]).toEqual([-EAGAIN, -EAGAIN])
    expect(sys.fork(init)).toBeGreaterThan(0)
    for (const task of [...machine.tasks.processes].slice(1)) sys.exit_group(task as Task, 0)
    release()
  })

  test('a guest in a guest is held to both', () => {
    const { sys, machine } = kernel
    hold({ processes: 4 })
    const child = machine.tasks.find(sys.fork(guest)) as Task
    const inner = confine(machine, child, { ...none, processes: 10 })
    expect(typeof inner).toBe('function')
    const forks = Array.from({ length: 5 }, () => sys.fork(child))
    expect(forks.filter((rc) => rc > 0)).toHaveLength(2)
    expect(forks.at(-1)).toBe(-EAGAIN)
  })
})
