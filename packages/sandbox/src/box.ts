/**
 * A box where its kernel is. It boots the kernel under the policy, furnishes it, and gives each call to the part that
 * does it: runs, lines of the shell, files, snapshots, changes of folders, hosts.
 */
import { MNT_DETACH } from '@lsmkit/abi'
import type { Kernel, Subsystem } from '@lsmkit/kernel/boot'
import { guestLimits, limitNumbers } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import { Activity } from './activity.ts'
import { AccessWatch } from './accesses.ts'
import { insideFor } from './adapters.ts'
import { wholeAllow, widened } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import type { BoxPort, BoxReports, Running, RunSpec, RunStreams } from './box-port.ts'
import { BoxSnapshots } from './box-snapshots.ts'
import { BoxTasks } from './box-tasks.ts'
import { BoxChanges } from './cow/box-changes.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from './cow/change.ts'
import { CowFolders } from './cow/cow-folders.ts'
import { watched } from './denial-collector.ts'
import type { DenialCollector } from './denial-collector.ts'
import type { Permit } from './denial.ts'
import type { AskDevice } from './devices.ts'
import { explanation } from './explain.ts'
import type { Explanation } from './explain.ts'
import { BoxFiles, callAs } from './fs/box-files.ts'
import { readsOnly } from './fs/fs-calls.ts'
import type { FsCall, FsMethod } from './fs/fs-calls.ts'
import { furnish } from './furnish.ts'
import { givenOver } from './given-over.ts'
import { GuestOptions } from './guest-options.ts'
import { BoxHosts, outsideOf } from './hosts/box-hosts.ts'
import type { Network } from './hosts/network.ts'
import type { Inside } from './inside-box.ts'
import { KeptDevices } from './kept-devices.ts'
import { KnownFiles } from './known-files.ts'
import { keepCode } from './kernels/keep-code.ts'
import type { AskContents, FilesData } from './late-files/contents.ts'
import { LateFiles } from './late-files/late-files.ts'
import { Moments } from './moments.ts'
import type { InodeNumbers } from './names/link-guard.ts'
import { NamedPlaces } from './names/named-places.ts'
import { Reach } from './names/reach.ts'
import { Users } from './names/users.ts'
import { foldersOf } from './origin.ts'
import type { Origin } from './origin.ts'
import { kernelOf } from './policy.ts'
import type { Policy, User } from './policy.ts'
import { ProgramRuns } from './program-runs.ts'
import { MOST_MOMENTS, Refusals } from './refusals.ts'
import { Roles } from './roles.ts'
import { SandboxError } from './sandbox-error.ts'
import type { ShellRunning, ShellSource, ShellSpec } from './shell.ts'
import { ShellLines } from './shell-lines.ts'
import type { Snapshot } from './snapshot.ts'
import { bootBox } from './stack.ts'
import type { MakeLsm } from './stack.ts'
import { subsystemsOf } from './subsystems.ts'
import { bootMounts } from './tree.ts'
import type { BoxMounts } from './tree.ts'
import { widenedRoles } from './widened-roles.ts'

export interface BoxSetup extends BoxReports {
  /** Checked. */
  readonly policy: Policy
  readonly makers: readonly MakeLsm[]
  /** Whether guests run in workers of their own. */
  readonly waiting: 'suspended' | 'workers'
  /** How many such workers wait for a program, from the first program on. */
  readonly spare: number
  readonly permits: readonly Permit[]
  readonly devices: readonly string[]
  readonly askDevice: AskDevice
  readonly files: FilesData
  readonly askContents: AskContents
  readonly shell: ShellSource | null
  /** Functions of whoever makes the box; Node's for those that it has not. */
  readonly network: Network
}

export class Box implements BoxPort {
  readonly #setup: BoxSetup
  readonly #allow: WholeAllow | null
  readonly #roles: Roles
  readonly #lsms: readonly string[]
  /** As programs get it. */
  readonly #kernel: Kernel
  readonly #plain: Kernel
  readonly #denialCollector: DenialCollector
  readonly #refusals: Refusals
  readonly #accesses: AccessWatch | null
  readonly #activity = new Activity()
  readonly #knownFiles = new KnownFiles(() => this.#plain.machine.realtime())
  readonly #moments = new Moments(() => this.#snapshots.take(this.#knownFiles))
  readonly #places: NamedPlaces
  readonly #users: Users
  /** The roots of folders of the host, by where they are mounted. */
  readonly #folders: ReadonlyMap<string, InodeNumbers>
  readonly #cow: CowFolders
  readonly #late: LateFiles
  readonly #files: BoxFiles
  readonly #tasks: BoxTasks
  readonly #runs: ProgramRuns
  readonly #lines: ShellLines
  readonly #snapshots: BoxSnapshots
  readonly #changes: BoxChanges
  /** For those who work in it beside its programs. */
  readonly inside: Inside

