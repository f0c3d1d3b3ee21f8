/** The hooks `capable` and `settime`. */
import { CAP_SYS_TIME, EPERM } from '@lsmkit/abi'
import { cap_capable, capable } from '@lsmkit/core'
import type { HookGroup, LsmContext } from '@lsmkit/core'

export const capableHooks = (ctx: LsmContext): HookGroup => ({
  capable: cap_capable,
  settime: () => (capable(ctx.lsm, ctx.current, CAP_SYS_TIME) ? 0 : -EPERM),
})
