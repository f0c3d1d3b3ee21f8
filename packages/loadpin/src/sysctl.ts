/** /proc/sys/kernel/loadpin/enforce: on at any time, and off where the pinned device can be written to. */
import { PROC_SUPER_MAGIC } from '@lsmkit/abi'
import { intSysctl } from '@lsmkit/core'
import type { PseudoFs } from '@lsmkit/core'
import type { LoadPin } from './state.ts'

export const loadpinSysctl = (loadpin: LoadPin): PseudoFs => {
  const files = [intSysctl({
    name: 'kernel/loadpin/enforce',
    get: () => loadpin.enforce,
    set(value) {
      loadpin.enforce = value
    },
    range: () => [loadpin.mayRelax ? 0 : 1, 1],
  })]
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => files }
}
