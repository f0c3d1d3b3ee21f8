/** /sys/kernel/security/lockdown: shows the level, and raises it. */
import { EINVAL, ENOMEM, KMALLOC_MAX_SIZE, SECURITYFS_MAGIC } from '@lsmkit/abi'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import { levelOf, levels, lockKernelDown } from './level.ts'
import type { Lockdown } from './level.ts'

/** Longer texts name no level, so that nothing has to be read of them: `confidentiality`, a newline, and more. */
const ENOUGH = 32

/** A C string: it ends at the first NUL, and one newline at its end does not count. */
const wordOf = (data: Uint8Array): string => {
  const text = String.fromCharCode(...data.subarray(0, ENOUGH))
  return text.replace(/\0[^]*$/, '').replace(/\n$/, '')
}

const lockdownFile = (lockdown: Lockdown): PseudoFile => ({
  name: 'lockdown',
  mode: 0o644,
  fresh: true,
  seekable: false,
  read: () => `${[...levels].map(([name, level]) => (level === lockdown.level ? `[${name}]` : name)).join(' ')}\n`,
  /** No capability is asked for: the mode of the file is all that keeps others from it. */
  write(_io, data) {
    if (data.length >= KMALLOC_MAX_SIZE) return -ENOMEM
    const level = levelOf(wordOf(data))
    if (level === undefined) return -EINVAL
    return lockKernelDown(lockdown, 'securityfs', level) || data.length
  },
})

export const lockdownFs = (lockdown: Lockdown): PseudoFs => {
  const files = [lockdownFile(lockdown)]
  return { type: 'securityfs', magic: SECURITYFS_MAGIC, mountPoint: '/sys/kernel/security', files: () => files }
}
