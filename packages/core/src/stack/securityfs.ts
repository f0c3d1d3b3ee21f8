/** The framework's own file: /sys/kernel/security/lsm. */
import { SECURITYFS_MAGIC } from '@lsmkit/abi'
import type { PseudoFs } from '../pseudo-fs.ts'

/** The names with commas between them, and no newline. */
export const securityfs = (names: readonly string[]): PseudoFs => ({
  type: 'securityfs',
  magic: SECURITYFS_MAGIC,
  mountPoint: '/sys/kernel/security',
  files: () => [{ name: 'lsm', mode: 0o444, read: () => names.join(',') }],
})
