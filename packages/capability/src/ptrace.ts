/** The hooks that compare two tasks: tracing, and changing another's scheduling. */
import { CAP_SYS_NICE, CAP_SYS_PTRACE, capIsSubset, EPERM, PTRACE_MODE_REALCREDS } from '@lsmkit/abi'
import { has_ns_capability, ns_capable, ptraceCapsCover } from '@lsmkit/core'
import type { HookGroup, LsmContext, Task } from '@lsmkit/core'

export const ptraceHooks = (ctx: LsmContext): HookGroup => ({
  ptrace_access_check(child: Task, mode: number): number {
    const theirs = child.real_cred
    if (ptraceCapsCover(ctx.current.task.cred, theirs, mode)) return 0
    return ns_capable(ctx.lsm, ctx.current, theirs.user_ns, CAP_SYS_PTRACE) ? 0 : -EPERM
  },

  /** The current task asks to be traced by `parent`. */
  ptrace_traceme(parent: Task): number {
    const me = ctx.current.task.cred
    if (ptraceCapsCover(parent.real_cred, me, PTRACE_MODE_REALCREDS)) return 0
    return has_ns_capability(ctx.lsm, parent, me.user_ns, CAP_SYS_PTRACE) ? 0 : -EPERM
  },
})

/** As `cap_safe_nice`: nobody slows down or speeds up a task that can do more. */
export const schedulingHooks = (ctx: LsmContext): HookGroup => {
  const safeNice = (target: Task): number => {
    const theirs = target.real_cred
    if (capIsSubset(theirs.cap_permitted, ctx.current.task.cred.cap_permitted)) return 0
    return ns_capable(ctx.lsm, ctx.current, theirs.user_ns, CAP_SYS_NICE) ? 0 : -EPERM
  }
  return { task_setscheduler: safeNice, task_setioprio: safeNice, task_setnice: safeNice }
}
