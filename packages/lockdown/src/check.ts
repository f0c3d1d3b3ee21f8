/** The question: may the kernel do this, for whoever asks? */
import { EPERM, LOCKDOWN_CONFIDENTIALITY_MAX } from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import type { Lockdown } from './level.ts'
import { lockdownReasons } from './reasons.ts'

export const lockdownHooks = (lockdown: Lockdown): HookGroup => ({
  /** As `lockdown_is_locked_down`: `level` covers every reason up to itself; `none` is not a reason. */
  locked_down(what) {
    const { audit, current } = lockdown.ctx
    if (what >= LOCKDOWN_CONFIDENTIALITY_MAX) return audit.deny(-EPERM, 'Invalid lockdown reason', { what })
    if (lockdown.level < what) return 0
    const text = lockdownReasons[what]
    // no kernel has reasons below none
    if (text === undefined) return -EPERM
    const line = `Lockdown: ${current.task.comm}: ${text} is restricted; see man kernel_lockdown.7`
    lockdown.log(line)
    return audit.deny(-EPERM, line, { level: lockdownReasons[lockdown.level]! })
  },
})
