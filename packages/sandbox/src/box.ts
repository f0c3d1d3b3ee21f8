/** A box where its kernel is: the kernel, the task that its programs are children of, and what they were refused. */
import { EACCES, MNT_DETACH, PF_EXITING, SIGKILL, WNOHANG } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import { killTask, Kstat } from '@lsmkit/kernel/boot'
import type { Kernel, Subsystem } from '@lsmkit/kernel/boot'
import { guestLimits, limitNumbers } from '@lsmkit/wasi/limits'
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { WasiOptions, WindowSize } from '@lsmkit/wasi'
import { wholeAllow, widened } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import type { BoxPort, Running, RunSpec, RunStreams } from './box-port.ts'
import { confinedParentOf } from './confinement.ts'
import type { Denial, Permit } from './denial.ts'
import { CowFolders, noFolder } from './cow/cow-folders.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from './cow/change.ts'
import { addDevices } from './device-files.ts'
import type { AskDevice } from './devices.ts'
import { runExecuted } from './executed.ts'
import { explanation } from './explain.ts'
import type { Explanation } from './explain.ts'
import { BoxFiles, callAs } from './fs/box-files.ts'
import { readsOnly } from './fs/fs-calls.ts'
import type { FsCall, FsMethod } from './fs/fs-calls.ts'
import { GuestOptions } from './guest-options.ts'
import type { HostTraffic } from './hosts/account.ts'
import { BoxNetwork } from './hosts/box-network.ts'
import type { NetworkOf } from './hosts/box-network.ts'
import type { GatewayRefusal } from './hosts/gateway.ts'
import { guardOf } from './hosts/guard.ts'
import type { HostGuard } from './hosts/guard.ts'
import { fetchFor, httpService } from './hosts/http.ts'
import type { HttpClient } from './hosts/http.ts'
import { hostNetwork } from './hosts/network.ts'
import type { Network } from './hosts/network.ts'
import { inputRules, taskRules, watcherRules } from './inside-box.ts'
import type { Inside, TaskChoice } from './inside-box.ts'
import { setLabel } from './label.ts'
import { KnownFiles } from './known-files.ts'
import { lateRun } from './late-run.ts'
import type { AskContents, FilesData } from './late-files/contents.ts'
import { LateFiles } from './late-files/late-files.ts'
import { makeFiles, ownFiles } from './late-files/make-files.ts'
import { Moments } from './moments.ts'
import type { InodeNumbers, LinkGuard } from './names/link-guard.ts'
import { NamedPlaces } from './names/named-places.ts'
import { Reach } from './names/reach.ts'
import { checkRestorable, restorePlaces } from './names/restored-places.ts'
import { Users } from './names/users.ts'
import { checkFolders, foldersOf, pathsOf } from './origin.ts'
import type { Origin } from './origin.ts'
import type { Policy, User } from './policy.ts'
import { isHostLoaded, loadProgramsHost, programsHost } from './programs-host.ts'
import { MOST_MOMENTS, Refusals } from './refusals.ts'
import { withClockStopped } from './run-clock.ts'
import { SandboxError } from './sandbox-error.ts'
import { Roles } from './roles.ts'
import { RunTerminal } from './run-terminal.ts'
import { openShell } from './shell.ts'
import type { Shell, ShellRun, ShellRunning, ShellSource, ShellSpec } from './shell.ts'
import { LineClock, withinOutput } from './shell-line.ts'
import { checkSnapshot } from './snapshot-rules.ts'
import { restoreSnapshot, takeSnapshot } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'
import { bootBox } from './stack.ts'
import type { MakeLsm } from './stack.ts'
import { becomeUser, endTask, forked, hostTaskOf, must } from './subject.ts'
import type { Ids } from './subject.ts'
import { subsystemsOf } from './subsystems.ts'
import { bootMounts, findPlaces, growTree, setAttributes } from './tree.ts'
import type { BoxMounts, Naming } from './tree.ts'
import { watched } from './denial-collector.ts'
import type { DenialCollector } from './denial-collector.ts'
import { widenedRoles } from './widened-roles.ts'
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
  readonly files: FilesData
  readonly askContents: AskContents
  readonly shell: ShellSource | null
  /** Functions of whoever makes the box; Node's for those that it has not. */
  readonly network: Network
  readonly onDenial: (denial: Denial) => void
}

