/** prctl(PR_SET_PTRACER): a process says who may trace it beside its ancestors. And the end of what it said. */
import { EINVAL, ENOSYS, PR_SET_PTRACER, PR_SET_PTRACER_ANY } from '@lsmkit/abi'
import type { HookGroup } from '@lsmkit/core'
import { ANYONE } from './relations.ts'
import type { Yama } from './scope.ts'

/** `unsigned long` -1, also as an int, and as the number nearest to its 64 bits. */
const isAny = (arg: number): boolean => arg === PR_SET_PTRACER_ANY || (arg | 0) === -1 || arg === 2 ** 64

export const relationHooks = ({ ctx, relations }: Yama): HookGroup => ({
  /** Works in every scope, though it counts in one only. -ENOSYS: the option belongs to another LSM. */
  task_prctl(option, arg2) {
    if (option !== PR_SET_PTRACER) return -ENOSYS
    const { task } = ctx.current
    if (arg2 === 0) {
      relations.clear(task)
      return 0
    }
    const tracer = isAny(arg2) ? ANYONE : ctx.host.find_task_by_vpid!(arg2 | 0)
    if (tracer === null && !isAny(arg2)) return -EINVAL
    relations.set(task, tracer)
    return 0
  },

  task_free(task) {
    relations.forget(task)
  },
})
