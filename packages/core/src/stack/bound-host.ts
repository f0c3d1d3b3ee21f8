/** The host as LSMs see it: one object for the life of the stack, behind which a kernel puts itself when it boots. */
import { ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import { noHost } from '../host.ts'
import type { Host, KernelServices, SockName } from '../host.ts'
import type { Cred } from '../objects/cred.ts'
import type { Rlimit, Task } from '../objects/task.ts'
import type { BlockDevice, Dentry, File, Inode, MntIdmap, Path, VfsMount } from '../objects/fs.ts'
import type { Mm } from '../objects/mm.ts'
import type { RequestSock, SkBuff, Sock, Socket } from '../objects/net.ts'
import type { PseudoPlace } from '../pseudo-fs.ts'

/** Every function is there, also those a host need not have: they answer then as `Host` says. */
export class BoundHost implements Required<Omit<Host, 'd_path' | 'services'>> {
  behind: Host = noHost

  __vfs_getxattr(inode: Inode, name: string): Uint8Array | number {
    return this.behind.__vfs_getxattr(inode, name)
  }

  __vfs_setxattr(idmap: MntIdmap, dentry: Dentry, name: string, value: Uint8Array, flags: number): number {
    return this.behind.__vfs_setxattr(idmap, dentry, name, value, flags)
  }

  __vfs_removexattr(idmap: MntIdmap, dentry: Dentry, name: string): number {
    return this.behind.__vfs_removexattr(idmap, dentry, name)
  }

  mnt_may_suid(mnt: VfsMount): boolean {
    return this.behind.mnt_may_suid(mnt)
  }

  prepare_creds(): Cred | null {
    return this.behind.prepare_creds()
  }

  commit_creds(next: Cred): number {
    return this.behind.commit_creds(next)
  }

  abort_creds(next: Cred): void {
    this.behind.abort_creds(next)
  }

  get dac_mmap_min_addr(): number {
    return this.behind.dac_mmap_min_addr
  }

  get file_caps_enabled(): boolean {
    return this.behind.file_caps_enabled
  }

  find_task_by_vpid(nr: number): Task | null {
    return this.behind.find_task_by_vpid?.(nr) ?? null
  }

  /** Where the host does not say: the name alone. */
  get_cmdline(task: Task): string {
    return this.behind.get_cmdline?.(task) ?? task.comm
  }

  d_find_alias(inode: Inode): Dentry | null {
    return this.behind.d_find_alias?.(inode) ?? null
  }

  kern_path(name: string): Path | number {
    return this.behind.kern_path?.(name) ?? -ENOENT
  }

  /** A host that does not say knows every type, and nothing of them. */
  get_fs_type(name: string): number | null {
    return this.behind.get_fs_type === undefined ? 0 : this.behind.get_fs_type(name)
  }

  sock_name(sk: Sock): SockName | null {
    return this.behind.sock_name?.(sk) ?? null
  }

  SOCKET_I(inode: Inode): Socket | null {
    return this.behind.SOCKET_I?.(inode) ?? null
  }

  netlbl_sock_setattr(sk: Sock, option: object | null): number {
    return this.behind.netlbl_sock_setattr?.(sk, option) ?? 0
  }

  netlbl_req_setattr(req: RequestSock, option: object | null): number {
    return this.behind.netlbl_req_setattr?.(req, option) ?? 0
  }

  netlbl_skbuff_err(skb: SkBuff, family: number, error: number): void {
    this.behind.netlbl_skbuff_err?.(skb, family, error)
  }

  null_device(): Path | null {
    return this.behind.null_device?.() ?? null
  }

  pseudo_path(place: PseudoPlace): Path | null {
    return this.behind.pseudo_path?.(place) ?? null
  }

  dentry_open(path: Path, flags: number, cred: Cred): File | number {
    return this.behind.dentry_open?.(path, flags, cred) ?? -EOPNOTSUPP
  }

  replace_fds(fds: readonly number[], file: File | null): void {
    this.behind.replace_fds?.(fds, file)
  }

  /** Until a kernel has booted: the clock of the machine that this runs on. */
  now(): number {
    return this.behind.now?.() ?? Date.now()
  }

  init_rlimits(): readonly Rlimit[] {
    return this.behind.init_rlimits?.() ?? []
  }

  flush_inherited_signals(task: Task): void {
    this.behind.flush_inherited_signals?.(task)
  }

  task_work_add(work: () => void): boolean {
    return this.behind.task_work_add?.(work) ?? false
  }

  __vm_enough_memory(mm: Mm, pages: number, cap_sys_admin: number): number {
    return this.behind.__vm_enough_memory?.(mm, pages, cap_sys_admin) ?? 0
  }

  kernel_read_file(fd: number, max: number, id: number): Uint8Array | number | null {
    return this.behind.kernel_read_file?.(fd, max, id) ?? null
  }

  dm_verity_root_digest(bdev: BlockDevice): Uint8Array | null {
    return this.behind.dm_verity_root_digest?.(bdev) ?? null
  }

  charge(bytes: number): boolean {
    return this.behind.charge?.(bytes) ?? true
  }

  get services(): KernelServices | undefined {
    return this.behind.services
  }

  /** Absent where the host has none: the walk of the dentries is the reader's business then. */
  get d_path(): ((path: Path) => string) | undefined {
    const { behind } = this
    return behind.d_path && ((path) => behind.d_path!(path))
  }
}