export class Box implements BoxPort {
  /** As programs get it. */
  readonly #kernel: Kernel
  /** For who works in it beside its programs. */
  readonly inside: Inside
  readonly #setup: BoxSetup
  readonly #allow: WholeAllow | null
  readonly #roles: Roles
  readonly #lsms: readonly string[]
  readonly #plain: Kernel
  readonly #denialCollector: DenialCollector
  readonly #hostTask: Task
  #confinedParent: Task
  /** Where file systems in memory lie. */
  readonly #roots: readonly string[]
  readonly #refusals: Refusals
  readonly #running = new Set<Task>()
  /** Command lines that run. */
  #lines = 0
  readonly #knownFiles = new KnownFiles(() => this.#plain.machine.realtime())
  readonly #moments = new Moments(() => this.#all(this.#knownFiles))
  #shell: Promise<Shell> | null = null
  readonly #hostGuard: HostGuard
  /** Null: no host may be connected to. */
  readonly #network: BoxNetwork | null
  readonly #options: GuestOptions
  readonly #guard: LinkGuard
  readonly #places: NamedPlaces
  readonly #reach: Reach
  readonly #users: Users
  readonly #files: BoxFiles
  /** The roots of folders of the host, by where they are mounted. */
  readonly #folders: ReadonlyMap<string, InodeNumbers>
  readonly #cow: CowFolders
  readonly #late: LateFiles
  readonly #naming: Naming
  /** Of the policy's user. */
  readonly #ids: Ids
  /** Devices of the kernel whose files belong to a moment. */
  #kept: ReadonlySet<number> = new Set()
  #isClosed = false

  static async open(setup: BoxSetup, from: Origin | null = null): Promise<Box> {
    const { policy } = setup
    // users of the tree are known once there is one: what is mounted belongs to one that every box knows
    const user = policy.user ?? 'guest'
    const ids = typeof user === 'number' ? { uid: user, gid: user } : GUEST
    const [mounts, subsystems] = await Promise.all([bootMounts(policy.mounts ?? {}, ids), subsystemsOf(policy)])
    return new Box(setup, mounts, subsystems, from)
  }

