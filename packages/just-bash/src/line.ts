/** A command line as data, and the process of the shell that runs it. */
import type { Task } from '@lsmkit/core'
import { aString, instanceOf, plainOptions, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { Line, ShResult } from './interpreter.ts'
import type { Processes } from './processes.ts'
import type { Env, Spawned } from './shell-calls.ts'

export interface ShOptions {
  readonly env?: Env
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  /** Ends the line at its next statement, and `sh` rejects. */
  readonly signal?: AbortSignal
  /** `$1` and the rest. */
  readonly args?: readonly string[]
}

const shRules: OptionRules<ShOptions> = {
  env: recordOf(aString),
  cwd: aString,
  stdin: { is: (value) => typeof value === 'string' || value instanceof Uint8Array, what: 'a string or a Uint8Array' },
  signal: instanceOf(AbortSignal),
  args: { is: (value) => Array.isArray(value) && value.every((arg) => typeof arg === 'string'), what: 'strings' },
}

const HOME = { HOME: '/', PATH: '/usr/bin:/bin', SHELL: '/bin/bash' }

/** A line as data that was read once, and its signal. Throws OptionError. */
export const lineOf = (
  kernel: Kernel, task: Task, command: string, given: ShOptions,
): Line & { readonly signal: AbortSignal | undefined } => {
  const options = plainOptions(given, { takes: shRules }, 'sh')
  const { cwd = new TaskFiles(kernel, task).cwd(), stdin = '', args = [], signal } = options
  return { command, cwd, stdin, args, env: { ...HOME, ...options.env }, signal }
}

/** Starts the shell of a line, has it run by `run`, and leaves nothing of it. */
export const inShell = async <T extends ShResult>(
  processes: Processes, task: Task, line: Line, run: (root: Spawned) => Promise<T>,
): Promise<T | ShResult> => {
  const root = processes.start(task, ['bash', '-c', line.command, 'bash', ...line.args], line.env, line.cwd)
  if (!('pid' in root)) return { status: root.status, stdout: '', stderr: `sh: ${root.why}\n` }
  try {
    const ran = await run(root)
    processes.end(root.pid, ran.status)
    return ran
  } finally {
    processes.close()
  }
}
