/** Starts a program under a plan: the walls are put up by a launcher, in the program's own process, before it runs. */
// by its default export: the bundle of `lsm` loads it when it is used
import childProcess from 'node:child_process'
import type { ChildProcess, StdioOptions } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import { errnoName, LANDLOCK_ACCESS_FS_EXECUTE } from '@lsmkit/abi'
import { isBeneath } from '@lsmkit/sandbox/policy-parts'
import { NativeError } from '../native-error.ts'
import { launcherOf, SIGNAL_END, STATUS_FD } from '../launcher/steps.ts'
import type { Launcher, LaunchPlan } from '../launcher/steps.ts'
import { gapTable } from '../plan/gaps.ts'
import { hostPathOf, isTemporary } from '../plan/mapping.ts'
import type { Plan } from '../plan/plan.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import { kill, pidfdGetfd, pidfdOpen } from '../sys/process.ts'
import { hasPatientListener } from '../sys/seccomp.ts'
import { hostSystem } from '../sys/system.ts'
import type { System } from '../sys/system.ts'
import { makeGroup } from './cgroup-group.ts'
import type { Group } from './cgroup-group.ts'
import { imageFile } from './image-file.ts'
import { openRuleset } from './open-places.ts'
import { startProbe } from './start-probe.ts'
import { messageReader } from './status-stream.ts'
import type { NativeUsage } from './status-stream.ts'

/** A stream of the program: as `child_process.spawn` takes it. */
export type Stdio = 'pipe' | 'ignore' | 'inherit' | number

export interface StartParts {
  /** Its path on the host. */
  readonly program: string
  /** With its name in front. */
  readonly args: readonly string[]
  /** All variables that it gets. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly stdio: readonly [Stdio, Stdio, Stdio]
  /**
   * The filter has a listener. Called with a descriptor of it in this process, before the program runs its first
   * instruction; it goes on when the promise is there. `privates`: folders of the host that stand for memory mounts, by
   * path of the box. `probe`: a descriptor that leads to a probe behind the same walls, or -1.
   */
  readonly onListener?: (
    listener: number, pid: number, privates: ReadonlyMap<string, string>, probe: number,
  ) => void | Promise<void>
  /** A probe is started beside the program, behind this filter: one that asks nobody. */
  readonly probe?: { readonly filter: readonly FilterStep[] | null }
}

/** What a process was started with. */
interface Started extends Omit<StartParts, 'probe'> {
  readonly launcher: Launcher
  readonly privates: ReadonlyMap<string, string>
  readonly probe: number
  readonly plan: Plan
}

/** How a program ended. */
export interface Ending {
  /** Of wait4(2): 0 to 255, or null where a signal ended it. */
  readonly code: number | null
  /** Number of the signal, or null. */
  readonly signal: number | null
  readonly usage: NativeUsage
}

/** A program that runs under a plan. */
export class NativeProcess {
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Rejects with NativeError for a program that could not be started: nothing has run then. */
  readonly ended: Promise<Ending>
  readonly #system: System
  readonly #keeper: ChildProcess
  readonly #group: Group | null
  /** Its number; null for one that never was. */
  readonly started: Promise<number | null>
  #pid: number | null = null
  #tellStarted!: (pid: number | null) => void
  #isOver = false
  #isProbeTaken = false