  private constructor(
    setup: BoxSetup, { mounts, trees }: BoxMounts, subsystems: readonly Subsystem[], from: Origin | null,
  ) {
    const { policy, makers } = setup
    this.#setup = setup
    const isWhole = policy.allow !== undefined || makers.length === 0
    const allow = isWhole ? wholeAllow(policy.allow ?? {}) : null
    this.#allow = allow
    this.#roles = new Roles(policy.roles ?? {}, allow)
    const limits = { ...guestLimits, ...policy.limits }
    let refusals: Refusals | null = null
    const guard = allow === null || allow.hosts.length === 0 ? null : guardOf(allow)
    this.#hostGuard = guard ?? guardOf({ hosts: [], connect: [] })
    const hosts = guard === null ? null : { guard, network: hostNetwork(setup.network) }
    const { kernel, lsms, denialCollector } =
      bootBox(makers, isWhole, guard, mounts, subsystems, limits, (refusal) => refusals?.note(refusal))
    this.#denialCollector = denialCollector
    this.#guard = denialCollector.guard
    this.#plain = kernel
    this.#lsms = lsms
    this.#kernel = watched(kernel, denialCollector, () => this.#moments.beforeChange())
    this.inside = this.#forAdapters()
    const mounted = Object.entries(policy.mounts ?? {})
    this.#roots = ['/', ...mounted.flatMap(([path, { kind }]) => (kind === 'memory' ? [path] : []))]
    // from here on what the box does itself follows no link
    this.#guard.own(kernel.init)
    this.#cow = new CowFolders(kernel, this.#guard, trees, from?.snapshot ?? null)
    const folders = mounted.flatMap(([path, { kind }]) => (kind === 'memory' ? [] : [path]))
    this.#folders = foldersOf(kernel, folders, this.#cow.inodes)
    this.#places = new NamedPlaces(kernel, this.#guard)
    this.#late = new LateFiles(kernel, this.#guard, setup.askContents)
    this.#reach = new Reach(kernel, allow, this.#places, [...this.#folders.keys()])
    this.#users = new Users(kernel, (path) => this.#reach.isGuests(path), from?.users ?? new Map())
    try {
      this.#naming = this.#namingOf()
      this.#ids = this.#furnish(from)
      this.#hostTask = hostTaskOf(kernel, this.#ids)
      this.#guard.own(this.#hostTask)
      this.#roles.checkWithin(this.#places)
      this.#confinedParent = confinedParentOf(kernel, allow, this.#places)
    } catch (error) {
      this.#unmount()
      throw error
    }
    this.#files = new BoxFiles(kernel, this.#hostTask, this.#guard, this.#reach)
    const hostTask = this.#hostTask
    this.#options = new GuestOptions(kernel, hostTask, policy, setup.waiting)
    const { onDenial } = setup
    this.#refusals = refusals = new Refusals({
      kernel, hostTask, denialCollector, allowOf: (role) => this.#roles.allowOf(role), reach: this.#reach,
      moments: this.#moments, onDenial,
    })
    this.#hostGuard.narrow((task) => this.#roles.peersOf(this.#refusals.roleOf(task)))
    this.#network = hosts === null ? null : this.#openNetwork(hosts)
    if (allow !== null) kernel.machine.http = httpService(this.#httpClient())
    kernel.machine.onFork.push((child, parent) => this.#refusals.inherit(child, parent))
    this.#kept = this.#keptDevices()
    kernel.machine.onAccess.push(({ i_sb }) => {
      if (this.#kept.has(i_sb.s_dev)) this.#moments.beforeChange()
    })
    this.#denialCollector.dropPending()
  }

  #openNetwork(hosts: Pick<NetworkOf, 'guard' | 'network'>): BoxNetwork {
    const { limits } = this.#setup.policy
    return new BoxNetwork({
      ...hosts, kernel: this.#plain, limits: limitNumbers({ ...guestLimits, ...limits }),
      runOf: (task) => this.#refusals.runOf(task),
      refused: (task, refusal) => {
        this.#denialCollector.expectRefusal(task)
        this.#refuseHost(task, refusal)
      },
    })
  }

  #refuseHost(task: Task, { errno, ...refusal }: GatewayRefusal): void {
    const record = { kind: 'host', rc: -errno, time: Date.now(), ...refusal } as const
    this.#refusals.note({ task, call: 'connect', names: [], followed: [], record })
  }

  #httpClient(): HttpClient {
    const guard = this.#hostGuard
    return {
      kernel: this.#kernel, guard, ca: this.#setup.network.ca ?? null,
      mayAsk: (task, target, ask) => {
        const refusal = guard.refusalOf(task, target, ask)
        if (refusal !== null) this.#refuseHost(task, { ...target, errno: EACCES, ...refusal })
        return refusal === null
      },
    }
  }

  #forAdapters(): Inside {
    const { memory, output } = limitNumbers({ ...guestLimits, ...this.#setup.policy.limits })
    return {
      kernel: this.#kernel, limits: { memory, output }, startThread: threadStarter(memory),
      end: (task, status) => this.#end(task, status),
      fetch: this.#allow === null ? null : (task, request, signal) =>
        fetchFor(this.#httpClient(), task, request, signal),
      whenThere: (call) => this.#late.whenThere(call),
      beginRun: () => {
        this.#assertOpen()
        const [run, moment] = this.#refusals.begin()
        return { run, end: () => this.#refusals.taken(run, moment) }
      },
      watch: (watcher) => {
        checkOptions(watcher, watcherRules, 'watch')
        return this.#refusals.watch(watcher)
      },
      task: (choice = {}) => {
        checkOptions(choice, taskRules, 'task')
        return this.#task(choice)
      },
      runProgram: async (task, image, input) => {
        checkOptions(input, inputRules, 'runProgram')
        return runExecuted(this.#kernel, this.#options, task, image, input)
      },
    }
  }

  /** All that the box begins with, and the places of its policy's names; the ids of the policy's user. */
  #furnish(from: Origin | null): Ids {
    const plain = this.#plain
    const places = this.#places
    const { policy, devices, askDevice, files } = this.#setup
    const { resolve = false, attributes = {} } = policy
    const made = from === null ? makeFiles(plain, files, policy.mounts ?? {}) : []
    if (from !== null) {
      checkFolders(this.#folders, from.folders)
      restoreSnapshot(plain, plain.init, this.#roots, from.snapshot)
      restorePlaces(places, from.snapshot, pathsOf(this.#roles.named ?? {}))
    }
    findPlaces(places, this.#naming)
    // of the files that are there, before any is made
    const ids = this.#users.idsOf(policy.user ?? 'guest')
    ownFiles(plain, made, ids)
    addDevices(plain, places, devices, askDevice)
    growTree(places, this.#naming, ids)
    if (from === null) setAttributes(plain, places, attributes, ids, resolve)
    this.#late.addAll(from === null ? files : from.snapshot)
    return ids
  }

  #namingOf(): Naming {
    const { policy: { resolve = false }, permits } = this.#setup
    return { allow: this.#roles.named, resolve, permitted: new Set(permits.flatMap((one) => pathsOf(one.allow))) }
  }

  /** Host descriptors that host folders hold are closed with the mounts. */
  #unmount(): void {
    this.#cow.leave()
    this.#late.close()
    for (const path of Object.keys(this.#setup.policy.mounts ?? {}).toReversed()) {
      this.#plain.sys.umount2(this.#plain.init, path, MNT_DETACH)
    }
  }

  #task(choice: TaskChoice): Task {
    this.#assertOpen()
    const { role = null, cwd = '/', executes = false, run = 0 } = choice
    const own = role === null ? {} : this.#roles.of(role)
    const { user = own.user, label = own.label } = choice
    const plain = this.#plain
    const { policy } = this.#setup
    const parent = role === null ? null : this.#roles.parentOf(role, plain, this.#places)
    const task = forked(plain, parent ?? this.#confinedParent)
    this.#refusals.assign(task, run, role)
    try {
      const wanted = label ?? policy.label
      const become = (): void => becomeUser(plain, task, this.#users.idsOf(user ?? policy.user ?? 'guest'))
      if (wanted === undefined || wanted === null) become()
      else setLabel(plain, task, wanted, { executes, become })
      this.#changeDirectory(task, cwd)
    } catch (error) {
      this.#end(task)
      throw error
    } finally {
      this.#denialCollector.dropPending()
    }
    return task
  }

  #end(task: Task, status = 0): void {
    const { sys } = this.#plain
    if ((task.flags & PF_EXITING) === 0) sys.exit_group(task, status)
    // the confinedParent, unless a later one has taken its place
    sys.wait4(task.real_parent ?? this.#confinedParent, task.pid, ref(0), WNOHANG, null)
    this.#denialCollector.dropPending()
  }

  run(spec: RunSpec, streams: RunStreams): Running {
    this.#assertOpen()
    const begin = (): Running => this.#begin(spec, streams)
    const arrival = typeof spec.program === 'string' ? this.#late.arrival(this.#hostTask, spec.program) : null
    if (isHostLoaded() && arrival === null) return begin()
    return lateRun(Promise.all([loadProgramsHost(), arrival]), begin)
  }

  #begin(spec: RunSpec, streams: RunStreams): Running {
    this.#assertOpen()
    const [run, moment] = this.#refusals.begin()
    const stop = { isOver: false }
    let task: Task
    let options: WasiOptions
    let terminal: RunTerminal | null
    try {
      options = this.#options.of(spec, streams, stop)
      task = this.#task({
        user: spec.user ?? undefined, label: spec.label ?? undefined, role: spec.role, cwd: spec.cwd,
        executes: typeof spec.program === 'string', run,
      })
      terminal = spec.terminal === null ? null : this.#terminalOf(task, spec.terminal, options, streams)
    } catch (error) {
      this.#refusals.taken(run, moment)
      throw error
    }
    this.#running.add(task)
    this.#network?.begin(run, limitNumbers({ ...guestLimits, ...this.#setup.policy.limits, ...spec.limits }))
    let connections: readonly HostTraffic[] = []
    const end = programsHost().becomeWasiAsync(this.#kernel, task, options)
      .finally(async () => {
        stop.isOver = true
        this.#running.delete(task)
        connections = this.#network?.end(run) ?? []
        this.#end(task)
        await terminal?.close()
      })
      .then((ended) => ({ run, ...(terminal === null ? ended : terminal.ended(ended)) }))
      .then((ended) => ({ ...ended, connections, ...this.#refusals.taken(run, moment) }), (error: unknown) => {
        this.#refusals.taken(run, moment)
        throw error
      })
    return { end, kill: (signal) => killTask(this.#plain, task, signal), resize: (size) => terminal?.resize(size) }
  }

  readonly fs: FsCall = async ({ user, follow }, method, ...args) => {
    this.#assertOpen()
    return this.#late.whenThere(() => this.#fsCall(user, follow, method, args)) as never
  }

  #fsCall(user: User | null, follow: boolean, method: FsMethod, args: readonly unknown[]): unknown {
    if (user !== null) return this.#fsAs(user, method, args)
    if (!readsOnly.has(method)) this.#moments.beforeChange()
    try {
      return this.#files.call(method, args, follow)
    } finally {
      this.#denialCollector.dropPending()
    }
  }

  /** By a task as a program gets one: its refusals are reported like a program's. */
  #fsAs(user: User, method: FsMethod, args: readonly unknown[]): unknown {
    const task = this.#task({ user })
    try {
      return callAs(this.#kernel, task, method, args)
    } finally {
      this.#end(task)
    }
  }

  explain = async (): Promise<Explanation> =>
    explanation(this.#setup.policy, this.#allow, {
      lsms: this.#lsms, roles: this.#roles.allows, permits: this.#setup.permits,
      unfinished: await this.#cow.unfinished(), realOf: (name) => this.#places.realOf(name),
    })

  async snapshot(): Promise<Snapshot> {
    this.#assertOpen()
    return this.#all()
  }

  /** The plain way: all that lies in memory, at once. `files`: for a snapshot that stays in the box. */
  #all(files: KnownFiles | null = null): Snapshot {
    return this.#late.quietly(() => withClockStopped(() => this.#denialCollector.withoutRecording(() => {
      const snapshot = takeSnapshot(this.#plain, this.#hostTask, this.#roots, {
        places: this.#places, folders: new Set([...this.#folders.values()].map(({ dev }) => dev)),
        isCopied: this.#cow.has, lateName: (stat) => this.#late.nameOf(stat),
      }, files)
      return this.#cow.isEmpty ? snapshot : { ...snapshot, folders: this.#cow.snapshot() }
    })))
  }

  async restore(snapshot: Snapshot): Promise<void> {
    this.#assertOpen()
    checkSnapshot(snapshot)
    const plain = this.#plain
    const places = this.#places
    checkRestorable(snapshot, pathsOf(this.#roles.named ?? {}))
    this.#cow.checkRestorable(snapshot)
    if (!this.#cow.isEmpty) this.#assertIdle('restore')
    this.#late.checkRestorable(snapshot, this.#setup.files)
    this.#moments.beforeChange()
    this.#late.forget()
    restoreSnapshot(plain, plain.init, this.#roots, snapshot)
    this.#late.addAll(snapshot)
    const settle = (): void => restorePlaces(places, snapshot, pathsOf(this.#roles.named ?? {}))
    if (this.#cow.isEmpty) settle()
    else this.#betweenMounts(() => this.#cow.restore(snapshot), settle)
    this.#confineAgain()
  }

  /** Rules lie on inodes, some of which are new. */
  #confineAgain(): void {
    const old = this.#confinedParent
    this.#confinedParent = confinedParentOf(this.#plain, this.#allow, this.#places)
    endTask(this.#plain, this.#places.holder, old)
    this.#roles.endParents(this.#plain, this.#places)
    this.#denialCollector.dropPending()
  }

  /**
   * Runs `step` while no overlay is mounted. Names of the policy that lay there are looked up anew: those that `settle`
   * does not give a place mean what they say. `settle` gets the path where each one lay.
   */
  #betweenMounts(step: () => void, settle: (lay: ReadonlyMap<string, string>) => void = () => {}): void {
    const places = this.#places
    const lay = new Map([...places.descriptors.keys()].filter((name) => this.#cow.has(places.pathOf(name)))
      .map((name) => [name, places.realOf(name)]))
    for (const name of lay.keys()) places.forget(name)
    try {
      this.#cow.between(step)
    } finally {
      settle(lay)
      growTree(places, this.#naming, this.#ids)
      this.#kept = this.#keptDevices()
    }
  }

  #assertIdle(place: string): void {
    if (this.#running.size === 0 && this.#lines === 0) return
    throw new SandboxError('busy', 'a program runs in the box, which may change the files meanwhile', {
      place, hint: 'wait for box.run and box.sh first',
    })
  }

  async changes(options: ChangesOptions): Promise<Change[]> {
    this.#assertOpen()
    return this.#cow.changes(options)
  }

  async apply(patterns: readonly string[], options: ApplyOptions): Promise<Applied> {
    this.#assertOpen()
    this.#assertIdle('apply')
    return this.#cow.apply(patterns, options, (step) => {
      this.#moments.beforeChange()
      // what has moved has moved on the host too, or still lies in the upper layer
      this.#betweenMounts(step, (lay) => {
        for (const [name, real] of lay) this.#places.addIfThere(name, { from: 'allow', resolve: false }, real)
      })
      this.#confineAgain()
    }, () => this.#assertIdle('apply'))
  }

  async discard(): Promise<void> {
    this.#assertOpen()
    if (this.#cow.isEmpty) throw noFolder('discard')
    this.#assertIdle('discard')
    this.#moments.beforeChange()
    this.#betweenMounts(() => this.#cow.discard())
    this.#confineAgain()
  }

  async with(permit: Permit, onDenial: (denial: Denial) => void): Promise<Box> {
    this.#assertOpen()
    const moment = permit.run === 0 ? null : this.#refusals.before(permit.run)
    if (moment === undefined) {
      throw new SandboxError('not-there', `the files of before run ${permit.run} are not kept any more`, {
        place: 'permit', hint: `those of the last ${MOST_MOMENTS} runs that were refused something are`,
      })
    }
    const snapshot = moment === null ? this.#all() : this.#moments.snapshotOf(moment)
    const { policy, permits } = this.#setup
    const roles = widenedRoles(policy.roles ?? {}, permit.role, permit.allow)
    const wider = { ...policy, allow: widened(this.#allow ?? {}, permit.allow), roles }
    return Box.open({ ...this.#setup, policy: wider, permits: [...permits, permit], onDenial }, {
      snapshot, users: this.#users.settled, folders: this.#folders,
    })
  }

  sh(command: string, spec: ShellSpec): ShellRunning {
    const limits = limitNumbers({ ...guestLimits, ...this.#setup.policy.limits })
    const clock = new LineClock(limits.time)
    return { end: this.#line(command, spec, clock, limits), stop: clock.stop }
  }

  async #line(command: string, spec: ShellSpec, clock: LineClock, limits: LimitNumbers): Promise<ShellRun> {
    this.#assertOpen()
    const { shell: source } = this.#setup
    if (source === null) {
      throw new SandboxError('not-there', 'the box has no shell', { hint: 'createSandbox({ shell: bash() })' })
    }
    const shell = await (this.#shell ??= openShell(source, this.inside))
    this.#assertOpen()
    const [run, moment] = this.#refusals.begin()
    this.#lines++
    let letGo = (): void => {}
    try {
      const onStart = (): void => {
        letGo = this.#plain.machine.ceiling.hold(limits)
        clock.begin()
      }
      const request = { cwd: '/', ...spec, run, signal: clock.signal, onStart }
      const end = withinOutput(await clock.ended(shell.sh(command, request)), limits)
      const connections = this.#network?.end(run) ?? []
      return { reason: '', ...end, run, connections, ...this.#refusals.taken(run, moment) }
    } catch (error) {
      this.#refusals.taken(run, moment)
      this.#assertOpen()
      throw error
    } finally {
      letGo()
      this.#network?.end(run)
      this.#lines--
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const task of this.#running) killTask(this.#plain, task, SIGKILL)
    if (this.#shell !== null) (await this.#shell).close?.()
    this.#unmount()
    this.#roles.endParents(this.#plain, this.#places)
    this.#plain.sys.exit_group(this.#confinedParent, 0)
    this.#plain.sys.exit_group(this.#places.holder, 0)
    this.#plain.machine.runRcu()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new SandboxError('closed', 'the box is closed')
  }

  /** Devices of the file systems that lie in memory. */
  #keptDevices(): ReadonlySet<number> {
    const stat = new Kstat()
    const memory = this.#roots.map((root) => {
      must(this.#plain.sys.lstat(this.#hostTask, root, stat), root)
      return stat.dev
    })
    return new Set([...memory, ...this.#cow.devices])
  }

  #changeDirectory(task: Task, cwd: string): void {
    const rc = this.#plain.sys.chdir(task, cwd)
    if (rc < 0) throw new SandboxError('bad-tree', `\`${cwd}\` cannot be the working directory`, { place: 'cwd' })
  }

  /** The streams as a terminal of the task's. A task that cannot have one is ended. */
  #terminalOf(task: Task, size: WindowSize, { limits = {} }: WasiOptions, streams: RunStreams): RunTerminal {
    try {
      return new RunTerminal(this.#plain, task, size, limitNumbers(limits).output, streams)
    } catch (error) {
      this.#end(task)
      throw error
    } finally {
      this.#denialCollector.dropPending()
    }
  }
}

const GUEST = { uid: 1000, gid: 1000 }
