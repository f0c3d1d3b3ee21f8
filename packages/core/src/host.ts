/**
 * The services that an LSM asks of its kernel: the functions that the kernel's own modules link against. The kernel
 * fills `stack.host` when it boots; until then `noHost` answers, which knows no file system and no credentials.
 */
import { EOPNOTSUPP, EPERM, MNT_NOSUID } from '@lsmkit/abi'
import type { Cgroup, CgroupMap } from './dispatch/strategy.ts'
import type { Cred } from './objects/cred.ts'
import type { Rlimit, Task } from './objects/task.ts'
import type { BlockDevice, Dentry, File, Inode, MntIdmap, Path, VfsMount } from './objects/fs.ts'
import type { Mm } from './objects/mm.ts'
import type { Ref } from './objects/ref.ts'
import type { PseudoPlace } from './pseudo-fs.ts'
import type { RequestSock, SkBuff, Sock, Socket } from './objects/net.ts'

/** Results are values or -errno; nothing here asks for permission, and nothing throws. */
export interface Host {
  /** As `__vfs_getxattr`: the stored bytes, -ENODATA, or -EOPNOTSUPP where the file system keeps none. */
  __vfs_getxattr(inode: Inode, name: string): Uint8Array | number
  /** As `__vfs_setxattr`; `flags` are XATTR_CREATE and XATTR_REPLACE. */
  __vfs_setxattr(idmap: MntIdmap, dentry: Dentry, name: string, value: Uint8Array, flags: number): number
  /** As `__vfs_removexattr`. */
  __vfs_removexattr(idmap: MntIdmap, dentry: Dentry, name: string): number
  /** As `mnt_may_suid`, the user namespace of the file system apart: not MNT_NOSUID and mounted where the task is. */
  mnt_may_suid(mnt: VfsMount): boolean
  /** A copy of the current task's credentials, which cred_prepare has allowed; null when it has not. */
  prepare_creds(): Cred | null
  /** Makes a prepared copy the current task's own. */
  commit_creds(next: Cred): number
  /** Throws a prepared copy away. */
  abort_creds(next: Cred): void
  /** vm.mmap_min_addr as asked of users, in bytes. */
  readonly dac_mmap_min_addr: number
  /** False after the boot argument no_file_caps. */
  readonly file_caps_enabled: boolean
  /** As `find_task_by_vpid`: the thread that the current task calls `nr`; null when it can see none of that number. */
  find_task_by_vpid?(nr: number): Task | null
  /** As `get_cmdline`: the arguments of the task's program, a NUL behind each; '' when it has none. */
  get_cmdline?(task: Task): string
  /** As `d_path`, below the current task's root. Audit walks the dentries itself where the host does not say. */
  d_path?(path: Path): string
  /** As `d_find_alias`: some name of the inode, null when it has none. */
  d_find_alias?(inode: Inode): Dentry | null
  /** As `kern_path` with LOOKUP_FOLLOW: a name looked up by the current task; -errno where it leads nowhere. */
  kern_path?(name: string): Path | number
  /** As `get_fs_type`: fs_flags of a type of file system, null where there is none of that name. */
  get_fs_type?(name: string): number | null
  /** The two ends of a socket; null for a family without any. */
  sock_name?(sk: Sock): SockName | null
  /** As `SOCKET_I`: the socket of an inode of sockfs, null for any other. */
  SOCKET_I?(inode: Inode): Socket | null
  /**
   * As `netlbl_sock_setattr`: what `sk` sends from now on carries `option` as `SkBuff.netlabel`, null takes it off.
   * Only the LSM reads the option's value; 0 or -errno. A host without IP options has none of the three.
   */
  netlbl_sock_setattr?(sk: Sock, option: object | null): number
  /** As `netlbl_req_setattr`: the same for a connection in the making and the socket that becomes of it. */
  netlbl_req_setattr?(req: RequestSock, option: object | null): number
  /** As `netlbl_skbuff_err` (IPv4) and `icmpv6_send`: notifies the sender that its packet is refused with `error`. */
  netlbl_skbuff_err?(skb: SkBuff, family: number, error: number): void
  /** A null device of the kernel's own, which no directory leads to: what stands in for descriptors that are taken. */
  null_device?(): Path | null
  /** The path of an entry that an LSM declares, on a mount of the kernel's own; null where there is none. */
  pseudo_path?(place: PseudoPlace): Path | null
  /** As `dentry_open`: opened with `cred`, which file_open is asked about; a file or -errno. */
  dentry_open?(path: Path, flags: number, cred: Cred): File | number
  /** As `replace_fd`: puts a file, whose reference it takes, in place of these of the current task, or closes them. */
  replace_fds?(fds: readonly number[], file: File | null): void
  /** CLOCK_REALTIME in milliseconds since 1970, as settimeofday(2) has left it. */
  now?(): number
  /** The limits that process 1 was given. */
  init_rlimits?(): readonly Rlimit[]
  /** Timers are stopped, signals that wait are dropped, ignored and caught ones are as at first, none is blocked. */
  flush_inherited_signals?(task: Task): void
  /** As `task_work_add`: runs `work` as the current task once its call is over. False: it is never run. */
  task_work_add?(work: () => void): boolean
  /** Services that programs on hooks ask of a kernel; a host without any leaves it out. */
  readonly services?: KernelServices
  /**
   * As `kernel_read_file` on the file of a descriptor of the current task, with its questions to the stack: the bytes,
   * -errno, or null if the descriptor is not open. `id` is READING_*; more than `max` bytes is -EFBIG.
   */
  kernel_read_file?(fd: number, max: number, id: number): Uint8Array | number | null
  /** The root digest of a dm-verity device; null for any other device. */
  dm_verity_root_digest?(bdev: BlockDevice): Uint8Array | null
  /** Counts bytes that an LSM keeps from now on; less than 0 are given back. False: no room, and nothing is counted. */
  charge?(bytes: number): boolean
  /** As `__vm_enough_memory`: 0 or -ENOMEM; a host that counts no memory has always enough. */
  __vm_enough_memory?(mm: Mm, pages: number, cap_sys_admin: number): number
}

