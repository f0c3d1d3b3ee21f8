/** Features that kernels announce, for targets that are named by their version. */
import { parseFeatures, type Features } from './features.ts'

/**
 * Linux 6.12 as distributions build it: no dbus, no unix sockets, no queues; permission tables of the first version.
 */
const LINUX_6_12 = `
capability {0xffffff}
caps {mask {chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice
  sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin
  syslog wake_alarm
  block_suspend audit_read perfmon bpf checkpoint_restore}}
domain {attach_conditions {xattr {yes}} change_hat {yes} change_hatv {yes} change_onexec {yes} change_profile {yes}
  computed_longest_left {yes} disconnected.path {yes} fix_binfmt_elf_mmap {yes} post_nnp_subset {yes}
  stack {yes} version {1.2}}
file {mask {create read write exec append mmap_exec link lock}}
io_uring {mask {sqpoll override_creds}}
mount {mask {mount umount pivot_root} move_mount {detached}}
namespaces {mask {userns_create} pivot_root {no} profile {yes}}
network_v8 {af_mask {unspec unix inet inet6 netlink packet} tcp-fast-open {yes}}
policy {outofband {0x000001}
  permstable32 {allow deny subtree cond kill complain prompt audit quiet hide xindex tag label}
  permstable32_version {0x000001}
  set_load {yes} unconfined_restrictions {change_profile {yes}} versions {v5 {yes} v6 {yes} v7 {yes} v8 {yes} v9 {yes}}}
ptrace {mask {read trace}}
query {label {data {yes} multi_transaction {yes} perms {allow deny audit quiet}}}
rlimit {mask {cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime}}
signal {mask {hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont stop stp ttin
  ttou urg xcpu xfsz
  vtalrm prof winch io pwr sys emt lost}}
`

const texts = { '6.12': LINUX_6_12 } as const

/** A kernel whose features are known by its version. */
export type KernelVersion = keyof typeof texts

export const kernelFeatures = (version: KernelVersion): Features => parseFeatures(texts[version], `Linux ${version}`)
