/** Cycles of files, names and mounts. */
import {
  F_NOTIFY, F_RDLCK, F_SETLEASE, F_SETLK, F_UNLCK, F_WRLCK, LOCK_EX, MS_BIND, O_DIRECTORY, O_RDONLY, O_RDWR, SEEK_SET,
} from '@lsmkit/abi'
import type { CycleWorld, Cycles } from './cycle-world.ts'

const IN_ALL = 0xfff

export const fileCycles = (world: CycleWorld): Cycles => {
  const { sys, init } = world
  return {
    'a file with contents': () => {
      const fd = world.open('/cycle/f')
      world.must(sys.write(init, fd, new Uint8Array(100_000)))
      world.must(sys.pwrite64(init, fd, new Uint8Array(10), 1_000_000))
      world.must(sys.ftruncate(init, fd, 5000))
      world.must(sys.unlink(init, '/cycle/f'))
      world.close(fd)
    },
    'attributes of a file': () => {
      world.close(world.open('/cycle/f'))
      world.must(sys.setxattr(init, '/cycle/f', 'user.a', new Uint8Array(100), 0))
      world.must(sys.setxattr(init, '/cycle/f', 'user.a', new Uint8Array(10), 0))
      world.must(sys.setxattr(init, '/cycle/f', 'user.b', new Uint8Array(10), 0))
      world.must(sys.removexattr(init, '/cycle/f', 'user.b'))
      world.must(sys.unlink(init, '/cycle/f'))
    },
    'names of a file': () => {
      const name = `/cycle/${world.next()}`
      world.close(world.open(name))
      world.must(sys.link(init, name, '/cycle/a-name-that-is-much-longer-than-the-other-one'))
      world.must(sys.rename(init, name, '/cycle/g'))
      world.must(sys.unlink(init, '/cycle/a-name-that-is-much-longer-than-the-other-one'))
      world.must(sys.unlink(init, '/cycle/g'))
    },
    'a directory and a link': () => {
      world.must(sys.mkdir(init, '/cycle/d', 0o755))
      world.must(sys.symlink(init, 'x'.repeat(300), '/cycle/d/l'))
      sys.access(init, '/cycle/d/none', 0)
      world.must(sys.unlink(init, '/cycle/d/l'))
      world.must(sys.rmdir(init, '/cycle/d'))
    },
    'a memfd': () => {
      const fd = world.must(sys.memfd_create(init, 'some-name', 0))
      world.must(sys.write(init, fd, new Uint8Array(5000)))
      world.close(fd)
    },
    'a pipe': () => {
      const fds: number[] = []
      world.must(sys.pipe2(init, fds, 0))
      world.must(sys.write(init, fds[1]!, new Uint8Array(9000)))
      world.must(sys.read(init, fds[0]!, new Uint8Array(5000)))
      world.close(...fds)
    },
    'a FIFO': () => {
      world.must(sys.mknod(init, '/cycle/p', 0o010600, 0))
      const fd = world.open('/cycle/p', O_RDWR)
      world.must(sys.write(init, fd, new Uint8Array(100)))
      world.close(fd)
      world.must(sys.unlink(init, '/cycle/p'))
    },
    'watches and events': () => {
      const fd = world.must(sys.inotify_init1(init, 0))
      world.must(sys.inotify_add_watch(init, fd, '/cycle', IN_ALL))
      world.close(world.open('/cycle/watched'))
      world.must(sys.unlink(init, '/cycle/watched'))
      world.must(sys.read(init, fd, new Uint8Array(100)))
      world.close(fd)
    },
    'locks, leases and notes of a file': () => {
      const fd = world.open('/cycle/locked')
      for (const [l_type, l_start] of [[F_WRLCK, 0], [F_RDLCK, 2], [F_UNLCK, 1]] as const)
        world.must(sys.fcntl(init, fd, F_SETLK, { l_type, l_start, l_whence: SEEK_SET, l_len: 2, l_pid: 0 }))
      world.must(sys.flock(init, fd, LOCK_EX))
      world.must(sys.fcntl(init, fd, F_SETLEASE, F_WRLCK))
      world.must(sys.fcntl(init, fd, F_SETLEASE, F_UNLCK))
      world.close(fd)
      world.must(sys.unlink(init, '/cycle/locked'))
      const dir = world.open('/cycle', O_RDONLY | O_DIRECTORY)
      for (let i = 0; i < 3; i++) world.must(sys.fcntl(init, dir, F_NOTIFY, 4))
      world.close(dir)
    },
    'a mount': () => {
      world.must(sys.mkdir(init, '/cycle/m', 0o755))
      world.must(sys.mount(init, 'tmpfs', '/cycle/m', 'tmpfs', 0, null))
      world.must(sys.mkdir(init, '/cycle/m/below', 0o755))
      world.must(sys.mount(init, '/cycle', '/cycle/m/below', null, MS_BIND, null))
      world.must(sys.umount2(init, '/cycle/m/below', 0))
      world.must(sys.umount2(init, '/cycle/m', 0))
      world.must(sys.rmdir(init, '/cycle/m'))
    },
    'procfs of its own': () => {
      world.must(sys.mkdir(init, '/cycle/proc', 0o755))
      world.must(sys.mount(init, 'proc', '/cycle/proc', 'proc', 0, null))
      sys.access(init, '/cycle/proc/self/status', 0)
      world.must(sys.umount2(init, '/cycle/proc', 0))
      world.must(sys.rmdir(init, '/cycle/proc'))
    },
    'text of a file of procfs': () => {
      const fd = world.open('/proc/self/mountinfo', O_RDONLY)
      world.must(sys.read(init, fd, new Uint8Array(100)))
      world.close(fd)
    },
  }
}
