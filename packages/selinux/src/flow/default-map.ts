/**
 * The permission map that is used unless another is given. It says of each permission of the kernel, and of the
 * programs that most policies have classes for, what the one who uses it learns of the object or makes it learn.
 *
 * Weights: 10 data as such; 7 data by another way, such as arguments over an exec; 5 attributes, labels, names that
 * are made; 3 names that are looked up, signals; 1 that something is there or busy.
 */
import { ownValue } from '@lsmkit/abi'
import { classMap } from '../class-map.ts'
import type { FlowDirection, PermissionFlow, PermissionMap } from './permission-map.ts'

/** `r10 read recv`: a flow, and the permissions that have it. */
const flows = (...lines: readonly string[]): ReadonlyMap<string, PermissionFlow> => new Map(lines.flatMap((line) => {
  const [flow, ...names] = line.split(' ')
  const [, direction, weight] = /^([rwbn])(\d*)$/.exec(flow!)!
  const each = { direction: direction as FlowDirection, weight: Number(weight || 1) }
  return names.map((name) => [name, each] as const)
}))

/** What a name means in most classes. */
const common = flows(
  'r10 read recv recvfrom receive ingress recv_msg dequeue copy_from',
  'w10 write append send sendto egress enqueue send_msg',
  'b10 connectto ptrace map_read_write',
  'r7 execute execute_no_trans',
  'r5 getattr getopt get_param unix_read',
  'w5 setattr setopt unix_write create relabelto add_name remove_name link unlink rename rmdir reparent destroy',
  'r5 relabelfrom',
  'r3 search watch watch_reads watch_mount watch_sb watch_with_perm open',
  'w3 bind connect name_connect shutdown',
  'r1 accept listen audit_access',
  'b1 lock',
  // by themselves they carry nothing: what is read and written afterwards is asked for
  'n ioctl map use name_bind node_bind associate entrypoint execmod quotaon mounton association attach_queue',
)

/** Classes in which names mean something else, or that have names of their own. */
const special: Readonly<Record<string, ReadonlyMap<string, PermissionFlow>>> = {
  process: flows(
    'w7 transition dyntransition', 'b10 ptrace share', 'w3 sigkill sigstop signal signull', 'w1 sigchld',
    'r5 getattr getsched getsession getpgid getcap getrlimit', 'w5 setsched setpgid setrlimit rlimitinh siginh',
    'n fork setcap setexec setfscreate noatsecure setcurrent execmem execstack execheap setkeycreate setsockcreate',
  ),
  process2: flows('n nnp_transition nosuid_transition'),
  security: flows(
    'r5 compute_av compute_create compute_member check_context compute_relabel compute_user validate_trans',
    'r10 read_policy', 'w10 load_policy', 'w5 setenforce setbool setsecparam setcheckreqprot',
  ),
  system: flows(
    'r10 syslog_read', 'r5 ipc_info', 'w5 syslog_mod syslog_console', 'w10 module_load', 'w3 module_request',
    'r5 status', 'w5 start stop reload enable disable halt reboot undefined',
  ),
  service: flows('r5 status', 'w5 start stop reload enable disable'),
  filesystem: flows(
    'r5 getattr quotaget relabelfrom', 'w5 mount remount unmount relabelto quotamod', 'r3 watch', 'n associate',
  ),
  key: flows('r10 read', 'w10 write', 'r5 view', 'r3 search', 'w5 link setattr create'),
  packet: flows('w10 send forward_out', 'r10 recv forward_in', 'w5 relabelto'),
  association: flows('w10 sendto', 'r10 recvfrom', 'n setcontext polmatch'),
  peer: flows('r10 recv'),
  msg: flows('w10 send', 'r10 receive'),
  binder: flows('b10 call', 'w10 transfer', 'n impersonate set_context_mgr'),
  kernel_service: flows('n use_as_override', 'w5 create_files_as'),
  infiniband_pkey: flows('b10 access'),
  infiniband_endport: flows('w5 manage_subnet'),
  bpf: flows('w5 map_create', 'r10 map_read', 'w10 map_write', 'w10 prog_load', 'b7 prog_run'),
  perf_event: flows('r3 open', 'r5 cpu kernel tracepoint', 'r10 read', 'w5 write'),
  io_uring: flows('n override_creds sqpoll', 'b7 cmd'),
  user_namespace: flows('n create'),
  memprotect: flows('n mmap_zero'),
  node: flows('r10 recvfrom', 'w10 sendto'),
  dbus: flows('w10 send_msg', 'n acquire_svc'),
  passwd: flows('w7 passwd chfn chsh rootok crontab'),
  nscd: flows('r10 getpwd getgrp gethost getserv getnetgrp shmempwd shmemgrp shmemhost shmemserv shmemnetgrp',
    'r5 getstat', 'w5 admin'),
}

/** Messages of netlink; a capability is a right over no object. */
const messages = flows('r10 nlmsg_read nlmsg_readpriv', 'w10 nlmsg_write nlmsg_relay nlmsg_tty_audit', 'b10 nlmsg')
const NONE: PermissionFlow = { direction: 'n', weight: 1 }

const isCapability = (name: string): boolean => name.startsWith('cap')

const flowOf = (tclass: string, permission: string): PermissionFlow | null => {
  if (isCapability(tclass)) return NONE
  const own = ownValue(special, tclass)
  if (own !== undefined) return own.get(permission) ?? null
  return (tclass.startsWith('netlink_') ? messages.get(permission) : undefined) ?? common.get(permission) ?? null
}

const userClasses = ['service', 'dbus', 'passwd', 'nscd'] as const

/** Of the kernel's classes as of Linux 6.12, and of systemd's, D-Bus's, passwd's and nscd's. */
export const defaultPermissionMap = (): PermissionMap => {
  const map = new Map<string, Map<string, PermissionFlow>>()
  for (const [tclass, permissions] of Object.entries(classMap)) {
    const known = [...permissions, ...(ownValue(special, tclass)?.keys() ?? []), ...extra(tclass)]
    map.set(tclass, new Map([...new Set<string>(known)].flatMap((permission) => {
      const flow = flowOf(tclass, permission)
      return flow === null ? [] : [[permission, flow] as const]
    })))
  }
  for (const tclass of userClasses) map.set(tclass, new Map(special[tclass]!))
  return map
}

/** Names that only other kernels have. */
const extra = (tclass: string): readonly string[] => (tclass.startsWith('netlink_') ? ['nlmsg'] : [])
