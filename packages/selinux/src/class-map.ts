/**
 * Classes and permissions as Linux 6.12 numbers them: a class's number is its position + 1, a permission's bit its
 * position. Names are what policies and audit records use.
 */

import { laterClasses, permissionsSince } from './later-classes.ts'
import type { laterPermissions } from './later-classes.ts'

/** What files and sockets share. */
const fileOrSocket = [
  'ioctl', 'read', 'write', 'create', 'getattr', 'setattr', 'lock', 'relabelfrom', 'relabelto', 'append', 'map',
] as const
const fileObject = [
  ...fileOrSocket, 'unlink', 'link', 'rename', 'execute', 'quotaon', 'mounton', 'audit_access', 'open', 'execmod',
  'watch', 'watch_mount', 'watch_sb', 'watch_with_perm', 'watch_reads',
] as const
const socket = [
  ...fileOrSocket, 'bind', 'connect', 'listen', 'accept', 'getopt', 'setopt', 'shutdown', 'recvfrom', 'sendto',
  'name_bind',
] as const
const ipc = [
  'create', 'destroy', 'getattr', 'setattr', 'read', 'write', 'associate', 'unix_read', 'unix_write',
] as const
/** Capabilities 0 to 31, and from 32 on. */
const capability = [
  'chown', 'dac_override', 'dac_read_search', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap',
  'linux_immutable', 'net_bind_service', 'net_broadcast', 'net_admin', 'net_raw', 'ipc_lock', 'ipc_owner',
  'sys_module', 'sys_rawio', 'sys_chroot', 'sys_ptrace', 'sys_pacct', 'sys_admin', 'sys_boot', 'sys_nice',
  'sys_resource', 'sys_time', 'sys_tty_config', 'mknod', 'lease', 'audit_write', 'audit_control', 'setfcap',
] as const
const capability2 = [
  'mac_override', 'mac_admin', 'syslog', 'wake_alarm', 'block_suspend', 'audit_read', 'perfmon', 'bpf',
  'checkpoint_restore',
] as const

export const classMap = {
  security: [
    'compute_av', 'compute_create', 'compute_member', 'check_context', 'load_policy', 'compute_relabel',
    'compute_user', 'setenforce', 'setbool', 'setsecparam', 'setcheckreqprot', 'read_policy', 'validate_trans',
  ],
  process: [
    'fork', 'transition', 'sigchld', 'sigkill', 'sigstop', 'signull', 'signal', 'ptrace', 'getsched', 'setsched',
    'getsession', 'getpgid', 'setpgid', 'getcap', 'setcap', 'share', 'getattr', 'setexec', 'setfscreate',
    'noatsecure', 'siginh', 'setrlimit', 'rlimitinh', 'dyntransition', 'setcurrent', 'execmem', 'execstack',
    'execheap', 'setkeycreate', 'setsockcreate', 'getrlimit',
  ],
  process2: ['nnp_transition', 'nosuid_transition'],
  system: ['ipc_info', 'syslog_read', 'syslog_mod', 'syslog_console', 'module_request', 'module_load'],
  capability,
  filesystem: [
    'mount', 'remount', 'unmount', 'getattr', 'relabelfrom', 'relabelto', 'associate', 'quotamod', 'quotaget',
    'watch',
  ],
  file: [...fileObject, 'execute_no_trans', 'entrypoint'],
  dir: [...fileObject, 'add_name', 'remove_name', 'reparent', 'search', 'rmdir'],
  fd: ['use'],
  lnk_file: fileObject,
  chr_file: fileObject,
  blk_file: fileObject,
  sock_file: fileObject,
  fifo_file: fileObject,
  socket,
  tcp_socket: [...socket, 'node_bind', 'name_connect'],
  udp_socket: [...socket, 'node_bind'],
  rawip_socket: [...socket, 'node_bind'],
  node: ['recvfrom', 'sendto'],
  netif: ['ingress', 'egress'],
  netlink_socket: socket,
  packet_socket: socket,
  key_socket: socket,
  unix_stream_socket: [...socket, 'connectto'],
  unix_dgram_socket: socket,
  sem: ipc,
  msg: ['send', 'receive'],
  msgq: [...ipc, 'enqueue'],
  shm: [...ipc, 'lock'],
  ipc,
  netlink_route_socket: [...socket, 'nlmsg_read', 'nlmsg_write'],
  netlink_tcpdiag_socket: [...socket, 'nlmsg_read', 'nlmsg_write'],
  netlink_nflog_socket: socket,
  netlink_xfrm_socket: [...socket, 'nlmsg_read', 'nlmsg_write'],
  netlink_selinux_socket: socket,
  netlink_iscsi_socket: socket,
  netlink_audit_socket: [...socket, 'nlmsg_read', 'nlmsg_write', 'nlmsg_relay', 'nlmsg_readpriv', 'nlmsg_tty_audit'],
  netlink_fib_lookup_socket: socket,
  netlink_connector_socket: socket,
  netlink_netfilter_socket: socket,
  netlink_dnrt_socket: socket,
  association: ['sendto', 'recvfrom', 'setcontext', 'polmatch'],
  netlink_kobject_uevent_socket: socket,
  netlink_generic_socket: socket,
  netlink_scsitransport_socket: socket,
  netlink_rdma_socket: socket,
  netlink_crypto_socket: socket,
  appletalk_socket: socket,
  packet: ['send', 'recv', 'relabelto', 'forward_in', 'forward_out'],
  key: ['view', 'read', 'write', 'search', 'link', 'setattr', 'create'],
  dccp_socket: [...socket, 'node_bind', 'name_connect'],
  memprotect: ['mmap_zero'],
  peer: ['recv'],
  capability2,
  kernel_service: ['use_as_override', 'create_files_as'],
  tun_socket: [...socket, 'attach_queue'],
  binder: ['impersonate', 'call', 'set_context_mgr', 'transfer'],
  cap_userns: capability,
  cap2_userns: capability2,
  sctp_socket: [...socket, 'node_bind', 'name_connect', 'association'],
  icmp_socket: [...socket, 'node_bind'],
  ax25_socket: socket,
  ipx_socket: socket,
  netrom_socket: socket,
  atmpvc_socket: socket,
  x25_socket: socket,
  rose_socket: socket,
  decnet_socket: socket,
  atmsvc_socket: socket,
  rds_socket: socket,
  irda_socket: socket,
  pppox_socket: socket,
  llc_socket: socket,
  can_socket: socket,
  tipc_socket: socket,
  bluetooth_socket: socket,
  iucv_socket: socket,
  rxrpc_socket: socket,
  isdn_socket: socket,
  phonet_socket: socket,
  ieee802154_socket: socket,
  caif_socket: socket,
  alg_socket: socket,
  nfc_socket: socket,
  vsock_socket: socket,
  kcm_socket: socket,
  qipcrtr_socket: socket,
  smc_socket: socket,
  infiniband_pkey: ['access'],
  infiniband_endport: ['manage_subnet'],
  bpf: ['map_create', 'map_read', 'map_write', 'prog_load', 'prog_run'],
  xdp_socket: socket,
  mctp_socket: socket,
  perf_event: ['open', 'cpu', 'kernel', 'tracepoint', 'read', 'write'],
  anon_inode: fileObject,
  io_uring: ['override_creds', 'sqpoll', 'cmd'],
  user_namespace: ['create'],
} as const

