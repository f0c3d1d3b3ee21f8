/** A box where its kernel is: the kernel, the task that its programs are children of, and what they were refused. */
import { AT_FDCWD, MNT_DETACH, O_DIRECTORY, O_PATH, PF_EXITING, S_IFDIR, S_IFMT, SIGKILL, WNOHANG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import { Kstat } from '@lsmkit/kernel'
import type { ExecImage, Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import { becomeWasiAsync, guestLimits, limitNumbers } from '@lsmkit/wasi'
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { Limits, WasiOptions, WindowSize } from '@lsmkit/wasi'
import { wholeAllow, widened } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import type { BoxPort, Running, RunSpec, RunStreams } from './box-port.ts'
import { keeperOf } from './confinement.ts'
import { denialOf } from './denials.ts'
import type { Denial, Permit } from './denial.ts'
import { addDevices } from './device-files.ts'
import type { AskDevice } from './devices.ts'
import { explanation } from './explain.ts'
import type { Explanation } from './explain.ts'
import { fsCalls, readsOnly } from './fs/fs-calls.ts'
import type { FsCall } from './fs/fs-calls.ts'
import { inputRules, taskRules } from './inside-box.ts'
import type { Inside, ProgramInput, ProgramOutput, TaskChoice } from './inside-box.ts'
import { setLabel } from './label.ts'
import { Moments } from './moments.ts'
import type { Moment } from './moments.ts'
import type { Policy, User } from './policy.ts'
import { compiled } from './programs.ts'
import { offTheClock, runClock } from './run-clock.ts'
import { SandboxError } from './sandbox-error.ts'
import { Seat } from './seat.ts'
import { openShell } from './shell.ts'
import type { Shell, ShellRun, ShellRunning, ShellSource, ShellSpec } from './shell.ts'
import { LineClock, withinOutput } from './shell-line.ts'
import { restoreSnapshot, takeSnapshot } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'
import { bootBox } from './stack.ts'
import type { MakeLsm } from './stack.ts'
import { pullSource, pushSink } from './streams.ts'
import { becomeUser, forked, hostHand, idsOf, must } from './subject.ts'
import type { Ids } from './subject.ts'
import { bootMounts, growTree, setAttributes } from './tree.ts'
import { Ear, watched } from './watched.ts'
import type { Refusal } from './watched.ts'
import { threadStarter } from './work-thread.ts'

export interface BoxSetup {
  /** Checked. */
  readonly policy: Policy
  readonly makers: readonly MakeLsm[]
  /** Whether guests run in workers of their own. */
  readonly waiting: 'suspended' | 'workers'
  readonly permits: readonly Permit[]
  readonly devices: readonly string[]
  readonly askDevice: AskDevice
  readonly shell: ShellSource | null
  readonly onDenial: (denial: Denial) => void
}

/** Moments before runs that were refused something, for `with`; the oldest go. */
const MOST_MOMENTS = 4

export class Box implements BoxPort {
  /** As programs get it. */
  private readonly kernel: Kernel
  /** For who works in it beside its programs. */
  readonly inside: Inside
  private readonly setup: BoxSetup
  private readonly allow: WholeAllow | null
  private readonly lsms: readonly string[]
  private readonly plain: Kernel
  private readonly ear: Ear
  private readonly hand: Task
  private keeper: Task
  /** Where file systems in memory lie. */
  private readonly roots: readonly string[]
  private lastRun = 0
  /** Runs by their tasks, and what each was refused. */
  private readonly runOf = new WeakMap<Task, number>()
  private readonly denials = new Map<number, Denial[]>()
  private readonly before = new Map<number, Moment>()
  private readonly running = new Set<Task>()
  private readonly moments = new Moments(() => this.copied())
  private shell: Promise<Shell> | null = null
  /** Of every run that says nothing else. */
  private limits: Limits | null = null
  /** Users by name, until files change; null where the host may change them as well. */
  private readonly users: Map<User, Ids> | null
  private isClosed = false

  static async open(setup: BoxSetup, from: Snapshot | null = null): Promise<Box> {
    const { policy } = setup
    // users of the tree are known once there is one: what is mounted belongs to one that every box knows
    const user = policy.user ?? 'guest'
    const ids = typeof user === 'number' ? { uid: user, gid: user } : GUEST
    return new Box(setup, await bootMounts(policy.mounts ?? {}, ids), from)
  }

  private constructor(setup: BoxSetup, mounts: Awaited<ReturnType<typeof bootMounts>>, from: Snapshot | null) {
    const { policy, makers } = setup
    this.setup = setup
    const isWhole = policy.allow !== undefined || makers.length === 0
    this.allow = isWhole ? wholeAllow(policy.allow ?? {}) : null
    this.ear = new Ear((refusal) => this.note(refusal))
    const { kernel, lsms } = bootBox(makers, isWhole, mounts, { ...guestLimits, ...policy.limits }, this.ear)
    this.plain = kernel
    this.lsms = lsms
    this.kernel = watched(kernel, this.ear, () => this.beforeChange())
    const { memory } = limitNumbers({ ...guestLimits, ...policy.limits })
    this.inside = {
      kernel: this.kernel, limits: { memory }, startThread: threadStarter(memory),
      end: (task, status) => this.end(task, status),
      task: (choice = {}) => {
        checkOptions(choice, taskRules, 'task')
        return this.task(choice)
      },
      runProgram: async (task, image, input) => {
        checkOptions(input, inputRules, 'runProgram')
        return this.runExecuted(task, image, input)
      },
    }
    this.roots = ['/', ...Object.entries(policy.mounts ?? {}).flatMap(([path, { kind }]) =>
      kind === 'memory' ? [path] : [])]
    this.users = Object.values(policy.mounts ?? {}).every(({ kind }) => kind === 'memory') ? new Map() : null
    const ids = idsOf(kernel, policy.user ?? 'guest')
    if (from !== null) restoreSnapshot(kernel, kernel.init, this.roots, from)
    addDevices(kernel, setup.devices, setup.askDevice)
    growTree(kernel, this.allow, ids)
    if (from === null) setAttributes(kernel, policy.attributes ?? {}, ids)
    this.hand = hostHand(kernel, ids)
    this.keeper = keeperOf(kernel, this.allow)
    kernel.machine.onFork.push((child, parent) => {
      const run = this.runOf.get(parent)
      if (run !== undefined) this.runOf.set(child, run)
    })
    const kept = this.keptDevices()
    kernel.machine.onAccess.push(({ i_sb }) => {
      if (kept.has(i_sb.s_dev)) this.beforeChange()
    })
    this.ear.forget()
  }

  private task(choice: TaskChoice): Task {
    this.assertOpen()
    const { user, label, cwd = '/', executes = false, run = 0 } = choice
    const { plain, setup: { policy } } = this
    const task = forked(plain, this.keeper)
    this.runOf.set(task, run)
    try {
      const wanted = label ?? policy.label
      if (wanted !== undefined && wanted !== null) setLabel(plain, task, wanted, executes)
      becomeUser(plain, task, this.idsOf(user ?? policy.user ?? 'guest'))
      this.changeDirectory(task, cwd)
    } catch (error) {
      this.end(task)
      throw error
    } finally {
      this.ear.forget()
    }
    return task
  }

  private end(task: Task, status = 0): void {
    const { sys } = this.plain
    if ((task.flags & PF_EXITING) === 0) sys.exit_group(task, status)
    // the keeper, unless a later one has taken its place
    sys.wait4(task.real_parent ?? this.keeper, task.pid, ref(0), WNOHANG, null)
    this.ear.forget()
  }

  run(spec: RunSpec, streams: RunStreams): Running {
    this.assertOpen()
    const [run, moment] = this.beginRun()
    const stop = { isOver: false }
    let task: Task
    let options: WasiOptions
    let seat: Seat | null
    try {
      options = this.optionsOf(spec, streams, stop)
      task = this.task({
        user: spec.user ?? undefined, label: spec.label ?? undefined, cwd: spec.cwd,
        executes: typeof spec.program === 'string', run,
      })
      seat = spec.terminal === null ? null : this.seatOf(task, spec.terminal, options, streams)
    } catch (error) {
      this.taken(run, moment)
      throw error
    }
    this.running.add(task)
    const end = becomeWasiAsync(this.kernel, task, options)
      .finally(async () => {
        stop.isOver = true
        this.running.delete(task)
        this.end(task)
        await seat?.close()
      })
      .then((ended) => ({ run, ...(seat === null ? ended : seat.ended(ended)) }))
      .then((ended) => ({ ...ended, denials: this.taken(run, moment) }), (error: unknown) => {
        this.taken(run, moment)
        throw error
      })
    return { end, kill: (signal) => this.kill(task, signal), resize: (size) => seat?.resize(size) }
  }

  /** What a shell's child has executed. */
  private async runExecuted(task: Task, image: ExecImage, input: ProgramInput): Promise<ProgramOutput> {
    const { stdin, env, cwd, signal } = input
    if (image.kind !== 'wasm') {
      const stderr = encoder.encode(`${image.argv[0]}: cannot be executed\n`)
      return { status: 126, stdout: new Uint8Array(0), stderr }
    }
    const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
    const stop = { isOver: false }
    let rest: Uint8Array | null = stdin
    const options = this.optionsOf({
      program: image.bytes, argv: image.argv, env, cwd, user: null, label: null, limits: {}, posix: true,
      syscalls: false, tty: false, terminal: null,
    }, {
      pull: async () => {
        const next = rest
        rest = null
        return next
      },
      push: async (to, bytes) => void parts[to].push(bytes.slice()),
    }, stop)
    const kill = (): void => this.kill(task, SIGKILL)
    signal?.addEventListener('abort', kill)
    try {
      const { status, reason } = await becomeWasiAsync(this.kernel, task, options)
      if (reason !== '') parts.stderr.push(encoder.encode(`${image.argv[0]}: ${reason}\n`))
      return { status, stdout: joined(parts.stdout), stderr: joined(parts.stderr) }
    } finally {
      stop.isOver = true
      signal?.removeEventListener('abort', kill)
    }
  }

  readonly fs: FsCall = async (method, ...args) => {
    this.assertOpen()
    if (!readsOnly.has(method)) this.beforeChange()
    const call = fsCalls(new TaskFiles(this.plain, this.hand))[method] as (...args: readonly unknown[]) => unknown
    try {
      return call(...args) as never
    } finally {
      this.ear.forget()
    }
  }

  explain = async (): Promise<Explanation> =>
    explanation(this.setup.policy, this.allow, this.lsms, this.setup.permits)

  async snapshot(): Promise<Snapshot> {
    this.assertOpen()
    return this.copied()
  }

  /** The plain way: all that lies in memory, at once. */
  private copied(): Snapshot {
    return offTheClock(() => this.ear.quietly(() => takeSnapshot(this.plain, this.hand, this.roots)))
  }

  async restore(snapshot: Snapshot): Promise<void> {
    this.assertOpen()
    this.beforeChange()
    restoreSnapshot(this.plain, this.plain.init, this.roots, snapshot)
    growTree(this.plain, this.allow, idsOf(this.plain, this.setup.policy.user ?? 'guest'))
    // rules lie on inodes, some of which are new
    const old = this.keeper
    this.keeper = keeperOf(this.plain, this.allow)
    this.plain.sys.exit_group(old, 0)
    this.plain.sys.wait4(this.plain.init, old.pid, ref(0), WNOHANG, null)
    this.ear.forget()
  }

  async with(permit: Permit, onDenial: (denial: Denial) => void): Promise<Box> {
    this.assertOpen()
    const moment = permit.run === 0 ? null : this.before.get(permit.run)
    if (moment === undefined) {
      throw new SandboxError('not-there', `the files of before run ${permit.run} are not kept any more`, {
        place: 'permit', hint: `those of the last ${MOST_MOMENTS} runs that were refused something are`,
      })
    }
    const snapshot = moment === null ? this.copied() : this.moments.snapshotOf(moment)
    const { policy, permits } = this.setup
    const wider = { ...policy, allow: widened(this.allow ?? {}, permit.allow) }
    return Box.open({ ...this.setup, policy: wider, permits: [...permits, permit], onDenial }, snapshot)
  }

  sh(command: string, spec: ShellSpec): ShellRunning {
    const limits = limitNumbers({ ...guestLimits, ...this.setup.policy.limits })
    const clock = new LineClock(limits.time)
    return { end: this.line(command, spec, clock, limits), stop: clock.stop }
  }

  private async line(command: string, spec: ShellSpec, clock: LineClock, limits: LimitNumbers): Promise<ShellRun> {
    this.assertOpen()
    const { shell: source } = this.setup
    if (source === null) {
      throw new SandboxError('not-there', 'the box has no shell', { hint: 'createSandbox({ shell: bash() })' })
    }
    const shell = await (this.shell ??= openShell(source, this.inside))
    this.assertOpen()
    const [run, moment] = this.beginRun()
    try {
      const request = { cwd: '/', ...spec, run, signal: clock.signal, onStart: clock.begin }
      const end = withinOutput(await clock.ended(shell.sh(command, request)), limits)
      return { reason: '', ...end, run, denials: this.taken(run, moment) }
    } catch (error) {
      this.taken(run, moment)
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    for (const task of this.running) this.kill(task, SIGKILL)
    if (this.shell !== null) (await this.shell).close?.()
    // what host folders hold of the host's descriptors goes with the mounts
    for (const path of Object.keys(this.setup.policy.mounts ?? {}).toReversed()) {
      this.plain.sys.umount2(this.plain.init, path, MNT_DETACH)
    }
    this.plain.sys.exit_group(this.keeper, 0)
    this.plain.machine.runRcu()
  }

  private beginRun(): [run: number, before: Moment] {
    const run = ++this.lastRun
    this.denials.set(run, [])
    return [run, this.moments.hold()]
  }

  private kill(task: Task, signal: number): void {
    const { machine } = this.plain
    machine.signals.send_kernel(signal, task, 'process')
    // one that computes makes no call at which it would take the signal
    if (signal !== SIGKILL || (task.flags & PF_EXITING) !== 0) return
    machine.exits.dieOf(task, signal, false)
    machine.runRcu()
  }

  private assertOpen(): void {
    if (this.isClosed) throw new SandboxError('closed', 'the box is closed')
  }

  private note(refusal: Refusal): void {
    const { task, call } = refusal
    const run = this.runOf.get(task)
    if (run === undefined) return
    const denial = denialOf(refusal, {
      run, allow: this.allow, isThere: (path) => this.plain.sys.lstat(this.hand, path, new Kstat()) === 0,
    })
    const known = this.denials.get(run)
    // a program that asks again and again is told of once
    if (known?.some(({ sentence, call: other }) => sentence === denial.sentence && other === call)) return
    known?.push(denial)
    this.setup.onDenial(denial)
  }

  /** What the run was refused; the moment before it is kept where that was something. */
  private taken(run: number, moment: Moment): Denial[] {
    const denials = this.denials.get(run) ?? []
    this.denials.delete(run)
    if (denials.length === 0) {
      this.moments.drop(moment)
      return denials
    }
    this.before.set(run, moment)
    const [oldest] = this.before
    if (this.before.size > MOST_MOMENTS && oldest !== undefined) {
      this.before.delete(oldest[0])
      this.moments.drop(oldest[1])
    }
    return denials
  }

  private beforeChange(): void {
    this.users?.clear()
    this.moments.beforeChange()
  }

  private idsOf(user: User): Ids {
    const known = this.users?.get(user)
    if (known !== undefined) return known
    const ids = idsOf(this.plain, user)
    this.users?.set(user, ids)
    return ids
  }

  /** Devices of the file systems that lie in memory. */
  private keptDevices(): ReadonlySet<number> {
    const stat = new Kstat()
    return new Set(this.roots.map((root) => {
      must(this.plain.sys.lstat(this.hand, root, stat), root)
      return stat.dev
    }))
  }

  private changeDirectory(task: Task, cwd: string): void {
    const rc = this.plain.sys.chdir(task, cwd)
    if (rc < 0) throw new SandboxError('bad-tree', `\`${cwd}\` cannot be the working directory`, { place: 'cwd' })
  }

  private optionsOf(spec: RunSpec, streams: RunStreams, stop: { isOver: boolean }): WasiOptions {
    const { policy, waiting } = this.setup
    // a guest in a thread of its own is ended with it, whatever it computes
    const own = waiting === 'workers' ? { ...guestLimits, loops: false } : guestLimits
    this.limits ??= limitNumbers({ ...own, ...policy.limits })
    const limits = { ...this.limits, ...spec.limits }
    return {
      program: typeof spec.program === 'string' ? spec.program : compiled(spec.program, limits, waiting),
      argv: spec.argv, env: { ...policy.env, ...spec.env },
      ...(spec.terminal === null ? {
        stdin: pullSource(streams.pull, stop),
        stdout: pushSink((bytes) => streams.push('stdout', bytes)),
        stderr: pushSink((bytes) => streams.push('stderr', bytes)),
      } : {}),
      tty: spec.tty, preopens: this.preopens(spec.cwd), posix: spec.posix, syscalls: spec.syscalls, waiting, limits,
      host: { now: runClock },
    }
  }

  /** The streams as a terminal of the task's. Whoever cannot have one is ended. */
  private seatOf(task: Task, size: WindowSize, { limits = {} }: WasiOptions, streams: RunStreams): Seat {
    try {
      return new Seat(this.plain, task, size, limitNumbers(limits).output, streams)
    } catch (error) {
      this.end(task)
      throw error
    } finally {
      this.ear.forget()
    }
  }

  /** `.` is where the program begins; libc takes the longest name that fits, so the rest is named by its tops. */
  private preopens(cwd: string): Record<string, string> {
    if (cwd === '/') return { '/': '/' }
    const { plain: { sys, init }, hand } = this
    const fs = new TaskFiles(this.plain, hand)
    const stat = new Kstat()
    const tops = fs.readdir('/').filter(({ name }) =>
      sys.stat(init, `/${name}`, stat) === 0 && (stat.mode & S_IFMT) === S_IFDIR &&
      this.canOpen(`/${name}`)).map(({ name }) => [`/${name}`, `/${name}`] as const)
    return { ...Object.fromEntries(tops), '.': cwd }
  }

  private canOpen(path: string): boolean {
    const { sys } = this.plain
    const fd = sys.openat(this.hand, AT_FDCWD, path, O_PATH | O_DIRECTORY, 0)
    if (fd >= 0) sys.close(this.hand, fd)
    return fd >= 0
  }
}

const GUEST = { uid: 1000, gid: 1000 }
const encoder = new TextEncoder()

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
