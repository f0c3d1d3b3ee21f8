/** The services for the LSMs of a stack (core's Host), answered by this machine. */
import { AT_FDCWD, XATTR_REPLACE } from '@lsmkit/abi'
import type { Host } from '@lsmkit/core'
import { flushInherited, nullDevice, replaceFds } from '../exec/inheritance.ts'
import { kernelReads } from '../exec/kernel-read.ts'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import { kernelServices } from './services.ts'
import { initRlimits } from '../state/task/rlimits.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { inodeState } from '../state/vfs/state.ts'
import { __vfs_getxattr, __vfs_setxattr } from '../vfs/xattr.ts'

/** Services of the interface that this machine lacks: sockets have no printed ends, and memory is never short. */
type Lacking = 'sock_name' | '__vm_enough_memory'

/** A task that ends in its call does the work no more. Without a call under way there is no end to wait for: false. */
const putOff = (machine: Machine, work: () => void): boolean => {
  if (machine.depth === 0) return false
  const { task } = machine.current
  machine.callRcu(() => {
    if (task.exit_state === 0) machine.as(task, work)
  })
  return true
}

export const lsmHost = (machine: Machine): Required<Omit<Host, Lacking>> => ({
  __vfs_getxattr,
  __vfs_setxattr: (_idmap, dentry, name, value, flags) => __vfs_setxattr(dentry, name, value, flags),
  __vfs_removexattr: (_idmap, dentry, name) => __vfs_setxattr(dentry, name, null, XATTR_REPLACE),
  mnt_may_suid: (mnt) => machine.vfs.mnt_may_suid(mnt),
  prepare_creds: () => machine.creds.prepare_creds(),
  commit_creds: (next) => machine.creds.commit_creds(next),
  abort_creds: (next) => machine.creds.abort_creds(next),
  get dac_mmap_min_addr() {
    return machine.sysctl.mmap_min_addr
  },
  file_caps_enabled: true,
  find_task_by_vpid: (nr) => machine.tasks.findByVpid(nr),
  get_cmdline: ({ mm }) => (mm === null ? '' : spaceOf(mm).argv.map((text) => `${text}\0`).join('')),
  d_path: (path) => machine.vfs.d_path(path),
  kern_path: (name) => machine.vfs.user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW),
  get_fs_type: (name) => machine.get_fs_type(name)?.fs_flags ?? null,
  d_find_alias: (inode) => inodeState(inode).alias,
  SOCKET_I: (inode) => machine.net.SOCKET_I(inode),
  netlbl_sock_setattr: (sk, option) => machine.net.labels.netlbl_sock_setattr(sk, option),
  netlbl_req_setattr: (req, option) => machine.net.labels.netlbl_req_setattr(req, option),
  netlbl_skbuff_err: (skb, family, error) => machine.net.labels.netlbl_skbuff_err(skb, family, error),
  null_device: nullDevice(machine),
  pseudo_path: (place) => machine.pseudoPath(place),
  dentry_open: (path, flags, cred) => machine.vfs.dentry_open(path, flags, cred),
  replace_fds: (fds, file) => replaceFds(machine, fds, file),
  now: () => machine.realtime(),
  init_rlimits: initRlimits,
  flush_inherited_signals: (task) => flushInherited(machine, task),
  task_work_add: (work) => putOff(machine, work),
  kernel_read_file(fd, max, id) {
    const file = fget(machine.current.task, fd)
    return file === null ? null : kernelReads(machine.lsm, machine).kernel_read_file(file, id, max)
  },
  dm_verity_root_digest: (bdev) => machine.blockDevices.verityRoot(bdev),
  charge: (bytes) => (bytes > 0 ? machine.memory.charge(bytes) : (machine.memory.uncharge(-bytes), true)),
  services: kernelServices(machine),
})