export type ClassName = keyof typeof classMap
export type PermissionName<C extends ClassName> = (typeof classMap)[C][number]

/** As a security server wants them (`setClassMap`). */
export const kernelClasses: readonly { readonly name: ClassName; readonly perms: readonly string[] }[] =
  Object.entries(classMap).map(([name, perms]) => ({ name: name as ClassName, perms }))

/** Numbers of the classes: `SECCLASS.file` is the kernel's SECCLASS_FILE. */
export const SECCLASS = Object.fromEntries(kernelClasses.map(({ name }, at) => [name, at + 1])) as {
  readonly [C in ClassName]: number
}

/** Bits of the permissions: `AV.file.read` is the kernel's FILE__READ. A 32nd one makes a negative number. */
export const AV = Object.fromEntries(
  kernelClasses.map(({ name, perms }) => [name, Object.fromEntries(perms.map((perm, bit) => [perm, 1 << bit]))]),
) as { readonly [C in ClassName]: { readonly [P in PermissionName<C>]: number } }

type Entries<T> = T extends T ? { [C in keyof T]: T[C] } : never
type Later = Entries<(typeof laterPermissions)[keyof typeof laterPermissions]>
/** The permissions that a class of 6.12 got later. */
type LaterPermission<C extends ClassName> =
  Later extends infer T ? (T extends { readonly [K in C]: readonly (infer P)[] } ? P : never) : never

const withLater = (name: ClassName): readonly string[] =>
  [...classMap[name], ...permissionsSince('6.18', name), ...permissionsSince('7.3', name)]

/** The classes and permissions of all kernel releases: those of 6.12 first, and the later ones behind them. */
export const allClasses: readonly { readonly name: string; readonly perms: readonly string[] }[] = [
  ...kernelClasses.map(({ name }) => ({ name, perms: withLater(name) })),
  ...Object.values(laterClasses).flatMap((release) => Object.entries<ClassName>(release))
    .map(([name, like]) => ({ name, perms: withLater(like) })),
]

/** The number of a class that came after 6.12. */
export const laterClass = (name: keyof (typeof laterClasses)['7.3']): number =>
  allClasses.findIndex((one) => one.name === name) + 1

/** The bit of a permission that came after 6.12. */
export const laterPermission = <C extends ClassName>(name: C, perm: LaterPermission<C>): number =>
  1 << withLater(name).indexOf(perm)

/** The name of a class by its number, `?` of none. */
export const className = (tclass: number): string => allClasses[tclass - 1]?.name ?? '?'

/** Names of the permissions in a set; bits without a name in the class come last, as one hexadecimal number. */
export const permissionNames = (tclass: number, av: number): string[] => {
  const perms = allClasses[tclass - 1]?.perms ?? []
  const names = perms.filter((_name, bit) => (av & (1 << bit)) !== 0)
  const rest = perms.length >= 32 ? 0 : av & ~((1 << perms.length) - 1)
  return rest === 0 ? names : [...names, `0x${(rest >>> 0).toString(16)}`]
}
