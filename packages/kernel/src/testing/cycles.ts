/** Things made and unmade, by name: after each there is as much as before, of memory and in the kernel's account. */
import {
  AT_FDCWD, CLONE_FILES, CLONE_FS, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
  CLONE_NEWUSER, CLONE_NEWUTS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, EPOLL_CTL_ADD, F_NOTIFY, F_RDLCK, F_SETLEASE,
  F_SETLK, F_UNLCK, F_WRLCK, IPC_CREAT, IPC_PRIVATE, IPC_RMID, LOCK_EX, MAP_ANONYMOUS, MAP_PRIVATE, MS_BIND, O_CREAT,
  O_DIRECTORY, O_RDONLY, O_RDWR, O_WRONLY, PROT_READ, SEEK_SET, SIGUSR1, SOCK_DGRAM, SOCK_STREAM, WNOHANG,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '../boot/kernel.ts'

const AF_UNIX = 1
const AF_INET = 2
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const KEY_SPEC_PROCESS_KEYRING = -2
const KEYCTL_UNLINK = 9
const IN_ALL = 0xfff

export const cycles = ({ sys, init, machine }: Kernel): Readonly<Record<string, () => void>> => {
  let made = 0
  const must = (rc: number): number => {
    if (rc < 0) throw new Error(`a cycle was refused: ${rc}`)
    return rc
  }
  const open = (path: string, flags = O_CREAT | O_RDWR): number => must(sys.openat(init, AT_FDCWD, path, flags, 0o600))
  const close = (...fds: readonly number[]): void => fds.forEach((fd) => must(sys.close(init, fd)))
  const child = (): Task => machine.tasks.find(must(sys.fork(init)))!
  const reap = (task: Task): void => {
    sys.exit_group(task, 0)
    sys.wait4(init, task.pid, null, WNOHANG, null)
  }
  const pair = (type: number): [number, number] => {
    const fds: number[] = []
    must(sys.socketpair(init, AF_UNIX, type, 0, fds))
    return fds as [number, number]
  }
  const address = (port: number): Uint8Array => {
    const raw = new Uint8Array(16)
    raw.set([AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1])
    return raw
  }
  sys.mkdir(init, '/cycle', 0o777)
  const unshared = (flags: number) => (): void => {
    const task = child()
    must(sys.unshare(task, flags))
    reap(task)
  }
  return {
    'a file with contents': () => {
      const fd = open('/cycle/f')
      must(sys.write(init, fd, new Uint8Array(100_000)))
      must(sys.pwrite64(init, fd, new Uint8Array(10), 1_000_000))
      must(sys.ftruncate(init, fd, 5000))
      must(sys.unlink(init, '/cycle/f'))
      close(fd)
    },
    'attributes of a file': () => {
      close(open('/cycle/f'))
      must(sys.setxattr(init, '/cycle/f', 'user.a', new Uint8Array(100), 0))
      must(sys.setxattr(init, '/cycle/f', 'user.a', new Uint8Array(10), 0))
      must(sys.setxattr(init, '/cycle/f', 'user.b', new Uint8Array(10), 0))
      must(sys.removexattr(init, '/cycle/f', 'user.b'))
      must(sys.unlink(init, '/cycle/f'))
    },
    'names of a file': () => {
      const name = `/cycle/${made++}`
      close(open(name))
      must(sys.link(init, name, '/cycle/a-name-that-is-much-longer-than-the-other-one'))
      must(sys.rename(init, name, '/cycle/g'))
      must(sys.unlink(init, '/cycle/a-name-that-is-much-longer-than-the-other-one'))
      must(sys.unlink(init, '/cycle/g'))
    },
    'a directory and a link': () => {
      must(sys.mkdir(init, '/cycle/d', 0o755))
      must(sys.symlink(init, 'x'.repeat(300), '/cycle/d/l'))
      sys.access(init, '/cycle/d/none', 0)
      must(sys.unlink(init, '/cycle/d/l'))
      must(sys.rmdir(init, '/cycle/d'))
    },
    'a memfd': () => {
      const fd = must(sys.memfd_create(init, 'some-name', 0))
      must(sys.write(init, fd, new Uint8Array(5000)))
      close(fd)
    },
    'a pipe': () => {
      const fds: number[] = []
      must(sys.pipe2(init, fds, 0))
      must(sys.write(init, fds[1]!, new Uint8Array(9000)))
      must(sys.read(init, fds[0]!, new Uint8Array(5000)))
      close(...fds)
    },
    'a FIFO': () => {
      must(sys.mknod(init, '/cycle/p', 0o010600, 0))
      const fd = open('/cycle/p', O_RDWR)
      must(sys.write(init, fd, new Uint8Array(100)))
      close(fd)
      must(sys.unlink(init, '/cycle/p'))
    },
    'local sockets': () => {
      const [a, b] = pair(SOCK_STREAM)
      must(sys.write(init, a, new Uint8Array(50_000)))
      must(sys.read(init, b, new Uint8Array(20_000)))
      close(a, b)
      const [c, d] = pair(SOCK_DGRAM)
      must(sys.write(init, c, new Uint8Array(500)))
      close(c, d)
    },
    'descriptors in flight': () => {
      const [a, b] = pair(SOCK_STREAM)
      const control = [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [a, b] }]
      const message = { msg_name: null, msg_iov: [new Uint8Array(1)], msg_control: control, msg_flags: 0 }
      must(sys.sendmsg(init, a, message, 0))
      close(a, b)
      // such a circle goes with the next socket that ends
      close(...pair(SOCK_STREAM))
    },
    'a connection': () => {
      const server = must(sys.socket(init, AF_INET, SOCK_STREAM, 0))
      must(sys.bind(init, server, address(4000), 16))
      must(sys.listen(init, server, 5))
      const client = must(sys.socket(init, AF_INET, SOCK_STREAM, 0))
      must(sys.connect(init, client, address(4000), 16))
      const end = must(sys.accept(init, server, null, null))
      for (let i = 0; i < 10; i++) must(sys.write(init, client, new Uint8Array(1000)))
      must(sys.read(init, end, new Uint8Array(3000)))
      close(client, end, server)
    },
    'datagrams': () => {
      const fd = must(sys.socket(init, AF_INET, SOCK_DGRAM, 0))
      must(sys.bind(init, fd, address(4001), 16))
      for (let i = 0; i < 3; i++) must(sys.sendto(init, fd, new Uint8Array(100), 100, 0, address(4001), 16))
      must(sys.read(init, fd, new Uint8Array(100)))
      close(fd)
    },
    'epoll, event and timer descriptors': () => {
      const ep = must(sys.epoll_create1(init, 0))
      const fds = [must(sys.eventfd2(init, 0, 0)), must(sys.timerfd_create(init, 1, 0))]
      for (const fd of fds) must(sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, fd, { events: 1, data: fd }))
      close(fds[0]!, ep, fds[1]!)
    },
    'watches and events': () => {
      const fd = must(sys.inotify_init1(init, 0))
      must(sys.inotify_add_watch(init, fd, '/cycle', IN_ALL))
      close(open('/cycle/watched'))
      must(sys.unlink(init, '/cycle/watched'))
      must(sys.read(init, fd, new Uint8Array(100)))
      close(fd)
    },
    'locks, leases and notes of a file': () => {
      const fd = open('/cycle/locked')
      for (const [type, start] of [[F_WRLCK, 0], [F_RDLCK, 2], [F_UNLCK, 1]] as const)
        must(sys.fcntl(init, fd, F_SETLK, { l_type: type, l_whence: SEEK_SET, l_start: start, l_len: 2, l_pid: 0 }))
      must(sys.flock(init, fd, LOCK_EX))
      must(sys.fcntl(init, fd, F_SETLEASE, F_WRLCK))
      must(sys.fcntl(init, fd, F_SETLEASE, F_UNLCK))
      close(fd)
      must(sys.unlink(init, '/cycle/locked'))
      const dir = open('/cycle', O_RDONLY | O_DIRECTORY)
      for (let i = 0; i < 3; i++) must(sys.fcntl(init, dir, F_NOTIFY, 4))
      close(dir)
    },
    'a process': () => {
      const task = child()
      must(sys.dup2(task, must(sys.openat(task, AT_FDCWD, '/', O_RDONLY, 0)), 900))
      must(sys.setgroups(task, 3, [1, 2, 3]))
      must(sys.setresuid(task, 5, 5, 5))
      must(sys.kill(init, task.pid, SIGUSR1))
      must(sys.timer_create(task, 1, null, ref(0)))
      sys.access(init, `/proc/${task.pid}/status`, 0)
      reap(task)
    },
    'threads': () => {
      const task = child()
      const flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES | CLONE_FS
      const thread = machine.tasks.find(must(sys.clone(task, flags, 0, null, null, 0)))!
      must(sys.unshare(thread, CLONE_FILES | CLONE_FS))
      sys.exit(task, 0)
      sys.exit(thread, 0)
      sys.wait4(init, task.pid, null, WNOHANG, null)
    },
    'mappings': () => {
      const at = must(sys.mmap(init, 0, 10 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
      must(sys.munmap(init, at + 4096, 4096))
      must(sys.mprotect(init, at + 3 * 4096, 4096, 0))
      must(sys.munmap(init, at, 10 * 4096))
    },
    'a mount': () => {
      must(sys.mkdir(init, '/cycle/m', 0o755))
      must(sys.mount(init, 'tmpfs', '/cycle/m', 'tmpfs', 0, null))
      must(sys.mkdir(init, '/cycle/m/below', 0o755))
      must(sys.mount(init, '/cycle', '/cycle/m/below', null, MS_BIND, null))
      must(sys.umount2(init, '/cycle/m/below', 0))
      must(sys.umount2(init, '/cycle/m', 0))
      must(sys.rmdir(init, '/cycle/m'))
    },
    'procfs of its own': () => {
      must(sys.mkdir(init, '/cycle/proc', 0o755))
      must(sys.mount(init, 'proc', '/cycle/proc', 'proc', 0, null))
      sys.access(init, '/cycle/proc/self/status', 0)
      must(sys.umount2(init, '/cycle/proc', 0))
      must(sys.rmdir(init, '/cycle/proc'))
    },
    'keys': () => {
      const ring = must(sys.add_key(init, 'keyring', 'ring', null, 0, KEY_SPEC_PROCESS_KEYRING))
      must(sys.add_key(init, 'user', 'key', new Uint8Array(100), 100, ring))
      must(sys.add_key(init, 'user', 'key', new Uint8Array(10), 10, ring))
      must(sys.keyctl(init, KEYCTL_UNLINK, ring, KEY_SPEC_PROCESS_KEYRING, null, null))
    },
    'System V messages': () => {
      const queue = must(sys.msgget(init, IPC_PRIVATE, IPC_CREAT | 0o600))
      for (let i = 0; i < 3; i++) must(sys.msgsnd(init, queue, { mtype: 1, mtext: new Uint8Array(50) }, 50, 0))
      must(sys.msgrcv(init, queue, { mtype: 0, mtext: new Uint8Array() }, 50, 0, 0))
      must(sys.msgctl(init, queue, IPC_RMID, null))
    },
    'System V semaphores': () => {
      const set = must(sys.semget(init, IPC_PRIVATE, 10, IPC_CREAT | 0o600))
      const task = child()
      must(sys.semop(task, set, [{ sem_num: 1, sem_op: 1, sem_flg: 0x1000 }], 1))
      reap(task)
      must(sys.semctl(init, set, 0, IPC_RMID, null))
    },
    'System V memory': () => {
      const segment = must(sys.shmget(init, IPC_PRIVATE, 10_000, IPC_CREAT | 0o600))
      const at = must(sys.shmat(init, segment, 0, 0))
      must(sys.shmdt(init, at))
      must(sys.shmctl(init, segment, IPC_RMID, null))
    },
    'POSIX messages': () => {
      const fd = must(sys.mq_open(init, 'queue', O_CREAT | O_RDWR, 0o600, null))
      for (let i = 0; i < 3; i++) must(sys.mq_timedsend(init, fd, new Uint8Array(50), 50, i, null))
      must(sys.mq_timedreceive(init, fd, new Uint8Array(8192), 8192, null, null))
      must(sys.mq_unlink(init, 'queue'))
      close(fd)
    },
    'a control group': () => {
      must(sys.mkdir(init, '/sys/fs/cgroup/cycle', 0o755))
      const fd = open('/sys/fs/cgroup/cycle/cgroup.procs', O_WRONLY)
      const task = child()
      must(sys.write(init, fd, new TextEncoder().encode(String(task.pid))))
      must(sys.setxattr(init, '/sys/fs/cgroup/cycle', 'user.a', new Uint8Array(10), 0))
      close(fd)
      reap(task)
      must(sys.rmdir(init, '/sys/fs/cgroup/cycle'))
    },
    'mount and ipc namespaces': unshared(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP),
    'a network namespace': unshared(CLONE_NEWNET),
    'a pid namespace': unshared(CLONE_NEWPID),
    'user namespaces': () => {
      const task = child()
      must(sys.unshare(task, CLONE_NEWUSER))
      for (const map of ['uid_map', 'gid_map']) {
        const map_fd = open(`/proc/${task.pid}/${map}`, O_WRONLY)
        must(sys.write(init, map_fd, new TextEncoder().encode('0 0 5\n5 5 5\n')))
        close(map_fd)
      }
      must(sys.unshare(task, CLONE_NEWUSER))
      const path = `/proc/${task.pid}/ns/user`
      const fd = open(path, O_RDONLY)
      must(sys.unshare(task, CLONE_NEWNS | CLONE_NEWUTS))
      reap(task)
      close(fd)
    },
    'text of a file of procfs': () => {
      const fd = open('/proc/self/mountinfo', O_RDONLY)
      must(sys.read(init, fd, new Uint8Array(100)))
      close(fd)
    },
  }
}
