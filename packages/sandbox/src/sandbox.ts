/** `createSandbox`: a box that runs programs under one policy, and reports its refusals. */
import {
  aBoolean, aFunction, aString, checkOptions, either, listOf, objectWith, oneOf, OptionError, optionsOf,
  plainOptions, recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionShape } from '@lsmkit/core/option-rules'
import type { Lsm } from '@lsmkit/core'
import { allowRules, checkAllow } from './allow.ts'
import { applyRules, changesRules, patternRules } from './cow/change.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from './cow/change.ts'
import { FleetHold, fleetReports } from './fleet-hold.ts'
import type { FleetPolicy } from './fleet-hold.ts'
import { deviceRules } from './devices.ts'
import type { Device } from './devices.ts'
import type { BoxPort } from './box-port.ts'
import type { Denial, Permit } from './denial.ts'
import { DenialQueue } from './denial-queue.ts'
import type { Denials } from './denial-queue.ts'
import { explanationText } from './explain.ts'
import type { Explanation } from './explain.ts'
import { SandboxFs } from './fs/sandbox-fs.ts'
import { filesRule } from './late-files/contents.ts'
import type { BoxFilesOption } from './late-files/contents.ts'
import { networkRules } from './hosts/network.ts'
import type { Network } from './hosts/network.ts'
import { inlineCode, joinsKernel, usePackages } from './kernel-code.ts'
import { nativeExecRules, openNative, processOf } from './native.ts'
import type { NativeExecOptions, NativeMaker, NativeResult, NativeSide } from './native.ts'
import { aModuleSource, checkAllows, policyRules } from './policy.ts'
import type { ModuleSource, Policy } from './policy.ts'
import { checkAcceptWithin, checkPermitWithin, checkRunWithin, policyWithin } from './within.ts'
import { runWith, specOf } from './run-options.ts'
import type { ProgramSource, RunOptions, RunResult } from './run-options.ts'
import { RemoteBox, startAhead } from './remote/remote-box.ts'
import { hasThreads } from './remote/threads.ts'
import type { KernelProcess } from './remote/threads.ts'
import { SandboxError } from './sandbox-error.ts'
import { checkServe, Service } from './serve.ts'
import type { ServeOptions } from './serve.ts'
import { shellRules, shellSpecOf } from './shell.ts'
import type { ShellRun, ShellSource, ShOptions } from './shell.ts'
import type { Snapshot } from './snapshot.ts'

export interface SandboxOptions extends Omit<Policy, 'modules'> {
  /** A managed maximum: a policy that this one has to stay within, and all its permits and runs. */
  readonly within?: Policy
  /**
   * An agent of `@lsmkit/fleet`: its policy is the box's, or a maximum of your own. Every run asks whether the box is
   * still within it.
   */
  readonly fleet?: FleetPolicy
  /** As data; with `inline` functions that make an LSM each time they are called, too. */
  readonly modules?: readonly (ModuleSource | (() => Lsm))[]
  /** Files of the box that are functions of yours, by path: asked about like any file, so `allow` has to name them. */
  readonly devices?: Readonly<Record<string, Device>>
  /** Files that the box begins with, in memory. A function is called when its file is first opened. */
  readonly files?: BoxFilesOption
  /** The shell of `box.sh`: `bash()` of `@lsmkit/just-bash`. */
  readonly shell?: ShellSource
  /** Functions of yours that look names up and open connections, for `allow: { hosts }`. */
  readonly network?: Network
  /**
   * `box.exec` runs programs of the host under the same policy: by `@lsmkit/native`, which has to be installed, or by
   * its `createNativeBox`. Linux only.
   */
  readonly native?: boolean | NativeMaker
  /**
   * The kernel and the programs of the box run in a process of their own, which the host's kernel holds to the folders
   * and hosts of the policy: by `@lsmkit/native`, or by its `kernelProcess`. Linux only.
   */
  readonly process?: boolean | KernelProcess
  /** With `native`: ids of what this kernel need not hold, or of what is to be opened. Not under a maximum. */
  readonly accept?: readonly string[]
  /** The kernel and the programs in this thread: for tests, for modules that are functions. */
  readonly inline?: boolean
  /**
   * Where the programs of an inline box run: in this thread, or in threads of their own, so that none keeps yours from
   * answering. Default: here where WebAssembly can suspend (Node 24), else in threads.
   */
  readonly programs?: 'here' | 'threads'
}

