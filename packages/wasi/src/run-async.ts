/**
 * Runs programs beside one another: one that has to wait lets the others go on, and may start more (`lsmkit_posix`).
 * The kernel stays in the caller's thread, and one program at a time makes a call.
 */
import { WNOHANG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { signalOf } from '@lsmkit/kernel'
import type { Machine } from '@lsmkit/kernel'
import { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { defaultHost } from './host.ts'
import type { Host } from './host.ts'
import { canSuspend, runSuspended } from './instance.ts'
import type { WasiKernel } from './kernel.ts'
import { Life } from './life.ts'
import type { Lifetime, Run, Wait } from './life.ts'
import { checkWasiOptions } from './options.ts'
import type { WasiOptions, WasiResult } from './options.ts'
import type { Posix } from './posix/posix.ts'
import type { Process } from './process.ts'
import { outsideProgram } from './outside.ts'
import { notForked, resultOf } from './result.ts'
import { waitsSuspended } from './waiting/suspended.ts'
import type { Answer } from './waiting/waits.ts'

/** A program that runs. */
export interface SpawnedWasi {
  readonly pid: number
  readonly task: Task
  /** When it has ended; what it started may still run. */
  readonly result: Promise<WasiResult>
}

/**
 * As runWasi, but other programs may run meanwhile: those of other calls, and those that the program starts. The
 * answer comes when the program has ended; programs it has left behind go on, and its descendants share its limits.
 *
 * Rejects as runWasi throws, and with `cannot-wait` where the engine has no way to suspend a program.
 */
export const runWasiAsync = async (kernel: WasiKernel, task: Task, options: WasiOptions): Promise<WasiResult> => {
  const spawned = spawnWasi(kernel, task, options)
  if ('status' in spawned) return spawned
  const result = await spawned.result
  kernel.sys.wait4(task, spawned.pid, ref(0), 0, null)
  return result
}

/** Starts a program as a child of `task`, which has to wait for it (wait4). A result, where there is no process. */
export const spawnWasi = (kernel: WasiKernel, task: Task, options: WasiOptions): SpawnedWasi | WasiResult => {
  checkWasiOptions(options, 'spawnWasi')
  const family = new Family(kernel, options)
  const outside = outsideProgram(options, true)
  const { sys, machine } = kernel
  const pid = sys.fork(task)
  if (pid < 0) return notForked(pid)
  const child = machine.as(task, () => machine.tasks.findByVpid(pid)) as Task
  const life = family.lifeOf(child, options)
  const lifetime = outside === null ? life.execute(options.program as string) : life.run(outside)
  return { pid, task: child, result: family.live(child, life, lifetime) }
}

/** A program with all that it starts, and they: they share its options and what it has of its limits. */
class Family implements Posix {
  private readonly kernel: WasiKernel
  private readonly options: WasiOptions
  private readonly host: Host
  private readonly budget: Budget

  constructor(kernel: WasiKernel, options: WasiOptions) {
    if (!canSuspend())
      throw new ProgramError(
        'cannot-wait', 'this engine cannot suspend programs, which those that wait for others need',
        'Node 24, or a browser with JavaScript promise integration',
      )
    this.kernel = kernel
    this.options = options
    this.host = { ...defaultHost, ...options.host }
    this.budget = new Budget(options.limits ?? {}, this.host)
    wakeTheDead(kernel.machine)
  }

  lifeOf(task: Task, options: WasiOptions): Life {
    const { kernel, host, budget } = this
    return new Life({ kernel, task, options, host, budget, waitsOf: waitsSuspended, posix: this })
  }

  begin(task: Task, parent: Process, rest: (() => number) | null): void {
    const { stdin: _in, stdout: _out, stderr: _err, ...options } = this.options
    const life = this.lifeOf(task, options)
    void this.live(task, life, life.goOnAs(parent, rest)).then(() => this.reapOrphan(task))
  }

  /** Process 1 runs no program that would wait for what is left to it. */
  private reapOrphan({ real_parent: parent, pid }: Task): void {
    const { sys, machine } = this.kernel
    if (parent !== null && machine.tasks.isGlobalInit(parent)) sys.wait4(parent, pid, ref(0), WNOHANG, null)
  }

  /** Never rejects. */
  async live(task: Task, life: Life, lifetime: Lifetime): Promise<WasiResult> {
    const { host, budget } = this
    const started = host.now()
    let ending: Ending
    try {
      ending = await drive(lifetime)
    } catch (error) {
      ending = endingOf(error)
    }
    const reason = life.end(ending)
    return resultOf(task, reason, { calls: budget.calls, output: budget.output, pages: life.pages,
      time: host.now() - started })
  }
}

/** Whoever has started the program goes on first. */
const drive = async (lifetime: Lifetime): Promise<Ending> => {
  await null
  let step = lifetime.next()
  while (step.done !== true) step = lifetime.next(await run(step.value))
  return step.value
}

const run = (one: Run | Wait): Promise<Ending> | Answer =>
  'program' in one ? runSuspended(one) : one.process.waits(one.call, (rc) => rc)

const awake = new WeakSet<Machine>()

/** A task that somebody else has ended learns of it where it waits. */
const wakeTheDead = (machine: Machine): void => {
  if (awake.has(machine)) return
  awake.add(machine)
  machine.onExit.push((task) => signalOf(task).wait_chldexit.wake())
}
