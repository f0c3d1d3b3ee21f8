/** The services of a kernel for a module that is asked beside a stack: it reads, and changes nothing. */
import type { Host, KernelServices } from '../host.ts'

/** `reads` is handed through; a function stands for a service that changes something. */
type Quiet<T> = { readonly [K in keyof Required<T>]: 'reads' | ((...args: never) => unknown) }

const services: Quiet<KernelServices> = {
  for_each_process: 'reads', for_each_thread: 'reads', contents_of: 'reads', inode_permission: 'reads',
  get_sock_option: 'reads', ktime_get_ns: 'reads', cgroups: 'reads', access_process_vm: 'reads',
  set_sock_option: () => 0, send_signal: () => 0, call_later: () => () => {},
}

const host: Quiet<Omit<Host, 'services'>> = {
  __vfs_getxattr: 'reads', mnt_may_suid: 'reads', dac_mmap_min_addr: 'reads', file_caps_enabled: 'reads',
  find_task_by_vpid: 'reads', get_cmdline: 'reads', d_path: 'reads', d_find_alias: 'reads', kern_path: 'reads',
  get_fs_type: 'reads', sock_name: 'reads', SOCKET_I: 'reads', null_device: 'reads', pseudo_path: 'reads',
  now: 'reads', init_rlimits: 'reads', kernel_read_file: 'reads', dm_verity_root_digest: 'reads',
  __vm_enough_memory: 'reads',
  __vfs_setxattr: () => 0, __vfs_removexattr: () => 0,
  prepare_creds: () => null, commit_creds: () => 0, abort_creds: () => {},
  netlbl_sock_setattr: () => 0, netlbl_req_setattr: () => 0, netlbl_skbuff_err: () => {},
  dentry_open: () => 0, replace_fds: () => {}, flush_inherited_signals: () => {}, task_work_add: () => true,
  charge: () => true,
}

/** What the table does not name is not there. */
const quiet = <T extends object>(behind: T, table: Readonly<Record<string, unknown>>): T => new Proxy(behind, {
  get: (target, name) => {
    const stand = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
    if (stand !== 'reads') return stand
    const value: unknown = Reflect.get(target, name, target)
    return typeof value === 'function' ? value.bind(target) as unknown : value
  },
})

/** Memory of programs is read, and not written. */
const quietServices = (behind: KernelServices): KernelServices => quiet(behind, {
  ...services,
  access_process_vm: (...[task, address, bytes, isWrite]: Parameters<KernelServices['access_process_vm']>) =>
    (isWrite ? 0 : behind.access_process_vm(task, address, bytes, false)),
})

export const quietHost = (behind: Host): Host => new Proxy(quiet(behind, host), {
  get: (target, name) => {
    if (name !== 'services') return Reflect.get(target, name, target) as unknown
    return behind.services === undefined ? undefined : quietServices(behind.services)
  },
})
