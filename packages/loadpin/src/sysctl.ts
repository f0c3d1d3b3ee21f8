/**
 * /proc/sys/kernel/loadpin/enforce: on and off where the pinned device can be written to. Elsewhere 6.12 takes a 1, and
 * later kernels no write at all.
 */
import { PROC_SUPER_MAGIC } from '@lsmkit/abi'
import { intSysctl } from '@lsmkit/core'
import type { PseudoFs } from '@lsmkit/core'
import type { LoadPin } from './state.ts'

/** A range without a number in it. */
const NOTHING = [1, 0] as const

export const loadpinSysctl = (loadpin: LoadPin): PseudoFs => {
  const unpinned = loadpin.ctx.profile === '6.12' ? ([1, 1] as const) : NOTHING
  const files = [intSysctl({
    name: 'kernel/loadpin/enforce',
    get: () => loadpin.enforce,
    set(value) {
      loadpin.enforce = value
    },
    range: () => (loadpin.mayRelax ? [0, 1] : unpinned),
  })]
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => files }
}
