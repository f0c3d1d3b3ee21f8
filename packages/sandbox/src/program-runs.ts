/** Runs of programs: each is a task of its own, with streams or a terminal, until it ends or is killed. */
import { SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { killTask } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import type { WasiOptions, WindowSize } from '@lsmkit/wasi'
import { limitNumbers } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import type { Activity } from './activity.ts'
import type { Running, RunSpec, RunStreams } from './box-port.ts'
import type { BoxTasks } from './box-tasks.ts'
import type { DenialCollector } from './denial-collector.ts'
import { givenOver } from './given-over.ts'
import type { GuestOptions } from './guest-options.ts'
import type { HostTraffic } from './hosts/account.ts'
import type { BoxHosts } from './hosts/box-hosts.ts'
import type { LateFiles } from './late-files/late-files.ts'
import { keepCode } from './kernels/keep-code.ts'
import { lateRun } from './late-run.ts'
import { isHostLoaded, loadProgramsHost, programsHost } from './programs-host.ts'
import type { Refusals } from './refusals.ts'
import { RunTerminal } from './run-terminal.ts'

export interface ProgramRunsOf {
  /** As programs get it. */
  readonly kernel: Kernel
  readonly plain: Kernel
  readonly hostTask: Task
  readonly options: GuestOptions
  /** Workers that are to wait for the next program. */
  readonly spare: number
  /** Of a run that gives no limits. */
  readonly limits: Limits
  readonly tasks: BoxTasks
  readonly hosts: BoxHosts
  readonly late: LateFiles
  readonly refusals: Refusals
  readonly denialCollector: DenialCollector
  readonly activity: Activity
}

export class ProgramRuns {
  readonly #of: ProgramRunsOf

  constructor(of: ProgramRunsOf) {
    this.#of = of
  }

  run(spec: RunSpec, streams: RunStreams): Running {
    const { activity, late, hostTask } = this.#of
    activity.assertOpen()
    const begin = (): Running => this.#begin(spec, streams)
    const arrival = typeof spec.program === 'string' ? late.arrival(hostTask, spec.program) : null
    if (isHostLoaded() && arrival === null) return begin()
    return lateRun(Promise.all([loadProgramsHost(), arrival]), begin)
  }

  /** Kills all programs that run. */
  kill(): void {
    for (const task of this.#of.activity.tasks) killTask(this.#of.plain, task, SIGKILL)
  }

  #begin(spec: RunSpec, streams: RunStreams): Running {
    const { kernel, plain, limits, spare, tasks, hosts, refusals, activity } = this.#of
    activity.assertOpen()
    if (spare > 0) programsHost().keepWorkers(spare)
    const [run, moment] = refusals.begin()
    const stop = { isOver: false }
    let task: Task
    let options: WasiOptions
    let terminal: RunTerminal | null
    try {
      options = this.#of.options.of(spec, streams, stop)
      task = tasks.make({
        user: spec.user ?? undefined, label: spec.label ?? undefined, role: spec.role, cwd: spec.cwd,
        executes: typeof spec.program === 'string', run,
      })
      terminal = spec.terminal === null ? null : this.#terminalOf(task, spec.terminal, options, streams)
    } catch (error) {
      refusals.taken(run, moment)
      throw error
    }
    activity.tasks.add(task)
    hosts.begin(run, limitNumbers(givenOver(limits, spec.limits)))
    let connections: readonly HostTraffic[] = []
    const end = programsHost().becomeWasiAsync(kernel, task, options)
      .finally(async () => {
        stop.isOver = true
        activity.tasks.delete(task)
        connections = hosts.end(run)
        tasks.end(task)
        await terminal?.close()
        keepCode('run')
      })
      .then((ended) => ({ run, ...(terminal === null ? ended : terminal.ended(ended)) }))
      .then((ended) => ({ ...ended, connections, ...refusals.taken(run, moment) }), (error: unknown) => {
        refusals.taken(run, moment)
        throw error
      })
    return { end, kill: (signal) => killTask(plain, task, signal), resize: (size) => terminal?.resize(size) }
  }

  /** The streams as a terminal of the task's. A task that cannot have one is ended. */
  #terminalOf(task: Task, size: WindowSize, { limits = {} }: WasiOptions, streams: RunStreams): RunTerminal {
    const { plain, tasks, denialCollector } = this.#of
    try {
      return new RunTerminal(plain, task, size, limitNumbers(limits).output, streams)
    } catch (error) {
      tasks.end(task)
      throw error
    } finally {
      denialCollector.dropPending()
    }
  }
}
