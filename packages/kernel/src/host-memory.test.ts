/** What is made is charged, what goes is given back to the byte, and beyond the limit there is an errno. */
import {
  AT_FDCWD, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, MAP_ANONYMOUS, MAP_PRIVATE, O_CREAT,
  O_RDONLY, O_RDWR, PROT_READ, WNOHANG,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { bootForTest } from './testing/boot.ts'

const KIB = 1024

describe('what has come and gone is given back', () => {
  const kernel = bootForTest()
  const { sys, init, machine, fork } = kernel
  const fds = (make: (out: number[]) => number): void => {
    const out: number[] = []
    make(out)
    for (const fd of out) sys.close(init, fd)
  }
  const open = (path: string): number => sys.openat(init, AT_FDCWD, path, O_CREAT | O_RDWR, 0o600)
  const cycles: Readonly<Record<string, () => void>> = {
    'a file with contents': () => {
      const fd = open('/tmp/f')
      sys.write(init, fd, new Uint8Array(100_000))
      sys.pwrite64(init, fd, new Uint8Array(10), 1_000_000)
      sys.ftruncate(init, fd, 5000)
      sys.setxattr(init, '/tmp/f', 'user.a', new Uint8Array(100), 0)
      sys.setxattr(init, '/tmp/f', 'user.a', new Uint8Array(10), 0)
      sys.link(init, '/tmp/f', '/tmp/g')
      sys.rename(init, '/tmp/g', '/tmp/a-much-longer-name')
      sys.unlink(init, '/tmp/f')
      sys.unlink(init, '/tmp/a-much-longer-name')
      sys.close(init, fd)
    },
    'a directory and a link': () => {
      sys.mkdir(init, '/tmp/d', 0o755)
      sys.symlink(init, 'x'.repeat(300), '/tmp/d/l')
      sys.access(init, '/tmp/d/none', 0)
      sys.unlink(init, '/tmp/d/l')
      sys.rmdir(init, '/tmp/d')
    },
    'a pipe': () => fds((out) => sys.pipe2(init, out, 0) || sys.write(init, out[1]!, new Uint8Array(9000))),
    'a process with descriptors': () => {
      const child = fork()
      sys.dup2(child, sys.openat(child, AT_FDCWD, '/', O_RDONLY, 0), 900)
      sys.setgroups(child, 3, [1, 2, 3])
      sys.exit_group(child, 0)
      sys.wait4(init, child.pid, null, WNOHANG, null)
    },
    'a thread that goes its own way': () => {
      const child = fork()
      const flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES | CLONE_FS
      const thread = machine.tasks.find(sys.clone(child, flags, 0, null, null, 0))!
      sys.unshare(thread, CLONE_FILES | CLONE_FS)
      sys.exit(child, 0)
      sys.exit(thread, 0)
      sys.wait4(init, child.pid, null, WNOHANG, null)
    },
    'mappings': () => {
      const at = sys.mmap(init, 0, 10 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      sys.munmap(init, at + 4096, 4096)
      sys.mprotect(init, at + 3 * 4096, 4096, 0)
      sys.munmap(init, at, 10 * 4096)
    },
  }
  test.each(Object.entries(cycles))('%s', (_name, cycle) => {
    machine.current.task = init
    cycle()
    const { used } = machine.memory
    for (let i = 0; i < 10; i++) cycle()
    expect(machine.memory.used).toBe(used)
  })
})

test('a kernel that does not fit, or a limit that is none, is told at boot', () => {
  expect(() => bootForTest({ hostMemory: KIB })).toThrow('hostMemory')
  expect(() => bootForTest({ hostMemory: -1 })).toThrow('hostMemory')
  expect(() => bootForTest({ hostMemory: Number.NaN })).toThrow('hostMemory')
  expect(() => bootForTest({ hostMemory: '1 MiB' as never })).toThrow('hostMemory')
})
