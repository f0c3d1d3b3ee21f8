/** Files, names, mounts and memory: what each hook checks on plain objects, and that who may nothing is refused. */
import {
  ATTR_MODE, ATTR_SIZE, EACCES, F_GETLK, F_SETFL, F_SETOWN, FAN_ACCESS, FAN_MODIFY, FIONREAD, LOADING_MODULE,
  MAP_PRIVATE, MAP_SHARED, MAY_READ, MAY_WRITE, MS_REMOUNT, O_APPEND, O_RDONLY, O_RDWR, PROT_EXEC, PROT_READ,
  PROT_WRITE, Q_GETQUOTA, Q_QUOTAON, READING_FIRMWARE, READING_MODULE, S_IFCHR, S_IFDIR, S_IFLNK,
  SYSLOG_ACTION_READ_ALL, VM_READ, VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, Stack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { Machine } from '../testing/machine.ts'

const m = new Machine()
const { lsm, build } = m

const inode = (i_mode = 0o100644): Inode => m.label(build.anInode({ i_mode }), 'o_t')
const named = (i_mode?: number): Dentry => build.aDentry({ inode: inode(i_mode), name: 'x' })
const negative = (): Dentry => build.aDentry({ inode: null, name: 'n' })
const dir = (): Inode => m.label(build.anInode({ i_mode: S_IFDIR | 0o755 }), 'd_t')
const path = (i_mode?: number) => ({ mnt: build.aMount(), dentry: named(i_mode) })
const opener = m.task('b_t')
/** Opened by `b_t`. */
const file = (f_flags: number = O_RDONLY) => m.as(opener, () => build.aFile({ inode: inode(), f_flags }))
/** Opened by whoever asks. */
const own = (f_flags: number = O_RDONLY) => build.aFile({ inode: inode(), f_flags })
const vma = (fields: object) => build.aVma({ vm_start: 0x5000_0000, vm_end: 0x5000_1000, ...fields })
const mapped = (vm_flags: number, fields: object = {}) => vma({ vm_file: file(), vm_flags, ...fields })

const USE = 'a_t b_t fd { use }'
const OPENED = ['a_t b_t fd { use }', 'a_t o_t file { read }']
const DIR = 'a_t d_t dir'

const cases: readonly { hook: string; ask: () => number; checks: readonly string[] }[] = [
  { hook: 'inode_create', ask: () => lsm.inode_create.ask(dir(), negative(), 0o644),
    checks: [`${DIR} { add_name search }`, 'a_t o_t file { create }', 'o_t fs_t filesystem { associate }'] },
  { hook: 'inode_mkdir', ask: () => lsm.inode_mkdir.ask(dir(), negative(), 0o755),
    checks: [`${DIR} { add_name search }`, 'a_t d_t dir { create }', 'd_t fs_t filesystem { associate }'] },
  { hook: 'inode_symlink', ask: () => lsm.inode_symlink.ask(dir(), negative(), 'to'),
    checks: [`${DIR} { add_name search }`, 'a_t d_t lnk_file { create }', 'd_t fs_t filesystem { associate }'] },
  { hook: 'inode_mknod', ask: () => lsm.inode_mknod.ask(dir(), negative(), S_IFCHR | 0o600, 0x103),
    checks: [`${DIR} { add_name search }`, 'a_t d_t chr_file { create }', 'd_t fs_t filesystem { associate }'] },
  { hook: 'inode_link', ask: () => lsm.inode_link.ask(named(), dir(), negative()),
    checks: [`${DIR} { add_name search }`, 'a_t o_t file { link }'] },
  { hook: 'inode_unlink', ask: () => lsm.inode_unlink.ask(dir(), named()),
    checks: [`${DIR} { remove_name search }`, 'a_t o_t file { unlink }'] },
  { hook: 'inode_rmdir', ask: () => lsm.inode_rmdir.ask(dir(), named(S_IFDIR)),
    checks: [`${DIR} { remove_name search }`, 'a_t o_t dir { rmdir }'] },
  { hook: 'inode_rename', ask: () => lsm.inode_rename.ask(dir(), named(), dir(), negative(), 0),
    checks: [`${DIR} { remove_name search }`, 'a_t o_t file { rename }', `${DIR} { add_name search }`] },
  { hook: 'inode_readlink', ask: () => lsm.inode_readlink.ask(named(S_IFLNK)), checks: ['a_t o_t lnk_file { read }'] },
  { hook: 'inode_follow_link', ask: () => lsm.inode_follow_link.ask(named(S_IFLNK), inode(S_IFLNK), false),
    checks: ['a_t o_t lnk_file { read }'] },
  { hook: 'inode_setattr', ask: () => lsm.inode_setattr.ask(nop_mnt_idmap, named(), { ia_valid: ATTR_MODE } as never),
    checks: ['a_t o_t file { setattr }'] },
  { hook: 'inode_setattr', ask: () => lsm.inode_setattr.ask(nop_mnt_idmap, named(), { ia_valid: ATTR_SIZE } as never),
    checks: ['a_t o_t file { write open }'] },
  { hook: 'inode_getattr', ask: () => lsm.inode_getattr.ask(path()), checks: ['a_t o_t file { getattr }'] },
  { hook: 'inode_getxattr', ask: () => lsm.inode_getxattr.ask(named(), 'user.x'),
    checks: ['a_t o_t file { getattr }'] },
  { hook: 'inode_listxattr', ask: () => lsm.inode_listxattr.ask(named()), checks: ['a_t o_t file { getattr }'] },
  { hook: 'inode_removexattr', ask: () => lsm.inode_removexattr.ask(nop_mnt_idmap, named(), 'user.x'),
    checks: ['a_t o_t file { setattr }'] },
  { hook: 'inode_set_acl', ask: () => lsm.inode_set_acl.ask(nop_mnt_idmap, named(), 'posix_acl_access', {} as never),
    checks: ['a_t o_t file { setattr }'] },
  { hook: 'inode_get_acl', ask: () => lsm.inode_get_acl.ask(nop_mnt_idmap, named(), 'posix_acl_access'),
    checks: ['a_t o_t file { getattr }'] },
  { hook: 'inode_remove_acl', ask: () => lsm.inode_remove_acl.ask(nop_mnt_idmap, named(), 'posix_acl_access'),
    checks: ['a_t o_t file { setattr }'] },
  { hook: 'path_notify', ask: () => lsm.path_notify.ask(path(), FAN_MODIFY, 0), checks: ['a_t o_t file { watch }'] },
  { hook: 'path_notify', ask: () => lsm.path_notify.ask(path(), FAN_ACCESS, 1),
    checks: ['a_t o_t file { watch_mount watch_reads }'] },
  { hook: 'path_notify', ask: () => lsm.path_notify.ask(path(), FAN_MODIFY, 2),
    checks: ['a_t fs_t filesystem { watch }', 'a_t o_t file { watch_sb }'] },

  { hook: 'file_permission', ask: () => lsm.file_permission.ask(file(), MAY_READ), checks: OPENED },
  { hook: 'file_permission', ask: () => lsm.file_permission.ask(file(O_RDWR | O_APPEND), MAY_WRITE),
    checks: [USE, 'a_t o_t file { append }'] },
  { hook: 'file_open', ask: () => lsm.file_open.ask(own()), checks: ['a_t o_t file { read open }'] },
  { hook: 'file_ioctl', ask: () => lsm.file_ioctl.ask(file(), 0x1234, 0), checks: [USE, 'a_t o_t file { ioctl }'] },
  { hook: 'file_ioctl', ask: () => lsm.file_ioctl.ask(file(), FIONREAD, 0), checks: [USE, 'a_t o_t file { getattr }'] },
  { hook: 'file_ioctl_compat', ask: () => lsm.file_ioctl_compat.ask(file(), 0x80046601, 0),
    checks: [USE, 'a_t o_t file { getattr }'] },
  { hook: 'file_lock', ask: () => lsm.file_lock.ask(file(), 0), checks: [USE, 'a_t o_t file { lock }'] },
  { hook: 'file_fcntl', ask: () => lsm.file_fcntl.ask(file(), F_GETLK, 0), checks: [USE, 'a_t o_t file { lock }'] },
  { hook: 'file_fcntl', ask: () => lsm.file_fcntl.ask(file(), F_SETOWN, 0), checks: [USE] },
  { hook: 'file_fcntl', ask: () => lsm.file_fcntl.ask(file(O_RDWR | O_APPEND), F_SETFL, 0),
    checks: [USE, 'a_t o_t file { write }'] },

  { hook: 'mmap_addr', ask: () => lsm.mmap_addr.ask(4096), checks: ['a_t a_t memprotect { mmap_zero }'] },
  { hook: 'mmap_file', ask: () => lsm.mmap_file.ask(file(), PROT_READ, MAP_PRIVATE),
    checks: ['a_t o_t file { map }', ...OPENED] },
  { hook: 'mmap_file', ask: () => lsm.mmap_file.ask(file(), PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED),
    checks: ['a_t o_t file { map }', USE, 'a_t o_t file { read write execute }'] },
  { hook: 'mmap_file', ask: () => lsm.mmap_file.ask(null, PROT_EXEC, MAP_PRIVATE),
    checks: ['a_t a_t process { execmem }'] },
  { hook: 'file_mprotect', ask: () => lsm.file_mprotect.ask(mapped(VM_READ), 0, PROT_READ | PROT_EXEC),
    checks: [USE, 'a_t o_t file { read execute }'] },
  { hook: 'file_mprotect', ask: () => lsm.file_mprotect.ask(mapped(VM_READ, { anon_vma: true }), 0, PROT_EXEC),
    checks: [USE, 'a_t o_t file { execmod }', USE, 'a_t o_t file { read execute }'] },
  { hook: 'file_mprotect', ask: () => lsm.file_mprotect.ask(mapped(VM_READ | VM_SHARED), 0, PROT_WRITE),
    checks: [USE, 'a_t o_t file { read write }'] },
  { hook: 'file_mprotect', ask: () => lsm.file_mprotect.ask(vma({ vm_flags: VM_WRITE | VM_READ }), 0, PROT_EXEC),
    checks: ['a_t a_t process { execmem }'] },

  { hook: 'sb_statfs', ask: () => lsm.sb_statfs.ask(named()), checks: ['a_t fs_t filesystem { getattr }'] },
  { hook: 'sb_mount', ask: () => lsm.sb_mount.ask('tmpfs', path(S_IFDIR), 'tmpfs', 0, null),
    checks: ['a_t o_t dir { mounton }'] },
  { hook: 'sb_mount', ask: () => lsm.sb_mount.ask(null, path(S_IFDIR), null, MS_REMOUNT, null),
    checks: ['a_t fs_t filesystem { remount }'] },
  { hook: 'sb_umount', ask: () => lsm.sb_umount.ask(build.aMount(), 0), checks: ['a_t fs_t filesystem { unmount }'] },
  { hook: 'move_mount', ask: () => lsm.move_mount.ask(path(S_IFDIR), path(S_IFDIR)),
    checks: ['a_t o_t dir { mounton }'] },
  { hook: 'quotactl', ask: () => lsm.quotactl.ask(Q_QUOTAON, 0, 0, build.aDentry().d_sb),
    checks: ['a_t fs_t filesystem { quotamod }'] },
  { hook: 'quotactl', ask: () => lsm.quotactl.ask(Q_GETQUOTA, 0, 0, build.aDentry().d_sb),
    checks: ['a_t fs_t filesystem { quotaget }'] },
  { hook: 'quota_on', ask: () => lsm.quota_on.ask(named()), checks: ['a_t o_t file { quotaon }'] },
  { hook: 'syslog', ask: () => lsm.syslog.ask(SYSLOG_ACTION_READ_ALL),
    checks: ['a_t kernel_t system { syslog_read }'] },
  { hook: 'kernel_module_request', ask: () => lsm.kernel_module_request.ask('net-pf-10'),
    checks: ['a_t kernel_t system { module_request }'] },
  { hook: 'kernel_load_data', ask: () => lsm.kernel_load_data.ask(LOADING_MODULE, false),
    checks: ['a_t a_t system { module_load }'] },
  { hook: 'kernel_read_file', ask: () => lsm.kernel_read_file.ask(file(), READING_MODULE, true),
    checks: [USE, 'a_t o_t system { module_load }'] },
  { hook: 'kernel_read_file', ask: () => lsm.kernel_read_file.ask(null, READING_FIRMWARE, true), checks: [] },
]

const denied = (checks: readonly string[]): string[] =>
  checks.map((check) => `DENIED ${check.replace(/^a_t a_t/, 'n_t n_t').replace(/^a_t/, 'n_t')}`)

test.each(cases)('$hook: $checks', ({ ask, checks }) => {
  expect(m.checks('a_t', ask)).toEqual([...checks, 0])
  if (checks.length > 0) expect(m.checks('n_t', ask)).toEqual([denied(checks)[0], -EACCES])
})

test.each([
  { hook: 'inode_file_getattr', check: 'getattr' }, { hook: 'inode_file_setattr', check: 'setattr' },
] as const)('$hook: { $check }, since 6.17', ({ hook, check }) => {
  const later = new Machine({}, {}, '7.3')
  const fa = { flags: 0, fsx_xflags: 0, fsx_extsize: 0, fsx_nextents: 0, fsx_projid: 0, fsx_cowextsize: 0 }
  const dentry = later.build.aDentry({ inode: later.label(later.build.anInode(), 'o_t'), name: 'x' })
  const ask = (): number => (later.stack as Stack as Stack<'7.3'>).lsm[hook].ask(dentry, fa)
  expect(later.checks('a_t', ask)).toEqual([`a_t o_t file { ${check} }`, 0])
  expect(later.checks('n_t', ask)).toEqual([`DENIED n_t o_t file { ${check} }`, -EACCES])
})
