/**
 * What a guest can take without end, one piece a call: each is made by the guest in namespaces of its own, so that
 * nothing is left when it has ended and `clean` has run.
 */
import {
  AT_FDCWD, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, EPOLL_CTL_ADD, F_SETLK, F_WRLCK, FAN_ACCESS,
  FAN_CLASS_NOTIF, FAN_MARK_ADD, FAN_UNLIMITED_MARKS, FAN_UNLIMITED_QUEUE, IPC_CREAT, IPC_PRIVATE, MAP_ANONYMOUS,
  MAP_FIXED, MAP_PRIVATE, MFD_ALLOW_SEALING, MS_BIND, O_CREAT, O_DIRECTORY, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY,
  PROT_READ, PROT_WRITE, SEEK_SET, SIGRTMIN, SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '../boot/kernel.ts'
import { threadOf } from '../state/task/thread.ts'

const AF_UNIX = 1
const AF_INET = 2
const AF_NETLINK = 16
const NETLINK_ROUTE = 0
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const KEY_SPEC_PROCESS_KEYRING = -2
const RLIMITS = 16

export interface Taker {
  /** Takes one piece more: not negative, or the errno that ends it. */
  readonly take: () => number
  /** Takes away what would outlive the guest. */
  readonly clean?: () => void
}

/** The guest: root, without limits, in a mount, ipc and network namespace of its own, /tmp a tmpfs without limits. */
export const guestOf = ({ sys, init, machine }: Kernel): Task => {
  const guest = machine.tasks.find(sys.fork(init))!
  for (let limit = 0; limit < RLIMITS; limit++) {
    const most = limit === 7 ? 1 << 20 : Infinity
    sys.prlimit64(init, guest.pid, limit, { rlim_cur: most, rlim_max: most }, null)
  }
  sys.unshare(guest, CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET)
  sys.mount(guest, 'none', '/', null, 0x44000, null)
  sys.mount(guest, 'tmpfs', '/tmp', 'tmpfs', 0, 'size=0,nr_inodes=0')
  return guest
}

/** Runs `take` in a child of the guest, in another one after so many times. */
const eachChild = ({ sys, machine }: Kernel, guest: Task, times: number) => {
  let child = guest
  let n = 0
  return (take: (child: Task, n: number) => number): number => {
    // it may have been ended meanwhile
    if (n++ % times === 0 || child.mm === null) {
      const pid = sys.fork(guest)
      if (pid < 0) return pid
      child = machine.tasks.find(pid)!
    }
    return take(child, n % times)
  }
}

type MakeTaker = (kernel: Kernel, guest: Task) => Taker

const bytes = (n: number): Uint8Array => new Uint8Array(n)

export const takers: Readonly<Record<string, MakeTaker>> = {
  'pages of a file': ({ sys }, guest) => {
    const fd = sys.openat(guest, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o600)
    return { take: () => sys.write(guest, fd, bytes(8192)) }
  },
  'far pages of a file': ({ sys }, guest) => {
    const fd = sys.openat(guest, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o600)
    let at = 65_535
    return { take: () => sys.pwrite64(guest, fd, bytes(1), (at += 65_536)) }
  },
  'pages of a memfd': ({ sys }, guest) => {
    const fd = sys.memfd_create(guest, 'm', MFD_ALLOW_SEALING)
    return { take: () => sys.write(guest, fd, bytes(100_000)) }
  },
  'pages of ramfs': ({ sys }, guest) => {
    sys.mkdir(guest, '/tmp/r', 0o755)
    sys.mount(guest, 'r', '/tmp/r', 'ramfs', 0, null)
    const fd = sys.openat(guest, AT_FDCWD, '/tmp/r/f', O_CREAT | O_RDWR, 0o600)
    return { take: () => sys.write(guest, fd, bytes(8192)) }
  },
  'memfds': ({ sys }, guest) => ({ take: () => sys.memfd_create(guest, 'x'.repeat(200), 0) }),
  'files': ({ sys }, guest) => {
    let n = 0
    return { take: () => sys.mknod(guest, `/tmp/${n++}`, 0o100600, 0) }
  },
  'long names of a file': ({ sys }, guest) => {
    let n = 0
    sys.mknod(guest, '/tmp/f', 0o100600, 0)
    return { take: () => sys.link(guest, '/tmp/f', `/tmp/${String(n++).padStart(250, '\u00e4').slice(-120)}`) }
  },
  'a chain of directories': ({ sys }, guest) => {
    sys.chdir(guest, '/tmp')
    return { take: () => sys.mkdir(guest, 'd', 0o755) || sys.chdir(guest, 'd') }
  },
  'symbolic links': ({ sys }, guest) => {
    let n = 0
    return { take: () => sys.symlink(guest, 'x'.repeat(4000), `/tmp/${n++}`) }
  },
  'attributes': ({ sys }, guest) => {
    let n = 0
    sys.mknod(guest, '/tmp/f', 0o100600, 0)
    return { take: () => sys.setxattr(guest, '/tmp/f', `user.${n++}`, bytes(1000), 0) }
  },
  'small attributes': ({ sys }, guest) => {
    let n = 0
    sys.mknod(guest, '/tmp/f', 0o100600, 0)
    return { take: () => sys.setxattr(guest, '/tmp/f', `user.${n++}`, bytes(0), 0) }
  },
  'open files': ({ sys }, guest) => ({ take: () => sys.openat(guest, AT_FDCWD, '/tmp', O_RDONLY | O_DIRECTORY, 0) }),
  'descriptor tables': ({ sys, machine }, guest) => ({
    take: () => {
      const pid = sys.fork(guest)
      if (pid < 0) return pid
      const child = machine.tasks.find(pid)!
      return sys.dup2(child, sys.openat(child, AT_FDCWD, '/', O_RDONLY, 0), 10_000)
    },
  }),
  'pipes': ({ sys }, guest) => ({ take: () => sys.pipe2(guest, [], 0) }),
  'pages of pipes': ({ sys }, guest) => ({
    take: () => {
      const fds: number[] = []
      return sys.pipe2(guest, fds, O_NONBLOCK) || sys.write(guest, fds[1]!, bytes(65_536))
    },
  }),
  'local sockets': ({ sys }, guest) => ({ take: () => sys.socketpair(guest, AF_UNIX, SOCK_STREAM, 0, []) }),
  'messages between local sockets': ({ sys }, guest) => ({
    take: () => {
      const fds: number[] = []
      const rc = sys.socketpair(guest, AF_UNIX, SOCK_STREAM | O_NONBLOCK, 0, fds)
      return rc || sys.write(guest, fds[0]!, bytes(100_000))
    },
  }),
  'descriptors in flight': ({ sys }, guest) => {
    const file = sys.openat(guest, AT_FDCWD, '/', O_RDONLY, 0)
    const take = (): number => {
      const fds: number[] = []
      const rc = sys.socketpair(guest, AF_UNIX, SOCK_STREAM | O_NONBLOCK, 0, fds)
      if (rc !== 0) return rc
      const control = [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: Array<number>(200).fill(file) }]
      const message = { msg_name: null, msg_iov: [bytes(1)], msg_control: control, msg_flags: 0 }
      return sys.sendmsg(guest, fds[0]!, message, 0)
    }
    return { take }
  },
  'internet sockets': ({ sys }, guest) => ({ take: () => sys.socket(guest, AF_INET, SOCK_STREAM, 0) }),
  'datagrams to oneself': ({ sys }, guest) => {
    const index = sys.socket(guest, AF_INET, SOCK_DGRAM, 0)
    sys.ioctl(guest, index, 0x8914, { ifr_name: 'lo', ifr_flags: 1 })
    let port = 1000
    return {
      take: () => {
        const fd = sys.socket(guest, AF_INET, SOCK_DGRAM, 0)
        if (fd < 0) return fd
        const raw = new Uint8Array(16)
        raw.set([AF_INET, 0, ++port >> 8, port & 0xff, 127, 0, 0, 1])
        sys.bind(guest, fd, raw, 16)
        for (let i = 0; i < 100; i++) sys.sendto(guest, fd, bytes(1000), 1000, 0, raw, 16)
        return 1
      },
    }
  },
  'options of a socket': ({ sys }, guest) => {
    const fd = sys.socket(guest, AF_INET, SOCK_STREAM, 0)
    let n = 1000
    return { take: () => sys.setsockopt(guest, fd, 6, n++, 1, 4) }
  },
  'netlink sockets': ({ sys }, guest) => ({ take: () => sys.socket(guest, AF_NETLINK, 3, NETLINK_ROUTE) }),
  'processes': ({ sys }, guest) => ({ take: () => sys.fork(guest) }),
  'threads': ({ sys }, guest) => ({ take: () => sys.clone(guest, 0x10d00, 0, null, null, 0) }),
  'lists of groups': ({ sys, machine }, guest) => {
    const list = Array.from({ length: 65_536 }, (_, i) => i)
    return {
      take: () => {
        const pid = sys.fork(guest)
        return pid < 0 ? pid : sys.setgroups(machine.tasks.find(pid)!, list.length, list)
      },
    }
  },
  'names of processes in procfs': ({ sys }, guest) => ({
    take: () => {
      const pid = sys.fork(guest)
      if (pid < 0) return pid
      const fd = sys.openat(guest, AT_FDCWD, `/proc/${pid}`, O_RDONLY | O_DIRECTORY, 0)
      if (fd < 0) return fd
      sys.getdents64(guest, fd, bytes(8192))
      return sys.close(guest, fd)
    },
  }),
  'open files of procfs': ({ sys }, guest) => ({
    take: () => {
      const fd = sys.openat(guest, AT_FDCWD, '/proc/self/mountinfo', O_RDONLY, 0)
      return fd < 0 ? fd : sys.read(guest, fd, bytes(10))
    },
  }),
  'mappings': (kernel, guest) => {
    const next = eachChild(kernel, guest, 2000)
    return {
      take: () => next((child, n) => {
        const at = 0x10_0000 + 8192 * n
        const rc = kernel.sys.mmap(child, at, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
        return Math.min(rc, 1)
      }),
    }
  },
  'holes in a mapping': (kernel, guest) => {
    const { sys } = kernel
    const length = 2 ** 30
    const start = sys.mmap(guest, 0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    const next = eachChild(kernel, guest, 2000)
    return { take: () => next((child, n) => sys.mprotect(child, start + 8192 * n, 4096, PROT_READ)) }
  },
  'timers': (kernel, guest) => {
    const next = eachChild(kernel, guest, 1000)
    return { take: () => next((child) => kernel.sys.timer_create(child, 1, null, ref(0))) }
  },
  'signals': ({ sys, machine }, guest) => {
    const child = machine.tasks.find(sys.fork(guest))!
    threadOf(child).blocked = ~0n
    const info = { si_signo: SIGRTMIN, si_errno: 0, si_code: -1, si_pid: guest.pid, si_uid: 0 }
    return { take: () => sys.rt_sigqueueinfo(guest, child.pid, SIGRTMIN, info) }
  },
  'epoll items': ({ sys }, guest) => {
    const ep = sys.epoll_create1(guest, 0)
    return {
      take: () => {
        const fd = sys.eventfd2(guest, 0, 0)
        return fd < 0 ? fd : sys.epoll_ctl(guest, ep, EPOLL_CTL_ADD, fd, { events: 1, data: fd })
      },
    }
  },
  'events of inotify': ({ sys }, guest) => {
    let fd = 0
    let n = 0
    return {
      take: () => {
        if (n++ % 10_000 === 0) {
          fd = sys.inotify_init1(guest, 0)
          if (fd < 0) return fd
          const rc = sys.inotify_add_watch(guest, fd, '/tmp', 0xfff)
          if (rc < 0) return rc
        }
        return sys.mknod(guest, `/tmp/${'x'.repeat(200)}${n}`, 0o100600, 0)
      },
    }
  },
  'events of fanotify': ({ sys }, guest) => {
    const fd = sys.fanotify_init(guest, FAN_CLASS_NOTIF | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS, O_RDONLY)
    let n = 0
    return {
      take: () => {
        const name = `/tmp/${n++}`
        const rc = sys.mknod(guest, name, 0o100600, 0)
        return rc || sys.fanotify_mark(guest, fd, FAN_MARK_ADD, FAN_ACCESS, AT_FDCWD, name)
      },
    }
  },
  'locks': ({ sys }, guest) => {
    let fd = -1
    let n = 0
    return {
      take: () => {
        if (n % 500 === 0) fd = sys.openat(guest, AT_FDCWD, `/tmp/${n}`, O_CREAT | O_RDWR, 0o600)
        if (fd < 0) return fd
        const start = 2 * n++
        const lock = { l_type: F_WRLCK, l_whence: SEEK_SET, l_start: start, l_len: 1, l_pid: 0 }
        return sys.fcntl(guest, fd, F_SETLK, lock)
      },
    }
  },
  'mounts': ({ sys }, guest) => {
    sys.mkdir(guest, '/tmp/m', 0o755)
    return { take: () => sys.mount(guest, '/tmp/m', '/tmp/m', null, MS_BIND, null) }
  },
  'file systems': ({ sys }, guest) => {
    sys.mkdir(guest, '/tmp/m', 0o755)
    return { take: () => sys.mount(guest, 'x'.repeat(200), '/tmp/m', 'tmpfs', 0, null) }
  },
  'mount namespaces': ({ sys, machine }, guest) => ({
    take: () => {
      const pid = sys.fork(guest)
      return pid < 0 ? pid : sys.unshare(machine.tasks.find(pid)!, CLONE_NEWNS)
    },
  }),
  'network namespaces': ({ sys, machine }, guest) => ({
    take: () => {
      const pid = sys.fork(guest)
      return pid < 0 ? pid : sys.unshare(machine.tasks.find(pid)!, CLONE_NEWNET)
    },
  }),
  'user namespaces with long maps': ({ sys, machine }, guest) => {
    const map = new TextEncoder().encode(Array.from({ length: 300 }, (_, i) => `${i} ${i} 1\n`).join(''))
    return {
      take: () => {
        const pid = sys.fork(guest)
        if (pid < 0) return pid
        const rc = sys.unshare(machine.tasks.find(pid)!, CLONE_NEWUSER)
        if (rc < 0) return rc
        const fd = sys.openat(guest, AT_FDCWD, `/proc/${pid}/uid_map`, O_WRONLY, 0)
        if (fd < 0) return fd
        const written = sys.write(guest, fd, map)
        sys.close(guest, fd)
        return written
      },
    }
  },
  'keys': ({ sys, machine }, guest) => {
    machine.sysctl.keys_root_maxkeys = machine.sysctl.keys_root_maxbytes = 2 ** 30
    let n = 0
    return { take: () => sys.add_key(guest, 'user', `k${n++}`, bytes(100), 100, KEY_SPEC_PROCESS_KEYRING) }
  },
  'System V messages': ({ sys }, guest) => {
    let queue = -1
    return {
      take: () => {
        let rc = queue < 0 ? -11 : sys.msgsnd(guest, queue, { mtype: 1, mtext: bytes(100) }, 100, 0o4000)
        if (rc !== -11) return rc
        rc = queue = sys.msgget(guest, IPC_PRIVATE, IPC_CREAT | 0o600)
        return rc
      },
    }
  },
  'System V semaphores': ({ sys }, guest) => ({
    take: () => sys.semget(guest, IPC_PRIVATE, 1000, IPC_CREAT | 0o600),
  }),
  'System V memory': ({ sys }, guest) => ({ take: () => sys.shmget(guest, IPC_PRIVATE, 4096, IPC_CREAT | 0o600) }),
  'POSIX messages': ({ sys }, guest) => {
    let fd = -1
    let n = 0
    return {
      take: () => {
        let rc = fd < 0 ? -512 : sys.mq_timedsend(guest, fd, bytes(8000), 8000, 1, null)
        if (rc !== -512) return rc
        rc = fd = sys.mq_open(guest, `q${n++}`, O_CREAT | O_RDWR, 0o600, null)
        return rc
      },
    }
  },
  'control groups': ({ sys, init }, guest) => {
    let n = 0
    return {
      take: () => sys.mkdir(guest, `/sys/fs/cgroup/h${n++}`, 0o755),
      clean: () => {
        while (n > 0) sys.rmdir(init, `/sys/fs/cgroup/h${--n}`)
      },
    }
  },
}
