/** Operations of hook-trace.tsv: files of procfs. */
import { AT_FDCWD, LSM_ATTR_CURRENT, O_RDONLY, O_RDWR, O_WRONLY, PR_SET_DUMPABLE } from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel'
import type { Operation, World } from './world.ts'

const read = ({ sys }: World, fd: number, size = 200) => sys.read(fd, new Uint8Array(size))

/** Opens `name` of a kid of uid `of`, as uid `by`. */
const openOf = (name: string, of: number, by: number, flags = O_RDONLY): Operation => (world) => {
  const path = `/proc/${world.kid(of)}/${name}`
  if (by !== 0) {
    world.user()
    if (of === by) world.sys.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
  }
  return () => world.sys.openat(AT_FDCWD, path, flags, 0)
}

/** Opens `name` of the task itself, by its number. */
const openOwn =
  (name: string): Operation =>
  ({ sys, task }) =>
  () =>
    sys.openat(AT_FDCWD, `/proc/${task.pid}/${name}`, O_RDONLY, 0)

const attrRead = (name: string): Operation => (world) => () =>
  read(world, world.sys.openat(AT_FDCWD, `/proc/self/attr/${name}`, O_RDONLY, 0))

const attrWrite = (name: string): Operation => ({ sys }) => {
  const fd = sys.openat(AT_FDCWD, `/proc/self/attr/${name}`, O_WRONLY, 0)
  return () => sys.write(fd, new TextEncoder().encode('foo\0'))
}

export const procOperations: Readonly<Record<string, Operation>> = {
  stat_proc: ({ sys }) => () => sys.stat('/proc/self/status', new Kstat()),
  sysctl_write_user: (world) => {
    world.user()
    return () => world.sys.openat(AT_FDCWD, '/proc/sys/kernel/hostname', O_WRONLY, 0)
  },
  read_mounts: (world) => {
    const f = world.sys.openat(AT_FDCWD, '/proc/self/mountinfo', O_RDONLY, 0)
    return () => read(world, f, 16384)
  },
  proc_maps_self: openOwn('maps'),
  proc_maps_dac: openOf('maps', 0, 1000),
  proc_environ_same: openOf('environ', 1000, 1000),
  proc_environ_dac: openOf('environ', 0, 1000),
  proc_mem_root: openOf('mem', 1000, 0, O_RDWR),
  proc_mem_same: openOf('mem', 1000, 1000, O_RDWR),
  proc_status_same: openOf('status', 1000, 1000),
  proc_fd_self: openOwn('fd'),
  proc_fd_same: openOf('fd', 1000, 1000),
  proc_readlink_exe: (world) => {
    const path = `/proc/${world.kid(1000)}/exe`
    return () => world.sys.readlink(path, new Uint8Array(200))
  },
  proc_open_fd_dac: (world) => {
    const path = `/proc/${world.kid(0, world.openf)}/fd/40`
    world.user()
    return () => world.sys.openat(AT_FDCWD, path, O_RDONLY, 0)
  },
  proc_self_fd_reopen: (world) => {
    const path = `/proc/self/fd/${world.openFile(O_RDONLY)}`
    return () => world.sys.openat(AT_FDCWD, path, O_WRONLY, 0)
  },
  proc_fd_list: (world) => {
    const f = world.sys.openat(AT_FDCWD, '/proc/self/fd', O_RDONLY, 0)
    return () => world.sys.getdents64(f, new Uint8Array(4096))
  },
  proc_oom: (world) => {
    world.user()
    world.sys.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    const f = world.sys.openat(AT_FDCWD, '/proc/self/oom_score_adj', O_WRONLY, 0)
    return () => world.sys.write(f, new TextEncoder().encode('-100'))
  },
  attr_read_current: attrRead('current'),
  attr_write_current: attrWrite('current'),
  attr_read_exec: attrRead('exec'),
  attr_write_exec: attrWrite('exec'),
  attr_read_keycreate: attrRead('keycreate'),
  attr_read_sockcreate: attrRead('sockcreate'),
  attr_read_prev: attrRead('prev'),
  attr_write_prev: attrWrite('prev'),
  attr_read_smack_current: attrRead('smack/current'),
  attr_write_smack_current: attrWrite('smack/current'),
  attr_read_apparmor_current: attrRead('apparmor/current'),
  attr_write_apparmor_current: attrWrite('apparmor/current'),
  attr_read_other: (world) => {
    const fd = world.sys.openat(AT_FDCWD, `/proc/${world.kid()}/attr/current`, O_RDONLY, 0)
    world.user()
    return () => read(world, fd, 100)
  },
  lsm_get: ({ sys }) => () => sys.lsm_get_self_attr(LSM_ATTR_CURRENT, new Uint8Array(4096), { value: 4096 }, 0),
  kallsyms_: (world) => {
    world.user()
    return () => world.sys.openat(AT_FDCWD, '/proc/kallsyms', O_RDONLY, 0)
  },
}
