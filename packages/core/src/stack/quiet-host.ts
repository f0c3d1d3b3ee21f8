/** The services of a kernel for a module that is asked beside a stack: it reads, and changes nothing. */
import type { Host, KernelServices } from '../host.ts'

/** Handed through, because they only read. */
type Reads =
  | '__vfs_getxattr' | 'mnt_may_suid' | 'dac_mmap_min_addr' | 'file_caps_enabled' | 'find_task_by_vpid' | 'get_cmdline'
  | 'd_path' | 'd_find_alias' | 'kern_path' | 'get_fs_type' | 'sock_name' | 'SOCKET_I' | 'null_device' | 'pseudo_path'
  | 'now' | 'init_rlimits' | 'kernel_read_file' | 'dm_verity_root_digest' | '__vm_enough_memory'
type ServicesRead =
  | 'for_each_process' | 'for_each_thread' | 'contents_of' | 'inode_permission' | 'get_sock_option' | 'ktime_get_ns'
  | 'cgroups'

/** Stand for all others: a new service has to be named in one of the two places. */
type StandIns<T, Handed> = { readonly [K in Exclude<keyof T, Handed>]-?: (...args: never) => unknown }

const done = (): number => 0
const nothing = (): void => {}

const host: StandIns<Host, Reads | 'services'> = {
  __vfs_setxattr: done, __vfs_removexattr: done, prepare_creds: () => null, commit_creds: done, abort_creds: nothing,
  netlbl_sock_setattr: done, netlbl_req_setattr: done, netlbl_skbuff_err: nothing, dentry_open: done,
  replace_fds: nothing, flush_inherited_signals: nothing, task_work_add: () => true, charge: () => true,
}

const quiet = <T extends object>(behind: T, table: Readonly<Record<string, unknown>>): T => new Proxy(behind, {
  get: (target, name) => {
    if (Object.hasOwn(table, name)) return table[name as string]
    const value: unknown = Reflect.get(target, name, target)
    return typeof value === 'function' ? value.bind(target) as unknown : value
  },
})

/** Memory of programs is read, and not written. */
const quietServices = (behind: KernelServices): KernelServices => quiet(behind, {
  set_sock_option: done, send_signal: done, call_later: () => nothing,
  access_process_vm: (...[task, address, bytes, isWrite]: Parameters<KernelServices['access_process_vm']>) =>
    (isWrite ? 0 : behind.access_process_vm(task, address, bytes, false)),
} satisfies StandIns<KernelServices, ServicesRead>)

export const quietHost = (behind: Host): Host => quiet(behind, {
  ...host,
  get services() {
    return behind.services === undefined ? undefined : quietServices(behind.services)
  },
})
