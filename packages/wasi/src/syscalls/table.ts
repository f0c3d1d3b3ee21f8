/**
 * System calls a program may make by number through `lsmkit.syscall`: those that preview 1 has no word for. Numbers are
 * x86-64's, arguments are laid out as a 32-bit program's. None of them opens a descriptor.
 */
import {
  SYS_capget, SYS_capset, SYS_chdir, SYS_chmod, SYS_chown, SYS_chroot, SYS_execve, SYS_faccessat2, SYS_fchmod,
  SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_fgetxattr, SYS_flistxattr, SYS_fremovexattr, SYS_fsetxattr, SYS_getegid,
  SYS_geteuid, SYS_getgid, SYS_getgroups, SYS_getpgid, SYS_getpid, SYS_getppid, SYS_getresgid, SYS_getresuid, SYS_getsid,
  SYS_gettid, SYS_getuid, SYS_getxattr, SYS_kill, SYS_lchown, SYS_lgetxattr, SYS_listxattr, SYS_llistxattr,
  SYS_lremovexattr, SYS_lsetxattr, SYS_lsm_get_self_attr, SYS_lsm_list_modules, SYS_lsm_set_self_attr, SYS_mknod,
  SYS_mknodat, SYS_mount, SYS_prctl, SYS_removexattr, SYS_setfsgid, SYS_setfsuid, SYS_setgid, SYS_setgroups, SYS_setpgid,
  SYS_setregid, SYS_setresgid, SYS_setresuid, SYS_setreuid, SYS_setsid, SYS_setuid, SYS_setxattr, SYS_sethostname,
  SYS_tgkill, SYS_tkill, SYS_umask, SYS_umount2, SYS_unshare,
} from '@lsmkit/abi'
import type { Kind } from './argument.ts'
import { bytes, capData, capHeader, int, refU32, sizedBy, skip, text, textList, u32List, uint } from './argument.ts'
import { prctlArg2 } from './prctl.ts'

export interface SyscallRow {
  readonly name: string
  readonly kinds: readonly Kind[]
}

const row = (name: string, ...kinds: Kind[]): SyscallRow => ({ name, kinds })

export const rawSyscalls: Readonly<Record<number, SyscallRow>> = {
  [SYS_getpid]: row('getpid'),
  [SYS_execve]: row('execve', text, textList, textList),
  [SYS_kill]: row('kill', int, int),
  [SYS_chdir]: row('chdir', text),
  [SYS_chmod]: row('chmod', text, uint),
  [SYS_fchmod]: row('fchmod', int, uint),
  [SYS_chown]: row('chown', text, uint, uint),
  [SYS_fchown]: row('fchown', int, uint, uint),
  [SYS_lchown]: row('lchown', text, uint, uint),
  [SYS_umask]: row('umask', uint),
  [SYS_getuid]: row('getuid'),
  [SYS_getgid]: row('getgid'),
  [SYS_setuid]: row('setuid', uint),
  [SYS_setgid]: row('setgid', uint),
  [SYS_geteuid]: row('geteuid'),
  [SYS_getegid]: row('getegid'),
  [SYS_setpgid]: row('setpgid', int, int),
  [SYS_getppid]: row('getppid'),
  [SYS_setsid]: row('setsid'),
  [SYS_setreuid]: row('setreuid', uint, uint),
  [SYS_setregid]: row('setregid', uint, uint),
  [SYS_getgroups]: row('getgroups', int, u32List(0)),
  [SYS_setgroups]: row('setgroups', int, u32List(0)),
  [SYS_setresuid]: row('setresuid', uint, uint, uint),
  [SYS_getresuid]: row('getresuid', refU32, refU32, refU32),
  [SYS_setresgid]: row('setresgid', uint, uint, uint),
  [SYS_getresgid]: row('getresgid', refU32, refU32, refU32),
  [SYS_getpgid]: row('getpgid', int),
  [SYS_setfsuid]: row('setfsuid', uint),
  [SYS_setfsgid]: row('setfsgid', uint),
  [SYS_getsid]: row('getsid', int),
  [SYS_capget]: row('capget', capHeader, capData(0)),
  [SYS_capset]: row('capset', capHeader, capData(0)),
  [SYS_mknod]: row('mknod', text, uint, uint),
  [SYS_prctl]: row('prctl', int, prctlArg2, uint, uint, uint),
  [SYS_chroot]: row('chroot', text),
  [SYS_mount]: row('mount', text, text, text, uint, text),
  [SYS_umount2]: row('umount2', text, int),
  [SYS_sethostname]: row('sethostname', text, int),
  [SYS_gettid]: row('gettid'),
  [SYS_setxattr]: row('setxattr', text, text, bytes(3), skip, int),
  [SYS_lsetxattr]: row('lsetxattr', text, text, bytes(3), skip, int),
  [SYS_fsetxattr]: row('fsetxattr', int, text, bytes(3), skip, int),
  [SYS_getxattr]: row('getxattr', text, text, bytes(3), skip),
  [SYS_lgetxattr]: row('lgetxattr', text, text, bytes(3), skip),
  [SYS_fgetxattr]: row('fgetxattr', int, text, bytes(3), skip),
  [SYS_listxattr]: row('listxattr', text, bytes(2), skip),
  [SYS_llistxattr]: row('llistxattr', text, bytes(2), skip),
  [SYS_flistxattr]: row('flistxattr', int, bytes(2), skip),
  [SYS_removexattr]: row('removexattr', text, text),
  [SYS_lremovexattr]: row('lremovexattr', text, text),
  [SYS_fremovexattr]: row('fremovexattr', int, text),
  [SYS_tkill]: row('tkill', int, int),
  [SYS_tgkill]: row('tgkill', int, int, int),
  [SYS_mknodat]: row('mknodat', int, text, uint, uint),
  [SYS_fchownat]: row('fchownat', int, text, uint, uint, int),
  [SYS_fchmodat]: row('fchmodat', int, text, uint),
  [SYS_unshare]: row('unshare', uint),
  [SYS_faccessat2]: row('faccessat2', int, text, int, int),
  [SYS_lsm_get_self_attr]: row('lsm_get_self_attr', uint, sizedBy(2), refU32, uint),
  [SYS_lsm_set_self_attr]: row('lsm_set_self_attr', uint, bytes(2), uint, uint),
  [SYS_lsm_list_modules]: row('lsm_list_modules', sizedBy(1), refU32, uint),
}