const shape: OptionShape<SandboxOptions> = {
  takes: {
    ...policyRules,
    within: optionsOf(policyRules),
    fleet: objectWith('sandboxPolicy', 'an agent of a fleet'),
    modules: listOf(either(aFunction, aModuleSource)),
    devices: recordOf(optionsOf(deviceRules)),
    files: filesRule,
    shell: optionsOf(shellRules),
    network: optionsOf(networkRules),
    native: either(aBoolean, aFunction),
    process: either(aBoolean, aFunction),
    accept: listOf(aString),
    inline: aBoolean,
    programs: oneOf('here', 'threads'),
  },
}
const permitShape: OptionShape<Permit> = {
  takes: {
    run: required(wholeNumber(0)), allow: required(optionsOf(allowRules)), why: required(aString), role: aString,
  },
}

const noPermit = (): OptionError =>
  new OptionError('bad-option', 'there is no permit', {
    place: 'with', hint: 'a denial whose `permit` is null can only be allowed by another policy',
  })

const ports = new WeakMap<Sandbox, BoxPort>()

/** The kernel's side of a box; undefined for what is not a box. */
export const portOf = (sandbox: Sandbox): BoxPort | undefined => ports.get(sandbox)

/** Holds a box to a managed maximum, and gives it its native side. */
let bindMax: (box: Sandbox, bounds: Bounds) => Sandbox

interface Bounds {
  readonly max: Policy | null
  readonly native: NativeSide | null
  readonly fleet: FleetHold | null
}

/** A box, from `createSandbox`. It lasts until `close`. */
export class Sandbox {
  /** The files of the box, as as the host task, which may do everything under any policy. */
  readonly fs: SandboxFs
  /** The refusals of all runs from now on. */
  readonly denials: Denials
  readonly #port: BoxPort
  readonly #queue: DenialQueue
  /** The managed maximum. */
  #max: Policy | null = null
  #native: NativeSide | null = null
  #fleet: FleetHold | null = null

  /** @internal */
  constructor(port: BoxPort, queue: DenialQueue) {
    this.#port = port
    ports.set(this, port)
    this.#queue = queue
    this.denials = queue
    this.fs = new SandboxFs(port.fs)
    dropped.register(this, port, port)
  }