  /** @internal */
  constructor(system: System, keeper: ChildProcess, group: Group | null, parts: Started) {
    this.#system = system
    this.#keeper = keeper
    this.#group = group
    this.stdin = keeper.stdin
    this.stdout = keeper.stdout
    this.stderr = keeper.stderr
    this.started = new Promise((done) => (this.#tellStarted = done))
    this.ended = this.#follow(parts)
    // whoever wants to know asks
    this.ended.catch(() => undefined)
  }

  /** Its number, as soon as it is known. */
  get pid(): number | null {
    return this.#pid
  }

  /** Sends a signal to the program and its group. Answers whether there was one. */
  kill(signal: number): boolean {
    return this.#pid !== null && !this.#isOver && kill(this.#system, -this.#pid, signal) === 0
  }

  /** Ends the program and everything that it started, wherever that has gone. */
  end(): void {
    if (this.#isOver || this.#keeper.pid === undefined) return
    kill(this.#system, this.#keeper.pid, SIGNAL_END)
    this.#group?.kill()
  }

  /** Whether this process has to stay for it. Default: yes. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#keeper.ref()
    else this.#keeper.unref()
    for (const stream of this.#keeper.stdio as readonly (Socket | null)[]) {
      if (isHeld) stream?.ref()
      else stream?.unref()
    }
  }

  async #follow(parts: Started): Promise<Ending> {
    let ending: Ending | null = null
    let failure: NativeError | null = null
    const status = this.#keeper.stdio[STATUS_FD] as Duplex
    const read = messageReader({
      started: (pid) => this.#tellStarted(this.#pid = pid),
      listener: (fd) => void this.#handOver(fd, status, parts),
      ended: (word, usage) => {
        this.#isOver = true
        const signal = word & 0x7f
        ending = { code: signal === 0 ? word >> 8 : null, signal: signal === 0 ? null : signal, usage }
      },
      failed: (call, rc) => void (failure = failureOf(parts.launcher.calls[call]!, rc, parts)),
    })
    status.on('data', read)
    await new Promise<void>((done, fail) => {
      this.#keeper.once('error', (cause) => fail(
        new NativeError('start-failed', 'the launcher cannot be executed', { cause, hint: cause.message })))
      this.#keeper.once('close', () => done())
    })
    this.#isOver = true
    this.#tellStarted(null)
    // a program that never was has handed nothing over
    if (!this.#isProbeTaken && parts.probe >= 0) closeSync(parts.probe)
    if (failure !== null) throw failure as NativeError
    if (ending === null) throw new NativeError('start-failed', 'the keeper of the program was ended from outside')
    return ending
  }

  async #handOver(fd: number, status: Duplex, { onListener, privates, probe }: Started): Promise<void> {
    const pid = await this.started
    if (pid === null) return
    const pidfd = pidfdOpen(this.#system, pid)
    const listener = pidfd < 0 ? pidfd : pidfdGetfd(this.#system, pidfd, fd)
    if (pidfd >= 0) closeSync(pidfd)
    if (listener < 0) return this.end()
    this.#isProbeTaken = true
    await onListener?.(listener, pid, privates, probe)
    status.write('.')
  }
}

/** Whether a rule permits to execute what lies at a path of the host. */
const isExecutable = (program: string, { landlock }: Plan): boolean => {
  const real = realOf(program)
  return landlock === null || landlock.paths.some(({ place, rights }) =>
    (rights & LANDLOCK_ACCESS_FS_EXECUTE) !== 0 && place.private === null &&
      isBeneath(real, realOf(hostPathOf(place))))
}

const realOf = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const failureOf = (call: string, rc: number, { program, plan }: Started): NativeError => {
  if (call !== 'execve') {
    return new NativeError('start-failed', `\`${call}\` answered ${errnoName(rc)}`, { place: 'native' })
  }
  return new NativeError('no-program', `\`${program}\` cannot be executed: ${errnoName(rc)}`, {
    hint: errnoName(rc) !== 'EACCES' ? null
      : isExecutable(program, plan) ? '`allow.exec` has to name its interpreter and its loader too'
        : '`allow.exec` has to name its folder, its interpreter and its loader; if the policy mounts folders of the ' +
          'host, these have to lie in mounted ones',
  })
}

/** Throws NativeError `not-held` for a plan with gaps that nobody has accepted. */
export const checkHeld = ({ gaps }: Plan): void => {
  if (gaps.length === 0) return
  const lines = gaps.map((id) => `${id}: ${gapTable[id].means}`)
  throw new NativeError('not-held', lines.length === 1 ? lines[0]! : ['this kernel does not hold', ...lines], {
    gaps, hint: `\`accept: [${gaps.map((id) => `'${id}'`).join(', ')}]\` does without`,
  })
}

/** Folders that stand for memory mounts, by path of the box. */
const makePrivates = ({ privates, user, landlock }: Plan): Map<string, string> => new Map(privates.map((path) => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-'))
  for (const { place } of landlock?.paths ?? []) {
    if (place.private === path && place.below !== '') mkdirSync(join(folder, place.below), { recursive: true })
  }
  if (user !== null) chownSync(folder, user.uid, user.gid)
  return [path, folder]
}))

/** Starts a program. If a wall cannot be put up, nothing runs: this throws NativeError, or `ended` rejects with it. */
export const startProgram = (plan: Plan, parts: StartParts): NativeProcess => {
  checkHeld(plan)
  const system = hostSystem()
  const privates = makePrivates(plan)
  const opened: (() => void)[] = [...privates.values()]
    .map((folder) => () => rmSync(folder, { recursive: true, force: true }))
  const undo = (): void => opened.splice(0).forEach((close) => close())
  try {
    const group = plan.cgroup === null ? null : makeGroup(plan.cgroup)
    if (group !== null) opened.push(group.remove)
    const ruleset = plan.landlock === null ? null
      : openRuleset(system, plan, plan.landlock, privates, () => undefined)
    const temporary = [...privates].find(([path]) => isTemporary(path))?.[1]
    const env = temporary === undefined ? parts.env : { HOME: temporary, ...parts.env, TMPDIR: temporary }
    const launch: LaunchPlan = {
      arch: system.arch, supervisor: process.pid, program: parts.program, args: parts.args, env,
      landlock: plan.landlock?.flags ?? null, filter: plan.filter, listener: parts.onListener !== undefined,
      isPatient: parts.onListener !== undefined && hasPatientListener(system),
      limits: plan.limits, hasCgroup: group !== null, user: plan.user,
    }
    const launcher = launcherOf(launch)
    const file = imageFile(system, launcher.image)
    try {
      const stdio: StdioOptions = [...parts.stdio, 'pipe', ruleset ?? 'ignore', group?.fd ?? 'ignore']
      const keeper = childProcess.spawn(file.path, [], { cwd: parts.cwd, env: {}, stdio, detached: true })
      keeper.once('close', undo)
      keeper.once('error', undo)
      const probe = parts.probe === undefined || ruleset === null ? -1
        : startProbe(system, { ...launch, filter: parts.probe.filter }, ruleset)
      return new NativeProcess(system, keeper, group, { ...parts, launcher, privates, probe, plan })
    } finally {
      file.close()
      if (ruleset !== null) closeSync(ruleset)
    }
  } catch (error) {
    undo()
    throw error
  }
}
