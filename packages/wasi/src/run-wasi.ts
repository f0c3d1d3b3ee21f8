/** Runs programs on a kernel: as a child of a task, or as the task itself. */
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { Budget } from './budget.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { defaultHost } from './host.ts'
import type { Host } from './host.ts'
import { runHere } from './instance.ts'
import type { WasiKernel } from './kernel.ts'
import { Life } from './life.ts'
import type { Lifetime, Run } from './life.ts'
import { limitNumbers } from './limits.ts'
import type { LimitNumbers } from './limits.ts'
import { checkKeepingOptions } from './options.ts'
import type { WasiOptions, WasiResult } from './options.ts'
import { outsideProgram } from './outside.ts'
import type { Program } from './program.ts'
import { notForked, resultOf } from './result.ts'
import { waitsHere } from './waiting/waits.ts'

/**
 * Runs a program as a child of `task` and waits for it: fork, execve when it is a path, exit, wait4. In every case, its
 * descriptors are closed and nothing of the child is left.
 *
 * Throws OptionError, and a ProgramError, before anything has happened, for a program from outside that cannot run; one
 * out of the tree that cannot run ends with status 126.
 */
export const runWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): WasiResult => {
  checkKeepingOptions(options, 'runWasi')
  const budgeted = budgetOf(options)
  const outside = outsideProgram(options, budgeted.budget, false)
  const { sys, machine } = kernel
  const pid = sys.fork(task)
  if (pid < 0) return notForked(pid)
  try {
    return live(kernel, machine.tasks.findByVpid(pid) as Task, options, budgeted, outside)
  } finally {
    sys.wait4(task, pid, ref(0), 0, null)
  }
}

/** As runWasi, but `task` itself becomes the program and is gone afterwards; its parent has to wait for it. */
export const becomeWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): WasiResult => {
  checkKeepingOptions(options, 'becomeWasi')
  const budgeted = budgetOf(options)
  return live(kernel, task, options, budgeted, outsideProgram(options, budgeted.budget, false))
}

interface Budgeted {
  readonly host: Host
  readonly limits: LimitNumbers
  readonly budget: Budget
}

/** Its time begins. */
const budgetOf = (options: WasiOptions): Budgeted => {
  const host = { ...defaultHost, ...options.host }
  const limits = limitNumbers(options.limits ?? {})
  return { host, limits, budget: new Budget(limits, host) }
}

/** The whole life of a task as a program. */
const live = (
  kernel: WasiKernel, task: Task, options: WasiOptions, { host, limits, budget }: Budgeted, outside: Program | null,
): WasiResult => {
  const life = new Life({ kernel, task, options, host, budget, waitsOf: waitsHere, entry: 'command', shared: false,
    posix: null })
  let ending: Ending
  try {
    ending = life.confine(limits) ??
      drive(outside === null ? life.execute(options.program as string) : life.run(outside))
  } catch (error) {
    ending = endingOf(error)
  }
  const reason = life.end(ending)
  life.release()
  return resultOf(task, reason, { calls: budget.calls, output: budget.output, pages: life.pages,
    time: budget.spent }, life.exchange)
}

/** Nobody waits here before it runs. */
const drive = (lifetime: Lifetime): Ending => {
  let step = lifetime.next()
  while (step.done !== true) step = lifetime.next(runHere(step.value as Run))
  return step.value
}
