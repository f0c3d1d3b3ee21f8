/** A child that executes a program: fork, execve as execvp looks for it, and the end that its parent waits for. */
import { EACCES, EAGAIN, ENOENT, ENOTDIR, errnoName, PF_EXITING } from '@lsmkit/abi'
import type { Ref, Task } from '@lsmkit/core'
import type { ExecImage, Kernel } from '@lsmkit/kernel'

export interface Executed {
  readonly task: Task
  readonly image: ExecImage
}

/** Why there is no child: what a shell exits with, and what it says. */
export interface NotExecuted {
  readonly status: number
  readonly why: string
}

const NOT_FOUND = 127
const NOT_EXECUTED = 126
const DEFAULT_PATH = '/usr/bin:/bin'

const words: Readonly<Record<number, string>> = {
  [-ENOENT]: 'command not found', [-EACCES]: 'Permission denied', [-EAGAIN]: 'Resource temporarily unavailable',
}
const reason = (rc: number): string => words[rc] ?? errnoName(rc)

const imageOf = (task: Task): ExecImage => (task.thread as { image: ExecImage }).image

/** As execvp: the first that can be executed; one that is there and may not be counts when none can. */
const execvp = (
  { sys }: Kernel, task: Task, argv: readonly string[], env: Readonly<Record<string, string>>,
): number => {
  const [name = ''] = argv
  const envp = Object.entries(env).map(([key, value]) => `${key}=${value}`)
  const dirs = name.includes('/') ? [''] : (env['PATH'] ?? DEFAULT_PATH).split(':').map((dir) => `${dir || '.'}/`)
  let found = -ENOENT
  for (const dir of dirs) {
    const rc = sys.execve(task, `${dir}${name}`, argv, envp)
    if (rc === 0) return 0
    if (rc !== -ENOENT && rc !== -ENOTDIR) found = rc
    if (rc !== -ENOENT && rc !== -ENOTDIR && rc !== -EACCES) return rc
  }
  return found
}

export const spawn = (
  kernel: Kernel, parent: Task, argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string,
): Executed | NotExecuted => {
  const { sys, machine } = kernel
  const pid = sys.fork(parent)
  if (pid < 0) return { status: NOT_EXECUTED, why: `fork: ${reason(pid)}` }
  const task = machine.tasks.findByVpid(pid) as Task
  sys.chdir(task, cwd)
  const rc = execvp(kernel, task, argv, env)
  if (rc === 0) return { task, image: imageOf(task) }
  end(kernel, task, NOT_EXECUTED)
  return { status: rc === -ENOENT ? NOT_FOUND : NOT_EXECUTED, why: `${argv[0]}: ${reason(rc)}` }
}

/**
 * Nothing of the child is left; returns its exit status, or 128 plus the signal that ended it. Its parent is another by
 * now where it has been left behind, as by `timeout`.
 */
export const end = ({ sys }: Kernel, task: Task, status: number): number => {
  const code: Ref<number> = { value: 0 }
  if ((task.flags & PF_EXITING) === 0) sys.exit_group(task, status)
  if (task.real_parent !== null) sys.wait4(task.real_parent, task.pid, code, 0, null)
  const signal = code.value & 0x7f
  return signal === 0 ? (code.value >> 8) & 0xff : 128 + signal
}