/** Tasks, memory, signals and time, as a kernel offers them to programs that run in it. */
export interface KernelServices {
  /** As `for_each_process`: leaders of the processes, oldest first, the idle task apart. */
  for_each_process(): Iterable<Task>
  /** As `for_each_thread`: the threads of a task's process, its leader first. */
  for_each_thread(task: Task): Iterable<Task>
  /** As `access_process_vm`, from the task's memory or into it: 0 when all of it was there, -EFAULT. */
  access_process_vm(task: Task, address: number, bytes: Uint8Array, isWrite: boolean): number
  /** The bytes of a regular file that is open for reading, without asking anyone; null for any other. */
  contents_of(file: File): Uint8Array | null
  /** As `inode_permission` by the current task, without an idmap: 0 or -errno. */
  inode_permission(inode: Inode, mask: number): number
  /** The control groups; without them every task and socket is in none. */
  readonly cgroups?: CgroupTree & CgroupMap
  /** As `bpf_setsockopt` of SOL_SOCKET: an option whose value is an int, without asking anyone. 0 or -errno. */
  set_sock_option(sk: Sock, name: number, value: number): number
  get_sock_option(sk: Sock, name: number, out: Ref<number>): number
  /** A signal of the kernel's own to a task's process, or to the thread alone: 0 or -errno. */
  send_signal(task: Task, signal: number, thread: boolean): number
  /** As `ktime_get_ns`: nanoseconds since boot. */
  ktime_get_ns(): number
  /** As an hrtimer: calls in that many nanoseconds, on no task's behalf. Gives the way to stop it. */
  call_later(nanoseconds: number, run: () => void): () => void
}

/** The tree of control groups, as its keeper describes it. */
export interface CgroupTree {
  readonly root: Cgroup
  /** Null: the root. */
  ofTask(task: Task): Cgroup | null
  /** Inode number of its directory; unlike that of any other. */
  id(group: Cgroup): number
  /** Null when there is none of that id. */
  byId(id: number): Cgroup | null
  children(group: Cgroup): Iterable<Cgroup>
}

/** Own (`l`) and foreign (`f`) end: addresses as text, '' when unbound; ports 0 when unbound. */
export interface SockName {
  readonly laddr: string
  readonly lport: number
  readonly faddr: string
  readonly fport: number
  /** AF_UNIX: the path it is bound to, or the abstract name with its leading NUL; null when it has neither. */
  readonly path: Path | string | null
}

/** The host of a stack whose kernel has not booted. */
export const noHost: Host = {
  __vfs_getxattr: () => -EOPNOTSUPP,
  __vfs_setxattr: () => -EOPNOTSUPP,
  __vfs_removexattr: () => -EOPNOTSUPP,
  mnt_may_suid: (mnt) => (mnt.mnt_flags & MNT_NOSUID) === 0,
  prepare_creds: () => null,
  commit_creds: () => -EPERM,
  abort_creds: () => {},
  dac_mmap_min_addr: 65536,
  file_caps_enabled: true,
}
