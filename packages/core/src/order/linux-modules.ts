/** The LSMs of a kernel in link order, all built in; the same in every release that stacks follow. */
import type { OrderRecord } from './order-record.ts'

export const linuxModules: readonly OrderRecord[] = [
  { name: 'capability', order: 'first' },
  { name: 'selinux', legacyMajor: true, exclusive: true, enabled: true },
  { name: 'smack', legacyMajor: true, exclusive: true },
  { name: 'tomoyo', legacyMajor: true, enabled: true },
  { name: 'apparmor', legacyMajor: true, exclusive: true, enabled: true },
  { name: 'yama' },
  { name: 'loadpin' },
  { name: 'safesetid' },
  { name: 'lockdown', early: true },
  { name: 'bpf' },
  { name: 'landlock' },
  { name: 'ipe' },
  { name: 'ima', order: 'last' },
  { name: 'evm', order: 'last' },
]
