/** Runs programs on a kernel: as a child of a task, or as the task itself. */
import { errnoName, WEXITSTATUS, WIFSIGNALED, WTERMSIG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { defaultHost } from './host.ts'
import type { WasiKernel } from './kernel.ts'
import { Life } from './life.ts'
import { limitNumbers } from './limits.ts'
import type { Limits } from './limits.ts'
import { checkWasiOptions, maySyscall } from './options.ts'
import type { WasiOptions, WasiResult } from './options.ts'
import { compileProgram, Program } from './program.ts'
import { assertRunnable } from './runnable.ts'

/**
 * Runs a program as a child of `task` and waits for it: fork, execve when it is a path, exit, wait4. Whatever the
 * program does, its descriptors are closed and nothing of the child is left.
 *
 * Throws OptionError, and a ProgramError, before anything has happened, for a program from outside that cannot run; one
 * out of the tree that cannot run ends with status 126.
 */
export const runWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): WasiResult => {
  checkWasiOptions(options, 'runWasi')
  const outside = outsideProgram(options)
  const { sys, machine } = kernel
  const pid = sys.fork(task)
  if (pid < 0) return notForked(pid)
  try {
    return live(kernel, machine.tasks.findByVpid(pid) as Task, options, outside)
  } finally {
    sys.wait4(task, pid, ref(0), 0, null)
  }
}

/** As runWasi, but `task` itself becomes the program and is gone afterwards; its parent has to wait for it. */
export const becomeWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): WasiResult => {
  checkWasiOptions(options, 'becomeWasi')
  return live(kernel, task, options, outsideProgram(options))
}

/** A program that is not in the tree, compiled and looked over; null for a path. */
const outsideProgram = (options: WasiOptions): Program | null => {
  const { program, limits = {} } = options
  if (typeof program === 'string') return null
  const built = program instanceof Uint8Array ? compileProgram(program, limits) : compiledProgram(program, limits)
  assertRunnable(built.module, maySyscall(options))
  return built
}

const compiledProgram = (program: WebAssembly.Module | Program, limits: Limits): Program => {
  const { memory, tables, loops } = limitNumbers(limits)
  const compiled = program instanceof Program ? program : new Program(program)
  const { built, metered } = compiled
  if (memory < built.memory || tables < built.tables || (loops && !metered))
    throw new ProgramError(
      'unsupported-module', 'limits on memory, tables and loops have to be built into the program',
      'give compileProgram the same limits',
    )
  return compiled
}

/** The whole life of a task as a program. */
const live = (kernel: WasiKernel, task: Task, options: WasiOptions, outside: Program | null): WasiResult => {
  const host = { ...defaultHost, ...options.host }
  const limits = limitNumbers(options.limits ?? {})
  const life = new Life(kernel, task, options, host, new Budget(limits, host))
  const started = host.now()
  let ending: Ending
  try {
    ending = life.confine(limits) ??
      (outside === null ? life.execute(options.program as string) : life.run(outside))
  } catch (error) {
    ending = endingOf(error)
  }
  const reason = life.end(ending)
  const { calls, output } = life.budget
  const status = task.exit_code
  const signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0
  return {
    status: signal !== 0 ? 128 + signal : WEXITSTATUS(status),
    signal,
    reason,
    stats: { calls, output, pages: life.pages, time: host.now() - started },
  }
}

const notForked = (rc: number): WasiResult => ({
  status: 126, signal: 0, reason: `fork: ${errnoName(rc)}`, stats: { calls: 0, output: 0, pages: 0, time: 0 },
})
