/** What the log says of a refusal (`report_access`): both commands, quoted so that no command can forge a line. */
import { EPERM, PAGE_SIZE, PF_KTHREAD } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Yama } from './scope.ts'

/** What `kstrdup_quotable` makes hexadecimal. */
const unsafe: ReadonlySet<string> = new Set('\f\n\r\t\v\x07\x1b\\"')
const hex = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
const quotable = (text: string): string => [...text].map((char) => (unsafe.has(char) ? hex(char) : char)).join('')

/** As `kstrdup_quotable_cmdline`: arguments with blanks between them, cut at a page. */
const commandLine = (yama: Yama, task: Task): string =>
  quotable(yama.ctx.host.get_cmdline!(task).slice(0, PAGE_SIZE - 1).replace(/\0+$/, '').replaceAll('\0', ' '))

/** -EPERM, with the reason on record: `ptrace attach of "sleep 9"[7] was attempted by "gdb -p 7"[9]`. */
export const refuse = (yama: Yama, access: 'attach' | 'traceme', target: Task, agent: Task): number => {
  const { audit, current } = yama.ctx
  // kernel threads have no arguments and say their names
  const nameOf = (task: Task): string => (current.task.flags & PF_KTHREAD ? task.comm : commandLine(yama, task))
  const named = (task: Task): string => `"${nameOf(task)}"[${task.pid}]`
  const text = `ptrace ${access} of ${named(target)} was attempted by ${named(agent)}`
  yama.log(`Yama: ${text}`)
  return audit.deny(-EPERM, text, { access, scope: yama.scope, target: target.pid, agent: agent.pid })
}
