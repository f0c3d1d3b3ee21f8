/** A traced task changes its label where its tracer may trace the new one (`may_change_ptraced_domain`). */
import type { Task } from '@lsmkit/core'
import type { Label } from '../domain/objects.ts'
import { AA_PTRACE_TRACE, mayPtrace } from '../mediate/ptrace.ts'
import { taskLabel } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** As `ptrace_parent(current)`: while a task is traced its parent is the tracer. */
const tracerOf = ({ ptrace, parent }: Task): Task | null => (ptrace === 0 ? null : parent)

export const mayChangeTraced = (aa: Apparmor, to: Label): number => {
  const tracer = tracerOf(aa.ctx.current.task)
  if (tracer === null) return 0
  const label = taskLabel(aa, tracer)
  return label.unconfined ? 0 : mayPtrace(aa, label, to, AA_PTRACE_TRACE)
}
