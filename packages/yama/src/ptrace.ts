/** The two questions: may the current task attach to `child`, and may it be traced by its parent? */
import { CAP_SYS_PTRACE, EPERM, EXIT_DEAD, PTRACE_MODE_ATTACH, PTRACE_MODE_NOAUDIT } from '@lsmkit/abi'
import { has_ns_capability, ns_capable } from '@lsmkit/core'
import type { HookGroup, Task } from '@lsmkit/core'
import { isDescendant, isTracing } from './descent.ts'
import { refuse } from './report.ts'
import { YAMA_SCOPE_CAPABILITY, YAMA_SCOPE_DISABLED, YAMA_SCOPE_RELATIONAL } from './scope.ts'
import type { Yama } from './scope.ts'

/** As `yama_ptrace_access_check`, without its report. */
const mayAttach = ({ ctx, relations, scope }: Yama, child: Task): boolean => {
  const { task } = ctx.current
  const isPrivileged = (): boolean => ns_capable(ctx.lsm, ctx.current, child.real_cred.user_ns, CAP_SYS_PTRACE)
  switch (scope) {
    case YAMA_SCOPE_DISABLED:
      return true
    case YAMA_SCOPE_RELATIONAL:
      // no pid any more (pid_alive): the links of its kinship are not to be followed
      if (child.exit_state === EXIT_DEAD) return false
      return isDescendant(task, child) || isTracing(task, child) || relations.allow(child, task) || isPrivileged()
    case YAMA_SCOPE_CAPABILITY:
      return isPrivileged()
    default:
      return false
  }
}

/** As `yama_ptrace_traceme`: the privilege is the parent's, over the user namespace of who wants to be traced. */
const mayBeTraced = ({ ctx, scope }: Yama, parent: Task): boolean => {
  if (scope === YAMA_SCOPE_DISABLED || scope === YAMA_SCOPE_RELATIONAL) return true
  if (scope !== YAMA_SCOPE_CAPABILITY) return false
  return has_ns_capability(ctx.lsm, parent, ctx.current.task.cred.user_ns, CAP_SYS_PTRACE)
}

export const ptraceHooks = (yama: Yama): HookGroup => ({
  /** Reading (/proc/PID/maps) is never restricted. */
  ptrace_access_check(child, mode) {
    if ((mode & PTRACE_MODE_ATTACH) === 0 || mayAttach(yama, child)) return 0
    if ((mode & PTRACE_MODE_NOAUDIT) !== 0) return -EPERM
    return refuse(yama, 'attach', child, yama.ctx.current.task)
  },

  ptrace_traceme(parent) {
    return mayBeTraced(yama, parent) ? 0 : refuse(yama, 'traceme', yama.ctx.current.task, parent)
  },
})
