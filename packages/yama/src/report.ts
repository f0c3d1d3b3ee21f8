/** The log line of a refusal (`report_access`): both commands, quoted so that no command can forge a line. */
import { EPERM, PF_KTHREAD } from '@lsmkit/abi'
import { kstrdup_quotable_cmdline } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Yama } from './scope.ts'

/** -EPERM, with the reason on record: `ptrace attach of "sleep 9"[7] was attempted by "gdb -p 7"[9]`. */
export const refuse = (yama: Yama, access: 'attach' | 'traceme', target: Task, agent: Task): number => {
  const { audit, current, host } = yama.ctx
  // kernel threads have no arguments and say their names
  const nameOf = (task: Task): string =>
    (current.task.flags & PF_KTHREAD ? task.comm : kstrdup_quotable_cmdline(host, task))
  const named = (task: Task): string => `"${nameOf(task)}"[${task.pid}]`
  const text = `ptrace ${access} of ${named(target)} was attempted by ${named(agent)}`
  yama.log(`Yama: ${text}`)
  return audit.deny(-EPERM, text, { access, scope: yama.scope, target: target.pid, agent: agent.pid })
}
