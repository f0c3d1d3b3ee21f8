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
import type { Allow, WholeAllow } from './allow.ts'
import type { BoxPort, Running, RunRefusals, RunSpec, RunStreams } from './box-port.ts'
import { confinedParentOf } from './confinement.ts'
import { denialOf } from './denials.ts'
import type { DenialContext } from './denials.ts'
import type { Denial, Permit } from './denial.ts'
import { addDevices } from './device-files.ts'
import type { AskDevice } from './devices.ts'
import { explanation } from './explain.ts'
import type { Explanation } from './explain.ts'
import { BoxFiles, callAs } from './fs/box-files.ts'
import { readsOnly } from './fs/fs-calls.ts'
import type { FsCall, FsMethod } from './fs/fs-calls.ts'
import { inputRules, taskRules } from './inside-box.ts'
import type { Inside, ProgramInput, ProgramOutput, TaskChoice } from './inside-box.ts'
import { setLabel } from './label.ts'
import { Moments } from './moments.ts'
import type { Moment } from './moments.ts'
import type { InodeNumbers, LinkGuard } from './names/link-guard.ts'
import { gone, NamedPlaces } from './names/named-places.ts'
import { Reach } from './names/reach.ts'
import { checkRestorable, restorePlaces } from './names/restored-places.ts'
import { Users } from './names/users.ts'
import { wayOf } from './names/walk-name.ts'
import type { Policy, User } from './policy.ts'
import { compiled } from './programs.ts'
import { RunDenials } from './run-denials.ts'
import { withClockStopped, runClock } from './run-clock.ts'
import { SandboxError } from './sandbox-error.ts'
import { RunTerminal } from './run-terminal.ts'
import { openShell } from './shell.ts'
import type { Shell, ShellRun, ShellRunning, ShellSource, ShellSpec } from './shell.ts'
import { LineClock, withinOutput } from './shell-line.ts'
import { checkSnapshot } from './snapshot-rules.ts'
import { restoreSnapshot, takeSnapshot } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'
import { bootBox } from './stack.ts'
import type { MakeLsm } from './stack.ts'
import { pullSource, pushSink } from './streams.ts'
import { becomeUser, forked, hostTaskOf, must } from './subject.ts'
import type { Ids } from './subject.ts'
import { bootMounts, findPlaces, growTree, setAttributes } from './tree.ts'
import type { Naming } from './tree.ts'
import { watched } from './denial-collector.ts'
import type { DenialCollector, Refusal } from './denial-collector.ts'
import { threadStarter } from './work-thread.ts'

