/** Runs programs on a kernel: as a child of a task, or as the task itself. */
import { errnoName, WEXITSTATUS, WIFSIGNALED, WTERMSIG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'
import { asKilled } from './exit.ts'
import { defaultHost } from './host.ts'
import type { Ending } from './instance.ts'
import type { WasiKernel } from './kernel.ts'
import { Life } from './life.ts'
import type { WasiOptions, WasiResult } from './options.ts'
import { compileProgram, Program } from './program.ts'

/**
 * Runs a program as a child of `task` and waits for it: fork, execve when it is a path, exit, wait4. Whatever the
 * program does, its descriptors are closed and nothing of the child is left.
 *
 * Throws a ProgramError, before anything has happened, for a program from outside that cannot run; one out of the tree
 * that cannot run ends with status 126.
 */
export const runWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): WasiResult => {
  const outside = outsideProgram(options)
  const { sys, machine } = kernel
  const pid = sys.fork(task)
  if (pid < 0) return notForked(pid)
  const result = live(kernel, machine.tasks.findByVpid(pid) as Task, options, outside)
  sys.wait4(task, pid, ref(0), 0, null)
  return result
}

/** As runWasi, but `task` itself becomes the program and is gone afterwards; its parent has to wait for it. */
export const becomeWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): WasiResult =>
  live(kernel, task, options, outsideProgram(options))

/** A program that is not in the tree, compiled; null for a path. */
const outsideProgram = ({ program, limits = {} }: WasiOptions): Program | null => {
  if (typeof program === 'string') return null
  if (!(program instanceof WebAssembly.Module || program instanceof Program)) return compileProgram(program, limits)
  const built = program instanceof Program ? program : new Program(program)
  if ((limits.memory ?? Infinity) < built.memoryLimit || (limits.loops === true && !built.metered))
    throw new ProgramError(
      'unsupported-module', 'limits on memory and loops have to be built into the program',
      'give compileProgram the same limits',
    )
  return built
}

/** The whole life of a task as a program. */
const live = (kernel: WasiKernel, task: Task, options: WasiOptions, outside: Program | null): WasiResult => {
  const host = { ...defaultHost, ...options.host }
  const life = new Life(kernel, task, options, host, new Budget(options.limits ?? {}, host))
  const started = host.now()
  let ending: Ending
  let broken: unknown = null
  try {
    ending = outside === null ? life.execute(options.program as string) : life.run(outside)
  } catch (error) {
    broken = error
    ending = { kind: 'killed', ...asKilled(error) }
  }
  const reason = life.end(ending)
  if (broken instanceof ProgramError) throw broken
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