  static async open(setup: BoxSetup, from: Origin | null = null): Promise<Box> {
    const { policy } = setup
    // users of the tree are known once there is one: what is mounted belongs to one that every box knows
    const user = policy.user ?? 'guest'
    const ids = typeof user === 'number' ? { uid: user, gid: user } : GUEST
    const [mounts, subsystems] = await Promise.all([bootMounts(policy.mounts ?? {}, ids), subsystemsOf(policy)])
    const box = new Box(setup, mounts, subsystems, from)
    await box.#cow.settled()
    keepCode('open')
    return box
  }

  private constructor(
    setup: BoxSetup, boxMounts: BoxMounts, subsystems: readonly Subsystem[], from: Origin | null,
  ) {
    const { policy, makers, onDenial, onAccesses } = setup
    this.#setup = setup
    const isWhole = policy.allow !== undefined || makers.length === 0
    const allow = this.#allow = isWhole ? wholeAllow(policy.allow ?? {}) : null
    const roles = this.#roles = new Roles(policy.roles ?? {}, allow)
    const most = givenOver<Limits>(guestLimits, policy.limits)
    const outside = outsideOf(allow, setup.network)
    let refusals: Refusals | null = null
    const { kernel: plain, stack, lsms, denialCollector } = bootBox(
      { makers, confines: isWhole, profile: kernelOf(policy) },
      outside?.guard ?? null, boxMounts.mounts, subsystems, most, (refusal) => refusals?.note(refusal),
    )
    const { guard } = this.#denialCollector = denialCollector
    this.#plain = plain
    this.#lsms = lsms
    const moments = this.#moments
    const kernel = this.#kernel = watched(plain, denialCollector, () => moments.beforeChange())
    // from here on what the box does itself follows no link
    guard.own(plain.init)
    const cow = this.#cow = orElse(
      () => new CowFolders(plain, guard, boxMounts, from?.snapshot ?? null), () => this.#unmountPlaces(),
    )
    const mounted = Object.entries(policy.mounts ?? {})
    const roots = ['/', ...mounted.filter(([, { kind }]) => kind === 'memory').map(([path]) => path)]
    const hostFolders = mounted.filter(([, { kind }]) => kind !== 'memory').map(([path]) => path)
    const folders = this.#folders = foldersOf(plain, hostFolders, cow.inodes)
    const places = this.#places = new NamedPlaces(plain, guard)
    const late = this.#late = new LateFiles(plain, guard, setup.askContents)
    const reach = new Reach(plain, allow, places, [...folders.keys()])
    const users = this.#users = new Users(plain, (path) => reach.isGuests(path), from?.users ?? new Map())
    const furniture = { ...setup, plain, guard, allow, roots, folders, places, roles, users, late }
    const { naming, ids, hostTask, confinedParent } =
      orElse(() => furnish(furniture, from), () => this.#unmount())
    this.#files = new BoxFiles(plain, hostTask, guard, reach)
    refusals = this.#refusals = new Refusals({
      kernel: plain, hostTask, denialCollector, allowOf: (role) => roles.allowOf(role), reach, moments, onDenial,
    })

    const { current } = stack
    this.#accesses = onAccesses === null ? null
      : new AccessWatch(stack, plain, () => refusals!.guestRunOf(current.task), onAccesses)

    const activity = this.#activity
    const own = {
      kernel, plain, policy, allow, roles, users, places, refusals, denialCollector, activity, hostTask, late, moments,
      limits: limitNumbers(most), options: new GuestOptions(plain, hostTask, policy, setup.waiting),
    }
    const hosts = new BoxHosts({ ...own, outside, ca: setup.network.ca ?? null })
    const tasks = this.#tasks = new BoxTasks(own, confinedParent)
    const inside = this.inside = insideFor({ ...own, tasks, hosts })
    this.#runs = new ProgramRuns({ ...own, spare: setup.spare, limits: most, tasks, hosts })
    this.#lines = new ShellLines({ ...own, shell: setup.shell, inside, hosts })
    plain.machine.onFork.push((child, parent) => this.#refusals.inherit(child, parent))
    const kept = new KeptDevices({ plain, hostTask, roots, cow })
    plain.machine.onAccess.push(({ i_sb }) => {
      if (kept.has(i_sb.s_dev)) moments.beforeChange()
    })
    this.#snapshots = new BoxSnapshots({ ...own, cow, naming, ids, kept, tasks, roots, folders, files: setup.files })
    this.#changes = new BoxChanges({ ...own, cow, naming, ids, kept, tasks })
    denialCollector.dropPending()
  }

  /** Whether allowed accesses are reported. */
  get hasAccesses(): boolean {
    return this.#accesses !== null
  }

  run(spec: RunSpec, streams: RunStreams): Running {
    return this.#runs.run(spec, streams)
  }

  sh(command: string, spec: ShellSpec): ShellRunning {
    return this.#lines.run(command, spec)
  }

  readonly fs: FsCall = async ({ user, follow }, method, ...args) => {
    this.#activity.assertOpen()
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
    const task = this.#tasks.make({ user })
    try {
      return callAs(this.#kernel, task, method, args)
    } finally {
      this.#tasks.end(task)
    }
  }

  explain = async (): Promise<Explanation> =>
    explanation(this.#setup.policy, this.#allow, {
      lsms: this.#lsms, roles: this.#roles.allows, permits: this.#setup.permits,
      unfinished: await this.#cow.unfinished(), realOf: (name) => this.#places.realOf(name),
    })

  async snapshot(): Promise<Snapshot> {
    this.#activity.assertOpen()
    return this.#snapshots.take()
  }

  async restore(snapshot: Snapshot): Promise<void> {
    this.#activity.assertOpen()
    this.#snapshots.restore(snapshot)
  }

  async changes(options: ChangesOptions): Promise<Change[]> {
    return this.#changes.list(options)
  }

  async apply(patterns: readonly string[], options: ApplyOptions): Promise<Applied> {
    return this.#changes.apply(patterns, options)
  }

  async discard(): Promise<void> {
    return this.#changes.discard()
  }

  async with(permit: Permit, reports: BoxReports): Promise<Box> {
    this.#activity.assertOpen()
    const moment = permit.run === 0 ? null : this.#refusals.before(permit.run)
    if (moment === undefined) {
      throw new SandboxError('not-there', `the files of before run ${permit.run} are not kept any more`, {
        place: 'permit', hint: `those of the last ${MOST_MOMENTS} runs that were refused something are`,
      })
    }
    const snapshot = moment === null ? this.#snapshots.take() : this.#moments.snapshotOf(moment)
    const { policy, permits } = this.#setup
    const roles = widenedRoles(policy.roles ?? {}, permit.role, permit.allow)
    const wider = { ...policy, allow: widened(this.#allow ?? {}, permit.allow), roles }
    return Box.open({ ...this.#setup, policy: wider, permits: [...permits, permit], ...reports }, {
      snapshot, users: this.#users.settled, folders: this.#folders,
    })
  }

  async close(): Promise<void> {
    if (this.#activity.isClosed) return
    this.#activity.isClosed = true
    this.#accesses?.flush()
    this.#runs.kill()
    await this.#lines.close()
    this.#unmount()
    this.#tasks.close()
    this.#plain.sys.exit_group(this.#places.holder, 0)
    this.#plain.machine.runRcu()
  }

  /** Host descriptors that host folders hold are closed with the mounts. */
  #unmount(): void {
    this.#cow.leave()
    this.#late.close()
    this.#unmountPlaces()
  }

  #unmountPlaces(): void {
    for (const path of Object.keys(this.#setup.policy.mounts ?? {}).toReversed()) {
      this.#plain.sys.umount2(this.#plain.init, path, MNT_DETACH)
    }
  }
}

const orElse = <T>(make: () => T, undo: () => void): T => {
  try {
    return make()
  } catch (error) {
    undo()
    throw error
  }
}

const GUEST = { uid: 1000, gid: 1000 }