/** What a box goes on from that comes of another one. */
interface Origin {
  readonly snapshot: Snapshot
  readonly users: ReadonlyMap<string, Ids>
  /** As `folders` of the box. */
  readonly folders: ReadonlyMap<string, InodeNumbers>
}

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
  private readonly denialCollector: DenialCollector
  private readonly hostTask: Task
  private confinedParent: Task
  /** Where file systems in memory lie. */
  private readonly roots: readonly string[]
  private lastRun = 0
  /** Runs by their tasks, and what each was refused. */
  private readonly runOf = new WeakMap<Task, number>()
  private readonly denials = new Map<number, RunDenials>()
  private readonly before = new Map<number, Moment>()
  private readonly running = new Set<Task>()
  private readonly moments = new Moments(() => this.copied())
  private shell: Promise<Shell> | null = null
  /** Of every run that says nothing else. */
  private limits: Limits | null = null
  private readonly guard: LinkGuard
  private readonly places: NamedPlaces
  private readonly reach: Reach
  private readonly users: Users
  private readonly files: BoxFiles
  /** The roots of folders of the host, by where they are mounted. */
  private readonly folders: ReadonlyMap<string, InodeNumbers>
  private isClosed = false

  static async open(setup: BoxSetup, from: Origin | null = null): Promise<Box> {
    const { policy } = setup
    // users of the tree are known once there is one: what is mounted belongs to one that every box knows
    const user = policy.user ?? 'guest'
    const ids = typeof user === 'number' ? { uid: user, gid: user } : GUEST
    return new Box(setup, await bootMounts(policy.mounts ?? {}, ids), from)
  }

  private constructor(setup: BoxSetup, mounts: Awaited<ReturnType<typeof bootMounts>>, from: Origin | null) {
    const { policy, makers } = setup
    this.setup = setup
    const isWhole = policy.allow !== undefined || makers.length === 0
    const allow = isWhole ? wholeAllow(policy.allow ?? {}) : null
    this.allow = allow
    const limits = { ...guestLimits, ...policy.limits }
    const { kernel, lsms, denialCollector } = bootBox(makers, isWhole, mounts, limits, (refusal) => this.note(refusal))
    this.denialCollector = denialCollector
    this.guard = denialCollector.guard
    this.plain = kernel
    this.lsms = lsms
    this.kernel = watched(kernel, denialCollector, () => this.moments.beforeChange())
    this.inside = this.forAdapters()
    const mounted = Object.entries(policy.mounts ?? {})
    this.roots = ['/', ...mounted.flatMap(([path, { kind }]) => (kind === 'memory' ? [path] : []))]
    // from here on what the box does itself follows no link
    this.guard.own(kernel.init)
    this.folders = foldersOf(kernel, mounted.flatMap(([path, { kind }]) => (kind === 'memory' ? [] : [path])))
    this.places = new NamedPlaces(kernel, this.guard)
    this.reach = new Reach(kernel, allow, this.places, [...this.folders.keys()])
    this.users = new Users(kernel, (path) => this.reach.isGuests(path), from?.users ?? new Map())
    try {
      this.hostTask = hostTaskOf(kernel, this.furnish(from))
      this.guard.own(this.hostTask)
      this.confinedParent = confinedParentOf(kernel, allow, this.places)
    } catch (error) {
      this.unmount()
      throw error
    }
    this.files = new BoxFiles(kernel, this.hostTask, this.guard, this.reach)
    kernel.machine.onFork.push((child, parent) => {
      const run = this.runOf.get(parent)
      if (run !== undefined) this.runOf.set(child, run)
    })
    const kept = this.keptDevices()
    kernel.machine.onAccess.push(({ i_sb }) => {
      if (kept.has(i_sb.s_dev)) this.moments.beforeChange()
    })
    this.denialCollector.dropPending()
  }

  private forAdapters(): Inside {
    const { memory, output } = limitNumbers({ ...guestLimits, ...this.setup.policy.limits })
    return {
      kernel: this.kernel, limits: { memory, output }, startThread: threadStarter(memory),
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
  }

  /** All that the box begins with, and the places of its policy's names; the ids of the policy's user. */
  private furnish(from: Origin | null): Ids {
    const { plain, places, setup: { policy, permits, devices, askDevice } } = this
    const { resolve = false, attributes = {} } = policy
    if (from !== null) this.putBack(from)
    const permitted = new Set(permits.flatMap((one) => pathsOf(one.allow)))
    const naming: Naming = { allow: this.allow, resolve, permitted }
    findPlaces(places, naming)
    // of the files that are there, before any is made
    const ids = this.users.idsOf(policy.user ?? 'guest')
    addDevices(plain, places, devices, askDevice)
    growTree(places, naming, ids)
    if (from === null) setAttributes(plain, places, attributes, ids, resolve)
    return ids
  }

  /** Host descriptors that host folders hold are closed with the mounts. */
  private unmount(): void {
    for (const path of Object.keys(this.setup.policy.mounts ?? {}).toReversed()) {
      this.plain.sys.umount2(this.plain.init, path, MNT_DETACH)
    }
  }

  /** The files of another box, and what the names of its policy meant there. */
  private putBack({ snapshot, folders }: Origin): void {
    const { plain, places } = this
    checkFolders(this.folders, folders)
    restoreSnapshot(plain, plain.init, this.roots, snapshot)
    restorePlaces(places, snapshot, this.names())
  }

  /** Those of the policy that are places. */
  private names(): string[] {
    return [...new Set(pathsOf(this.allow ?? {}))]
  }

  private task(choice: TaskChoice): Task {
    this.assertOpen()
    const { user, label, cwd = '/', executes = false, run = 0 } = choice
    const { plain, setup: { policy } } = this
    const task = forked(plain, this.confinedParent)
    this.runOf.set(task, run)
    try {
      const wanted = label ?? policy.label
      const become = (): void => becomeUser(plain, task, this.users.idsOf(user ?? policy.user ?? 'guest'))
      if (wanted === undefined || wanted === null) become()
      else setLabel(plain, task, wanted, { executes, become })
      this.changeDirectory(task, cwd)
    } catch (error) {
      this.end(task)
      throw error
    } finally {
      this.denialCollector.dropPending()
    }
    return task
  }

  private end(task: Task, status = 0): void {
    const { sys } = this.plain
    if ((task.flags & PF_EXITING) === 0) sys.exit_group(task, status)
    // the confinedParent, unless a later one has taken its place
    sys.wait4(task.real_parent ?? this.confinedParent, task.pid, ref(0), WNOHANG, null)
    this.denialCollector.dropPending()
  }

  run(spec: RunSpec, streams: RunStreams): Running {
    this.assertOpen()
    const [run, moment] = this.beginRun()
    const stop = { isOver: false }
    let task: Task
    let options: WasiOptions
    let terminal: RunTerminal | null
    try {
      options = this.optionsOf(spec, streams, stop)
      task = this.task({
        user: spec.user ?? undefined, label: spec.label ?? undefined, cwd: spec.cwd,
        executes: typeof spec.program === 'string', run,
      })
      terminal = spec.terminal === null ? null : this.terminalOf(task, spec.terminal, options, streams)
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
        await terminal?.close()
      })
      .then((ended) => ({ run, ...(terminal === null ? ended : terminal.ended(ended)) }))
      .then((ended) => ({ ...ended, ...this.taken(run, moment) }), (error: unknown) => {
        this.taken(run, moment)
        throw error
      })
    return { end, kill: (signal) => this.kill(task, signal), resize: (size) => terminal?.resize(size) }
  }

  /** Runs the program that a shell's child has executed. */
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

  readonly fs: FsCall = async ({ user, follow }, method, ...args) => {
    this.assertOpen()
    if (user !== null) return this.fsAs(user, method, args) as never
    if (!readsOnly.has(method)) this.moments.beforeChange()
    try {
      return this.files.call(method, args, follow) as never
    } finally {
      this.denialCollector.dropPending()
    }
  }

  /** By a task as a program gets one: its refusals are reported like a program's. */
  private fsAs(user: User, method: FsMethod, args: readonly unknown[]): unknown {
    const task = this.task({ user })
    try {
      return callAs(this.kernel, task, method, args)
    } finally {
      this.end(task)
    }
  }

  explain = async (): Promise<Explanation> =>
    explanation(this.setup.policy, this.allow, {
      lsms: this.lsms, permits: this.setup.permits, realOf: (name) => this.places.realOf(name),
    })

  async snapshot(): Promise<Snapshot> {
    this.assertOpen()
    return this.copied()
  }

  /** The plain way: all that lies in memory, at once. */
  private copied(): Snapshot {
    return withClockStopped(() => this.denialCollector.withoutRecording(() => takeSnapshot(this.plain,
      this.hostTask, this.roots, {
        places: this.places, folders: new Set([...this.folders.values()].map(({ dev }) => dev)),
      })))
  }

  async restore(snapshot: Snapshot): Promise<void> {
    this.assertOpen()
    checkSnapshot(snapshot)
    const { plain, places } = this
    checkRestorable(snapshot, this.names())
    this.moments.beforeChange()
    restoreSnapshot(plain, plain.init, this.roots, snapshot)
    restorePlaces(places, snapshot, this.names())
    // rules lie on inodes, some of which are new
    const old = this.confinedParent
    this.confinedParent = confinedParentOf(plain, this.allow, places)
    plain.sys.exit_group(old, 0)
    plain.sys.wait4(places.holder, old.pid, ref(0), WNOHANG, null)
    this.denialCollector.dropPending()
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
    return Box.open({ ...this.setup, policy: wider, permits: [...permits, permit], onDenial }, {
      snapshot, users: this.users.settled, folders: this.folders,
    })
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
      return { reason: '', ...end, run, ...this.taken(run, moment) }
    } catch (error) {
      this.taken(run, moment)
      this.assertOpen()
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    for (const task of this.running) this.kill(task, SIGKILL)
    if (this.shell !== null) (await this.shell).close?.()
    this.unmount()
    this.plain.sys.exit_group(this.confinedParent, 0)
    this.plain.sys.exit_group(this.places.holder, 0)
    this.plain.machine.runRcu()
  }

  private beginRun(): [run: number, before: Moment] {
    const run = ++this.lastRun
    this.denials.set(run, new RunDenials())
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
    const run = this.runOf.get(refusal.task)
    if (run === undefined) return
    const denial = this.denialCollector.withoutRecording(() => denialOf(refusal, this.sceneOf(refusal, run)))
    const known = this.denials.get(run)
    // a program that asks again and again is told of once
    if (known === undefined || known.add(denial)) this.setup.onDenial(denial)
  }

  private sceneOf({ names, followed }: Refusal, run: number): DenialContext {
    const { plain, hostTask, allow, reach } = this
    const stat = new Kstat()
    const isFollowed = (path: string): boolean => plain.sys.lstat(hostTask, path, stat) === 0 &&
      followed.some(({ dev, ino }) => dev === stat.dev && ino === stat.ino)
    const ways = names.map((name) => wayOf(new TaskFiles(plain, hostTask), name, followed.length > 0, isFollowed))
    const links = ways.flatMap((way) => way.links)
    return {
      run, allow, ways,
      // one that is not found any more counts as well
      isOwnLink: followed.length > 0 && (links.length === 0 || links.some((link) => reach.isGuests(link.path))),
      isThere: (path) => plain.sys.lstat(hostTask, path, stat) === 0,
    }
  }

  /** The refusals of the run; the moment before it is kept if there were any. */
  private taken(run: number, moment: Moment): RunRefusals {
    const { all: denials, leftOut: denialsLeftOut } = this.denials.get(run) ?? new RunDenials()
    this.denials.delete(run)
    if (denials.length === 0) {
      this.moments.drop(moment)
      return { denials, denialsLeftOut }
    }
    this.before.set(run, moment)
    const [oldest] = this.before
    if (this.before.size > MOST_MOMENTS && oldest !== undefined) {
      this.before.delete(oldest[0])
      this.moments.drop(oldest[1])
    }
    return { denials, denialsLeftOut }
  }

  /** Devices of the file systems that lie in memory. */
  private keptDevices(): ReadonlySet<number> {
    const stat = new Kstat()
    return new Set(this.roots.map((root) => {
      must(this.plain.sys.lstat(this.hostTask, root, stat), root)
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

  /** The streams as a terminal of the task's. A task that cannot have one is ended. */
  private terminalOf(task: Task, size: WindowSize, { limits = {} }: WasiOptions, streams: RunStreams): RunTerminal {
    try {
      return new RunTerminal(this.plain, task, size, limitNumbers(limits).output, streams)
    } catch (error) {
      this.end(task)
      throw error
    } finally {
      this.denialCollector.dropPending()
    }
  }

  /** `.` is where the program begins; libc takes the longest name that fits, so the rest is named by its tops. */
  private preopens(cwd: string): Record<string, string> {
    if (cwd === '/') return { '/': '/' }
    const { plain: { sys, init }, hostTask } = this
    const fs = new TaskFiles(this.plain, hostTask)
    const stat = new Kstat()
    const tops = fs.readdir('/').filter(({ name }) =>
      sys.stat(init, `/${name}`, stat) === 0 && (stat.mode & S_IFMT) === S_IFDIR &&
      this.canOpen(`/${name}`)).map(({ name }) => [`/${name}`, `/${name}`] as const)
    return { ...Object.fromEntries(tops), '.': cwd }
  }

  private canOpen(path: string): boolean {
    const { sys } = this.plain
    const fd = sys.openat(this.hostTask, AT_FDCWD, path, O_PATH | O_DIRECTORY, 0)
    if (fd >= 0) sys.close(this.hostTask, fd)
    return fd >= 0
  }
}

/** The root of each folder of the host. */
const foldersOf = ({ sys, init }: Kernel, mounted: readonly string[]): Map<string, InodeNumbers> => {
  const stat = new Kstat()
  return new Map(mounted.map((path) => {
    must(sys.lstat(init, path, stat), path)
    return [path, { dev: stat.dev, ino: stat.ino }]
  }))
}

/** Throws SandboxError where a folder of the host is another one than in the box that this one comes of. */
const checkFolders = (
  now: ReadonlyMap<string, InodeNumbers>, before: ReadonlyMap<string, InodeNumbers>,
): void => {
  for (const [path, { ino }] of before) if (now.get(path)?.ino !== ino) throw gone(path, 'mounts')
}

const pathsOf = (allow: Allow): string[] => {
  const { write, read, exec } = wholeAllow(allow)
  return [...write, ...read, ...exec]
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
