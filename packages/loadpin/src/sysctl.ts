/**
 * /proc/sys/kernel/loadpin/enforce: on and off where the pinned device can be written to. Elsewhere 6.12 takes a 1, and
 * later kernels no write at all.
 */
import { EINVAL, PROC_SUPER_MAGIC } from '@lsmkit/abi'
import { intSysctl } from '@lsmkit/core'
import type { PseudoFile, PseudoFs } from '@lsmkit/core'
import type { LoadPin } from './state.ts'

export const loadpinSysctl = (loadpin: LoadPin): PseudoFs => {
  const isOld = loadpin.ctx.profile === '6.12'
  const file = intSysctl({
    name: 'kernel/loadpin/enforce',
    get: () => loadpin.enforce,
    set(value) {
      loadpin.enforce = value
    },
    range: () => (loadpin.mayRelax || !isOld ? [0, 1] : [1, 1]),
  })
  /** Without a look at what is written: nothing at all is refused too. */
  const later: PseudoFile = {
    ...file, write: (io, data) => (loadpin.mayRelax ? file.write!(io, data) : -EINVAL),
  }
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => [isOld ? file : later] }
}
