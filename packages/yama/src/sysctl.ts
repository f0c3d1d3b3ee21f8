/** /proc/sys/kernel/yama/ptrace_scope, as `yama_dointvec_minmax` has it. */
import { CAP_SYS_PTRACE, PROC_SUPER_MAGIC } from '@lsmkit/abi'
import { capable, intSysctl } from '@lsmkit/core'
import type { PseudoFs } from '@lsmkit/core'
import { YAMA_SCOPE_DISABLED, YAMA_SCOPE_NO_ATTACH } from './scope.ts'
import type { PtraceScope, Yama } from './scope.ts'

export const yamaSysctl = (yama: Yama): PseudoFs => {
  const files = [intSysctl({
    name: 'kernel/yama/ptrace_scope',
    get: () => yama.scope,
    set(value) {
      yama.scope = value as PtraceScope
    },
    // at the highest value the lowest is the same: the lock
    range: () => [
      yama.scope === YAMA_SCOPE_NO_ATTACH ? YAMA_SCOPE_NO_ATTACH : YAMA_SCOPE_DISABLED, YAMA_SCOPE_NO_ATTACH,
    ],
    mayWrite: () => capable(yama.ctx.lsm, yama.ctx.current, CAP_SYS_PTRACE),
  })]
  return { type: 'sysctl', magic: PROC_SUPER_MAGIC, mountPoint: '/proc/sys', files: () => files }
}