  static #within(box: Sandbox, { max, native, fleet }: Bounds): Sandbox {
    box.#max = max
    box.#native = native
    box.#fleet = fleet
    return box
  }

  static {
    bindMax = (box, bounds) => Sandbox.#within(box, bounds)
  }

  /**
   * Runs a program of the host under the policy, held by the host's kernel: `createSandbox({ native: true })`. It works
   * in folders of the host; the box's files in memory are not there. Rejects with OptionError, with NativeError for a
   * program that could not be started or a policy that this kernel cannot hold, and with the signal's reason.
   */
  async exec(program: string, args: readonly string[] = [], options: NativeExecOptions = {}): Promise<NativeResult> {
    checkOptions(options, nativeExecRules, 'exec')
    this.#fleet?.check()
    if (this.#native !== null) {
      const result = await this.#native.programs.exec(program, args, options)
      for (const denial of result.denials) this.#fleet?.onDenial(denial)
      return result
    }
    throw new SandboxError('not-there', 'the box runs no programs of the host', {
      place: 'exec', hint: '`createSandbox({ native: true })`',
    })
  }

  /**
   * Runs a WASI program to its end. A refusal is not an error: the program learns its errno, and you the sentence.
   * Rejects with OptionError, with ProgramError for bytes that are not a program, and with the signal's reason.
   */
  async run(program: ProgramSource, options: RunOptions = {}): Promise<RunResult> {
    const spec = specOf(program, options)
    this.#fleet?.check(options)
    if (this.#max !== null) checkRunWithin(options, this.#max)
    return runWith(options, (streams) => this.#port.run(spec, streams))
  }

  /**
   * A server of a component that exports `wasi:http/incoming-handler`. Each request is a run of its own, so that none
   * sees what another has left in memory; it may have those options of `run` that are not streams.
   * `createServer(…)` of Node and others take its `fetch`. Throws OptionError.
   */
  serve(program: ProgramSource, options: ServeOptions = {}): Service {
    checkServe(program, options)
    if (this.#max !== null) checkRunWithin(options, this.#max)
    return new Service(options, async (of, request, http) => {
      this.#fleet?.check(of)
      return runWith(of, (streams) => this.#port.run(specOf(program, of, request), streams), http)
    })
  }

  /**
   * A command line for the box's shell, in a thread of its own: the limits of time, memory and output end it whatever
   * it does. Rejects with OptionError, with `not-there` for a box without a shell, and with the signal's reason.
   */
  async sh(command: string, options: ShOptions = {}): Promise<ShellRun> {
    const { spec, signal } = shellSpecOf(command, options)
    this.#fleet?.check(spec)
    if (this.#max !== null) checkRunWithin(spec, this.#max)
    signal?.throwIfAborted()
    const line = this.#port.sh(command, spec)
    signal?.addEventListener('abort', line.stop)
    try {
      return await line.end
    } finally {
      signal?.removeEventListener('abort', line.stop)
      signal?.throwIfAborted()
    }
  }

  /**
   * A box of its own under the wider policy, with the files of before the run that was refused: run the program again
   * in it. This box stays unchanged. Rejects with OptionError for anything other than a permit.
   */
  async with(given: Permit): Promise<Sandbox> {
    if ((given as Permit | null) === null) throw noPermit()
    const permit = plainOptions(given, permitShape, 'with')
    checkAllow(permit.allow, 'with: allow')
    if (this.#max !== null) checkPermitWithin(permit.allow, this.#max)
    const fleet = this.#fleet?.with(permit.allow) ?? null
    const queue = new DenialQueue()
    const onDenial = (denial: Denial): void => queue.push(denial)
    const port = await this.#port.with(permit, fleet?.reports(onDenial) ?? fleetReports(undefined, onDenial))
    const bounds = { max: this.#max, native: this.#native?.with(permit) ?? null, fleet }
    return Sandbox.#within(new Sandbox(port, queue), bounds)
  }

  /** The effect of the policy; `String(…)` of it is a page for people. */
  async explain(): Promise<Explanation> {
    const explained = await this.#port.explain()
    return Object.defineProperty({ ...explained }, 'toString', { value: () => explanationText(explained) })
  }

  /**
   * The changes that programs have made in folders that are copied on write, in the order of paths:
   * `hostFolder(path, { copyOnWrite: true })`.
   */
  async changes(options: ChangesOptions = {}): Promise<readonly Change[]> {
    return this.#port.changes(plainOptions(options, { takes: changesRules }, 'changes'))
  }

  /**
   * Writes changes to the folders of the host: those whose names match, and the directories that they need. Patterns
   * are relative to the folder, or paths of the box. All or nothing: rejects with SandboxError `host-changed` where the
   * host has changed one meanwhile (`places` says which), and `link` for a link that leads out of the folder; nothing
   * is written then.
   */
  async apply(patterns: string | readonly string[], options: ApplyOptions = {}): Promise<Applied> {
    const list = typeof patterns === 'string' ? [patterns] : patterns
    checkOptions({ patterns: list }, patternRules, 'apply')
    return this.#port.apply([...list], plainOptions(options, { takes: applyRules }, 'apply'))
  }

  /** Forgets all changes of folders that are copied on write. */
  async discard(): Promise<void> {
    return this.#port.discard()
  }

  /** The files that lie in memory, as data. */
  async snapshot(): Promise<Snapshot> {
    return this.#port.snapshot()
  }

  async restore(snapshot: Snapshot): Promise<void> {
    return this.#port.restore(snapshot)
  }

  /** Ends what runs, and lets go of everything. */
  async close(): Promise<void> {
    dropped.unregister(this.#port)
    await this.#port.close()
    this.#queue.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** A box that nobody has any more is closed. */
const dropped = new FinalizationRegistry<BoxPort>((port) => void port.close())

type Modules = readonly (ModuleSource | (() => Lsm))[]

/** Functions that make modules are of whoever makes the box: they come on top of those of the policy. */
const withinMax = (
  { modules = [], ...policy }: Omit<Policy, 'modules'> & { readonly modules?: Modules }, max: Policy,
): Omit<Policy, 'modules'> & { readonly modules: Modules } => {
  const own = modules.filter((one) => typeof one === 'function')
  const sources = modules.filter((one) => typeof one !== 'function')
  const given = sources.length === 0 ? policy : { ...policy, modules: sources }
  const { modules: all = [], ...whole } = policyWithin(given, max, 'createSandbox: within')
  return { ...whole, modules: [...all, ...own] }
}

/** Whoever says nothing of a policy has the fleet's. */
const withinFleet = (given: Omit<Policy, 'modules'> & { readonly modules?: Modules }, max: Policy) => {
  const isOwn = Object.keys(given).some((name) => name !== 'modules' && name !== 'version') ||
    (given.modules ?? []).some((one) => typeof one !== 'function')
  return isOwn ? withinMax(given, max) : withinMax({ ...max, modules: given.modules ?? [] }, max)
}

/** Options by which a box may be in another thread than most. */
const ELSEWHERE = ['inline', 'process', 'modules', 'within', 'fleet'] as const

/** The thread starts while the options are checked. If they turn out to be wrong, the next box has it. */
const prepareThread = (options: SandboxOptions): void => {
  if (ELSEWHERE.every((name) => (options[name] ?? false) === false) && hasThreads()) startAhead(options.shell ?? null)
}

/** Throws OptionError, SandboxError, and what the agent of a fleet throws where no policy of it holds. */
export const createSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  if (typeof options === 'object' && (options as SandboxOptions | null) !== null) prepareThread(options)
  const plain = plainOptions(options, shape, 'createSandbox')
  const {
    inline = false, devices = {}, files = {}, shell = null, network = {}, programs, within, fleet: agent,
    native: nativeBy = false,
    process: processBy = false, accept = [], ...given
  } = plain
  const fleetMax = agent?.sandboxPolicy()
  const bound = within === undefined ? given : withinMax(given, within)
  const { modules = [], ...policy } = fleetMax === undefined ? bound : withinFleet(bound, fleetMax)
  const max = within ?? null
  if (max !== null || fleetMax !== undefined) checkAcceptWithin(accept)
  checkAllows(policy, 'createSandbox')
  const queue = new DenialQueue()
  const reports = fleetReports(agent, (denial) => queue.push(denial))
  const sources = modules.filter((one) => typeof one !== 'function')
  const whole = { ...policy, modules: sources }
  const native = await openNative(nativeBy, whole, sources.length < modules.length, { accept, network })
  const bounds = { max, native, fleet: agent === undefined ? null : new FleetHold(agent, whole) }
  if (programs !== undefined && !inline) {
    throw new OptionError('bad-option', '`programs` is for inline boxes: others run them in threads', {
      place: 'createSandbox: programs', hint: '`inline: true`',
    })
  }
  if (processBy !== false && inline) {
    throw new OptionError('bad-option', 'the kernel of an inline box is in this thread', {
      place: 'createSandbox: process', hint: 'without `inline`',
    })
  }
  if (inline || !hasThreads()) {
    if (joinsKernel(modules, shell)) usePackages()
    const { openInline } = await inlineCode()
    const box = await openInline(whole, modules, { ...reports, devices, network, files }, shell, programs)
    return bindMax(new Sandbox(box, queue), bounds)
  }
  if (sources.length < modules.length) {
    throw new SandboxError('inline-only', 'a module that is a function cannot go to the worker of the kernels', {
      place: 'createSandbox: modules', hint: '`{ module, options }`, or `inline: true`',
    })
  }
  const start = await processOf(processBy)
  const box = await RemoteBox.open(whole, { ...reports, devices, network, files }, shell, start)
  return bindMax(new Sandbox(box, queue), bounds)
}
