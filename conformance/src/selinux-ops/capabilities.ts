/** Operations of selinux-ops.tsv: what needs a capability. */
import {
  BPF_K, BPF_RET, F_SETPIPE_SZ, LINUX_REBOOT_CMD_CAD_OFF, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, MAP_ANONYMOUS,
  MAP_PRIVATE, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, PR_SET_SECUREBITS, PRIO_PROCESS, PROT_READ, PROT_WRITE,
  RLIMIT_MEMLOCK, SECCOMP_RET_ALLOW, SECCOMP_SET_MODE_FILTER, SIGTERM, SYSLOG_ACTION_CONSOLE_LEVEL,
  TIOCSTI,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel'
import { tree } from './files.ts'
import { encode } from './world.ts'
import type { Calls, Operation, Outcome } from './world.ts'

const SECBIT_KEEP_CAPS = 1 << 4

const plain = (run: (sys: Calls) => number): Operation => () => run
const call = (run: (sys: Calls) => number): Operation => (world) => {
  tree(world)
  return run
}

/** The other process, as uid 1000. */
const onUser = (run: (sys: Calls, pid: number) => number): Operation => (world) => {
  const { pid } = world.other()
  world.must(world.calls(world.taskOf(pid)).setresuid(1000, 1000, 1000), 'setresuid')
  return (sys) => run(sys, pid)
}

const openWrite = (path: string, flags: number, run: (sys: Calls, fd: number) => number): Operation => plain((sys) => {
  const fd = sys.open(path, flags, 0)
  return fd < 0 ? fd : Math.min(run(sys, fd), 0)
})

export const capabilityOperations: Readonly<Record<string, Operation>> = {
  cap_chroot: plain((sys) => sys.chroot('/')),
  cap_sethostname: plain((sys) => sys.sethostname('h', 1)),
  cap_setuid: plain((sys) => sys.setuid(1000)),
  cap_setuid_same: plain((sys) => sys.setuid(0)),
  cap_setgroups: plain((sys) => sys.setgroups(0, [])),
  cap_dac_dir_write: (world) => {
    world.dir('d', 'td_t', 0o555)
    world.must(world.root.chown('d', 1000, 1000), 'chown')
    return (sys) => Math.min(sys.open('d/n', O_CREAT | O_EXCL | O_RDWR, 0o666), 0)
  },
  cap_fowner_sticky: (world) => {
    tree(world)
    world.must(world.root.chmod('d', 0o1777), 'chmod')
    world.must(world.root.chown('d/f', 1001, 1001), 'chown')
    world.must(world.root.chown('d', 1000, 1000), 'chown')
    return (sys) => sys.unlink('d/f')
  },
  cap_fsetid_chmod: (world) => {
    tree(world)
    world.must(world.root.chown('f', 0, 1000), 'chown')
    return (sys) => sys.chmod('f', 0o2777)
  },
  cap_fsetid_write: (world) => {
    world.file('f', 'o_t', 'text', 0o4777)
    return (sys): number | Outcome => {
      const fd = sys.open('f', O_WRONLY, 0)
      if (fd < 0) return fd
      const rc = sys.write(fd, encode('x'))
      const stat = new Kstat()
      if (rc < 0) return rc
      const seen = sys.stat('/w/f', stat)
      return { rc: 0, result: `mode=${seen < 0 ? 0 : (stat.mode & 0o7777).toString(8)}` }
    }
  },
  cap_chown: call((sys) => sys.chown('f', 1000, -1)),
  cap_kill_term: onUser((sys, pid) => sys.kill(pid, SIGTERM)),
  cap_nice_otheruid: onUser((sys, pid) => sys.setpriority(PRIO_PROCESS, pid, 5)),
  cap_mlock: plain((sys) => {
    sys.setrlimit(RLIMIT_MEMLOCK, { rlim_cur: 0, rlim_max: 0 })
    const at = sys.mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    return at < 0 ? at : sys.mlock(at, 4096)
  }),
  cap_boot_cad: plain((sys) => sys.reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, null)),
  cap_swapon: call((sys) => sys.swapon('f', 0)),
  cap_ioctl_tiocsti: openWrite('/dev/ptmx', O_RDWR, (sys, fd) => sys.ioctl(fd, TIOCSTI, ref(0x78))),
  cap_vhangup: plain((sys) => sys.vhangup()),
  cap_syslog_console: plain((sys) => sys.syslog(SYSLOG_ACTION_CONSOLE_LEVEL, null, 4)),
  cap_seccomp: plain((sys) => {
    const filter = [{ code: BPF_RET | BPF_K, jt: 0, jf: 0, k: SECCOMP_RET_ALLOW }]
    return sys.seccomp(SECCOMP_SET_MODE_FILTER, 0, { len: 1, filter })
  }),
  cap_securebits: plain((sys) => sys.prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS, 0, 0, 0)),
  cap_sysctl_write: openWrite('/proc/sys/kernel/printk_ratelimit', O_WRONLY, (sys, fd) => sys.write(fd, encode('5\n'))),
  cap_sysctl_read: openWrite('/proc/sys/kernel/printk_ratelimit', O_RDONLY, (sys, fd) =>
    sys.read(fd, new Uint8Array(16))),
  cap_sysctl_mmap_min: openWrite('/proc/sys/vm/mmap_min_addr', O_WRONLY, (sys, fd) => sys.write(fd, encode('65536\n'))),
  cap_pipe_size: plain((sys) => {
    const fds: number[] = []
    const rc = sys.pipe(fds)
    return rc < 0 ? rc : Math.min(sys.fcntl(fds[0]!, F_SETPIPE_SZ, 4 << 20), 0)
  }),
  pipe_rw: plain((sys) => {
    const fds: number[] = []
    const rc = sys.pipe(fds)
    if (rc < 0) return rc
    const written = sys.write(fds[1]!, encode('x'))
    return written < 0 ? written : Math.min(sys.read(fds[0]!, new Uint8Array(1)), 0)
  }),
  eventfd_rw: plain((sys) => {
    const fd = sys.eventfd2(0, 0)
    if (fd < 0) return fd
    const eight = new Uint8Array(8)
    eight[0] = 1
    const written = sys.write(fd, eight)
    return written < 0 ? written : Math.min(sys.read(fd, new Uint8Array(8)), 0)
  }),
  timerfd: plain((sys) => Math.min(sys.timerfd_create(1, 0), 0)),
  signalfd: plain((sys) => Math.min(sys.signalfd4(-1, 1n, 8, 0), 0)),
}
