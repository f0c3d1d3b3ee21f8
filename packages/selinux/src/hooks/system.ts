/** The machine: quotas, the kernel log, mappings below the lowest address. */
import {
  Q_GETFMT, Q_GETINFO, Q_GETQUOTA, Q_QUOTAOFF, Q_QUOTAON, Q_SETINFO, Q_SETQUOTA, Q_SYNC, Q_XGETNEXTQUOTA, Q_XGETQSTAT,
  Q_XGETQSTATV, Q_XGETQUOTA, Q_XQUOTAOFF, Q_XQUOTAON, Q_XSETQLIM, SYSLOG_ACTION_CONSOLE_LEVEL,
  SYSLOG_ACTION_CONSOLE_OFF, SYSLOG_ACTION_CONSOLE_ON, SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_SIZE_BUFFER,
} from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import { currentHas, dentryHas, selfHas, superblockHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECINITSID_KERNEL } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'

const modifies = new Set([
  Q_SYNC, Q_QUOTAON, Q_QUOTAOFF, Q_SETINFO, Q_SETQUOTA, Q_XQUOTAOFF, Q_XQUOTAON, Q_XSETQLIM,
])
const reads = new Set([
  Q_GETFMT, Q_GETINFO, Q_GETQUOTA, Q_XGETQUOTA, Q_XGETQSTAT, Q_XGETQSTATV, Q_XGETNEXTQUOTA,
])

/** CONFIG_LSM_MMAP_MIN_ADDR. */
const LSM_MMAP_MIN_ADDR = 65536

const syslogPerm = (type: number): number => {
  switch (type) {
    case SYSLOG_ACTION_READ_ALL:
    case SYSLOG_ACTION_SIZE_BUFFER:
      return AV.system.syslog_read
    case SYSLOG_ACTION_CONSOLE_OFF:
    case SYSLOG_ACTION_CONSOLE_ON:
    case SYSLOG_ACTION_CONSOLE_LEVEL:
      return AV.system.syslog_console
    default:
      return AV.system.syslog_mod
  }
}

export const systemHooks: HookTable<Selinux> = {
  /** Commands that SELinux does not know ask the file system alone. */
  quotactl(selinux, cmds, _type, _id, sb) {
    if (sb === null) return 0
    if (modifies.has(cmds)) return superblockHas(selinux, sb, AV.filesystem.quotamod, 'nothing', null)
    return reads.has(cmds) ? superblockHas(selinux, sb, AV.filesystem.quotaget, 'nothing', null) : 0
  },
  quota_on: (selinux, dentry) => dentryHas(selinux, dentry, AV.file.quotaon),

  syslog: (selinux, type) => currentHas(selinux, SECINITSID_KERNEL, SECCLASS.system, syslogPerm(type)),

  mmap_addr: (selinux, addr) =>
    addr < LSM_MMAP_MIN_ADDR ? selfHas(selinux, SECCLASS.memprotect, AV.memprotect.mmap_zero) : 0,
}
