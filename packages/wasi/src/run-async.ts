/**
 * Runs programs beside one another: one that has to wait lets the others go on, and may start more (`lsmkit_posix`).
 * The kernel stays in the caller's thread, and one program at a time makes a call.
 */
import { EXIT_ZOMBIE, PF_EXITING, WNOHANG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { signalOf } from '@lsmkit/kernel/boot'
import type { Machine } from '@lsmkit/kernel'
import { Budget } from './budget.ts'
import { ComponentProgram } from './component-program.ts'
import type { Descriptors } from './descriptors.ts'
import { componentInWorker } from './component/run-in-worker.ts'
import { ProgramError } from './errors.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { defaultHost } from './host.ts'
import type { Host } from './host.ts'
import { canSuspend, runSuspended } from './instance.ts'
import type { WasiKernel } from './kernel.ts'
import { Life } from './life.ts'
import type { Lifetime, Run, Wait } from './life.ts'
import { limitNumbers } from './limits.ts'
import type { LimitNumbers } from './limits.ts'
import { checkWasiOptions } from './options.ts'
import type { WasiOptions, WasiResult } from './options.ts'
import type { Posix } from './posix/posix.ts'
import { outsideProgram } from './outside.ts'
import type { Program } from './program.ts'
import { notForked, resultOf } from './result.ts'
import { isRuby } from './ruby/driver.ts'
import { waitsSuspended } from './waiting/suspended.ts'
import { TURN_STRIDE } from './waiting/turns.ts'
import { runInWorker } from './workers/run.ts'
import { canWork } from './workers/workers.ts'

/** A program that runs. */
export interface SpawnedWasi {
  readonly pid: number
  readonly task: Task
  /** When it has ended; processes that it started may still run. */
  readonly result: Promise<WasiResult>
}

/**
 * As runWasi, but other programs may run meanwhile: those of other calls, and those that the program starts. The
 * answer comes when the program has ended; programs it has left behind go on, and its descendants share its limits.
 *
 * Rejects as runWasi throws, and with `cannot-wait` where the engine has no way to suspend a program.
 */
export const runWasiAsync = async (kernel: WasiKernel, task: Task, options: WasiOptions): Promise<WasiResult> => {
  checkWasiOptions(options, 'runWasiAsync')
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
  const outside = outsideProgram(options, family.budget, true, family.inWorkers)
  const { sys, machine } = kernel
  const pid = sys.fork(task)
  if (pid < 0) return notForked(pid)
  const child = machine.as(task, () => machine.tasks.findByVpid(pid)) as Task
  return { pid, task: child, result: family.found(child, outside) }
}

/** As runWasiAsync, but `task` itself becomes the program and is gone afterwards; its parent has to wait for it. */
export const becomeWasiAsync = async (kernel: WasiKernel, task: Task, options: WasiOptions): Promise<WasiResult> => {
  checkWasiOptions(options, 'becomeWasiAsync')
  const family = new Family(kernel, options)
  return family.found(task, outsideProgram(options, family.budget, true, family.inWorkers))
}

/** Throws `cannot-wait` for an engine that has neither, or not what is asked for. */
const waitingOf = ({ waiting }: WasiOptions): 'suspended' | 'workers' => {
  if (waiting !== 'workers' && canSuspend()) return 'suspended'
  if (waiting !== 'suspended' && canWork()) return 'workers'
  throw new ProgramError(
    'cannot-wait', 'programs that wait for others need JavaScript promise integration, or workers with shared memory',
    'Node 20 has the second, Node 24 both; a browser shares memory with a page that is cross-origin isolated',
  )
}

/** A program with all that it starts, and they: they share its options and what it has of its limits. */
class Family implements Posix {
  readonly #kernel: WasiKernel
  readonly #options: WasiOptions
  readonly #host: Host
  readonly inWorkers: boolean
  readonly #limits: LimitNumbers
  readonly budget: Budget
  /** Programs that run. */
  #living = 0
  /** What they have started and somebody may have to wait for. */
  readonly #started = new Set<Task>()
  /** The first of them. */
  #founder: Life | null = null

  constructor(kernel: WasiKernel, options: WasiOptions) {
    this.inWorkers = waitingOf(options) === 'workers'
    this.#kernel = kernel
    this.#options = options
    this.#host = { ...defaultHost, ...options.host }
    this.#limits = limitNumbers(options.limits ?? {})
    this.budget = new Budget(this.#limits, this.#host, TURN_STRIDE)
    wakeTheDead(kernel.machine)
  }

  /** The first program. */
  found(task: Task, outside: Program | null): Promise<WasiResult> {
    const life = this.#lifeOf(task, this.#options)
    this.#founder = life
    const refused = life.confine(this.#limits)
    const { program } = this.#options
    const lifetime = outside === null ? life.execute(program as string) : life.run(outside)
    return this.#live(task, life, refused, lifetime)
  }

  #lifeOf(task: Task, options: WasiOptions): Life {
    const { budget } = this
    const kernel = this.#kernel
    const host = this.#host
    return new Life({ kernel, task, options, host, budget, waitsOf: waitsSuspended, entry: 'command',
      shared: this.inWorkers, posix: this })
  }

  begin(task: Task, descriptors: Descriptors, rest: (() => number) | null): void {
    const { stdin: _in, stdout: _out, stderr: _err, request: _request, ...options } = this.#options
    const life = this.#lifeOf(task, options)
    this.#started.add(task)
    void this.#live(task, life, null, life.goOnWith(descriptors, rest))
  }

  /** Process 1 runs no program that would wait for what is left to it. */
  #reapOrphans(): void {
    const { sys, machine } = this.#kernel
    for (const task of this.#started) {
      if ((task.flags & PF_EXITING) === 0) continue
      const { real_parent: parent, exit_state, pid } = task
      const isLeft = parent !== null && machine.tasks.isGlobalInit(parent)
      if (isLeft) sys.wait4(parent, pid, ref(0), WNOHANG, null)
      if (isLeft || exit_state !== EXIT_ZOMBIE) this.#started.delete(task)
    }
  }

  /** Ruby is on the kernel's thread in either case, and a component that was compiled for it. */
  #run(run: Run): Promise<Ending> {
    const { program } = run
    if (!this.inWorkers || isRuby(program)) return runSuspended(run)
    if (!(program instanceof ComponentProgram)) return runInWorker(run)
    return !program.built.shared ? runSuspended(run) : componentInWorker(run)
  }

  /** Never rejects. `refused`: how it ends because it cannot begin. */
  async #live(task: Task, life: Life, refused: Ending | null, lifetime: Lifetime): Promise<WasiResult> {
    const { budget } = this
    this.#living++
    let ending: Ending
    try {
      ending = refused ?? await drive(lifetime, (run) => this.#run(run))
    } catch (error) {
      ending = endingOf(error)
    }
    const reason = life.end(ending)
    this.#reapOrphans()
    if (--this.#living === 0) this.#founder?.release()
    return resultOf(task, reason, { calls: budget.calls, output: budget.output, pages: life.pages,
      time: budget.spent }, life.exchange)
  }
}

/** Whoever has started the program goes on first. */
const drive = async (lifetime: Lifetime, runOne: (run: Run) => Promise<Ending>): Promise<Ending> => {
  await Promise.resolve()
  let step = lifetime.next()
  while (step.done !== true)
    step = lifetime.next(await ('program' in step.value ? runOne(step.value) : waitFor(step.value)))
  return step.value
}

const waitFor = async ({ process, call }: Wait): Promise<Ending | number> => {
  try {
    return await process.waits(call, (rc) => rc)
  } catch (error) {
    return process.ending ?? endingOf(error)
  }
}

const awake = new WeakSet<Machine>()

/** A task that somebody else has ended learns of it where it waits. */
const wakeTheDead = (machine: Machine): void => {
  if (awake.has(machine)) return
  awake.add(machine)
  machine.onExit.push((task) => signalOf(task).wait_chldexit.wake())
}
