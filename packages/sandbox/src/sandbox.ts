/** `createSandbox`: a box that runs programs under one policy, and tells what it refused them. */
import {
  aBoolean, aFunction, checkOptions, either, listOf,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Lsm } from '@lsmkit/core'
import { refuseGlobs } from './allow.ts'
import { Box } from './box.ts'
import type { BoxPort } from './box-port.ts'
import type { Denial, Permit } from './denial.ts'
import { DenialQueue } from './denial-queue.ts'
import { explanationText } from './explain.ts'
import type { Explanation } from './explain.ts'
import { SandboxFs } from './fs/sandbox-fs.ts'
import { aModuleSource, policyRules } from './policy.ts'
import type { ModuleSource, Policy } from './policy.ts'
import { runWith, specOf } from './run-options.ts'
import type { ProgramSource, RunOptions, RunResult } from './run-options.ts'
import { SandboxError } from './sandbox-error.ts'
import type { Snapshot } from './snapshot.ts'
import { loadModule } from './stack.ts'
import type { MakeLsm } from './stack.ts'

export interface SandboxOptions extends Omit<Policy, 'modules'> {
  /** As data; with `inline` functions that make an LSM each time they are called, too. */
  readonly modules?: readonly (ModuleSource | (() => Lsm))[]
  /** The kernel and the programs in this thread: for tests, for modules that are functions. */
  readonly inline?: boolean
}

const rules: OptionRules<SandboxOptions> = {
  ...policyRules,
  modules: listOf(either(aFunction, aModuleSource)),
  inline: aBoolean,
}

export class Sandbox {
  /** The files of the box, as the host's own hand: whatever the policy, it may do all. */
  readonly fs: SandboxFs
  /** What any run is refused from now on. */
  readonly denials: AsyncIterable<Denial>
  private readonly port: BoxPort
  private readonly queue: DenialQueue

  /** @internal */
  constructor(port: BoxPort, queue: DenialQueue) {
    this.port = port
    this.queue = queue
    this.denials = queue
    this.fs = new SandboxFs(port.fs)
  }

  /**
   * Runs a WASI program to its end. A refusal is no error: the program learns its errno, and you the sentence. Rejects
   * with OptionError, with ProgramError for bytes that are no program, and with the signal's reason.
   */
  async run(program: ProgramSource, options: RunOptions = {}): Promise<RunResult> {
    const spec = specOf(program, options)
    return runWith(options, (streams) => this.port.run(spec, streams))
  }

  /** A command line for the box's shell. Rejects with `not-there` for a box without one. */
  async sh(command: string, options: object = {}): Promise<unknown> {
    return this.port.sh(command, options)
  }

  /**
   * A box of its own under the wider policy, with the files of before the run that was refused: run the program again
   * in it. This box stays as it is.
   */
  async with(permit: Permit): Promise<Sandbox> {
    const queue = new DenialQueue()
    return new Sandbox(await this.port.with(permit, (denial) => queue.push(denial)), queue)
  }

  /** What the policy became; `String(…)` of it is a page for people. */
  async explain(): Promise<Explanation> {
    const explained = await this.port.explain()
    return Object.defineProperty({ ...explained }, 'toString', { value: () => explanationText(explained) })
  }

  /** The files that lie in memory, as data. */
  async snapshot(): Promise<Snapshot> {
    return this.port.snapshot()
  }

  async restore(snapshot: Snapshot): Promise<void> {
    return this.port.restore(snapshot)
  }

  /** Ends what runs, and lets go of everything. */
  async close(): Promise<void> {
    await this.port.close()
    this.queue.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Throws OptionError and SandboxError. */
export const createSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  checkOptions(options, rules, 'createSandbox')
  const { modules = [], inline = false, ...policy } = options
  if (policy.allow !== undefined) refuseGlobs(policy.allow, 'createSandbox: allow')
  const makers = await Promise.all(modules.map((one, i): MakeLsm | Promise<MakeLsm> =>
    typeof one === 'function' ? one : loadModule(one, i)))
  if (!inline) throw new SandboxError('inline-only', 'boxes are inline for now', { hint: '`inline: true`' })
  const queue = new DenialQueue()
  const sources = modules.filter((one) => typeof one !== 'function')
  const setup = {
    policy: { ...policy, modules: sources }, makers, waiting: 'suspended', permits: [],
    onDenial: (denial: Denial) => queue.push(denial),
  } as const
  return new Sandbox(await Box.open(setup), queue)
}
