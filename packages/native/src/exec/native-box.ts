/** `createNativeBox(policy)`: native programs under the policy of a box, one after the other or side by side. */
import { accessSync, constants, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { signalName, SIGXCPU, SIGXFSZ } from '@lsmkit/abi'
import {
  aFunction, aString, checkOptions, either, instanceOf, listOf, oneOf, optionsOf, recordOf,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import type { Denial, Policy } from '@lsmkit/sandbox/policy-parts'
import { networkRules } from '@lsmkit/sandbox/hosts'
import type { HostTraffic, Network } from '@lsmkit/sandbox/hosts'
import type { HostProxy } from '../hosts/proxy.ts'
import { wayToHosts } from '../hosts/way-to-hosts.ts'
import { NativeError } from '../native-error.ts'
import { compile } from '../plan/compile.ts'
import { gatherFacts } from '../plan/facts.ts'
import type { Facts } from '../plan/facts.ts'
import { explanationOf } from '../plan/explain.ts'
import type { NativeExplanation } from '../plan/explain.ts'
import { NEWEST_ABI } from '../plan/landlock-plan.ts'
import { hostPathOf, placesOf } from '../plan/mapping.ts'
import type { Plan } from '../plan/plan.ts'
import { placeErrors } from './open-places.ts'
import { hostSystem } from '../sys/system.ts'
import { programPath } from './program-path.ts'
import { checkHeld, startProgram } from './start.ts'
import type { Ending, NativeProcess, StartParts, Stdio } from './start.ts'
import type { NativeUsage } from './status-stream.ts'
import { attaching, watchedPlan } from '../watch/watched-plan.ts'
import { Watch } from '../watch/watch.ts'

export interface NativeOptions {
  /** Ids of what this kernel need not hold, or of what is to be opened. */
  readonly accept?: readonly string[]
  /** Functions of yours that look names of `hosts` up and open connections. Default: Node's. */
  readonly network?: Network
  /** Paths of the policy whose refusals the kernel does not log, from Landlock's ABI 10 on. A watch reports them. */
  readonly quiet?: readonly string[]
  /** Called for each host that the proxy refuses. */
  readonly onDenial?: (denial: Denial) => void
}

export interface StartOptions {
  /** Variables beside those of the policy, which stand. */
  readonly env?: Readonly<Record<string, string>>
  /** The folder that it starts in, by its path in the box. Default: the current one. */
  readonly cwd?: string
  /** A role of the policy. */
  readonly role?: string
  /** Each stream of the program: `pipe` (default), `inherit` or `ignore`. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio]
  /** Called with the listener of the filter, before the program runs its first instruction. */
  readonly onListener?: (listener: number, pid: number) => void | Promise<void>
  /** Answers the program's calls (`openWatch`); its `end` gives the last reports when the program has ended. */
  readonly watch?: Watch
}

export interface ExecOptions extends Omit<StartOptions, 'stdio' | 'onListener'> {
  /** Its input. Default: nothing. */
  readonly stdin?: string | Uint8Array
  /** Ends the program, and `exec` rejects with its reason. */
  readonly signal?: AbortSignal
}

export interface NativeRun {
  /** As shells report it: 128 and the number of a signal, 152 for `time`, 153 for `output`. */
  readonly status: number
  /** Name of the signal that ended it, or null. */
  readonly signal: string | null
  /** The limit that ended it, as a sentence; empty for a program that ended by itself. */
  readonly reason: string
  readonly stdout: string
  readonly stderr: string
  readonly usage: NativeUsage
  /** The hosts that it was connected to; empty without a proxy. */
  readonly connections: readonly HostTraffic[]
  /** The hosts that it was refused; others are a watch's to report. */
  readonly denials: readonly Denial[]
}

const startShape = { env: recordOf(aString), cwd: aString, role: aString }
const stdioRule = listOf(either(oneOf('pipe', 'ignore', 'inherit'), { is: Number.isInteger, what: 'a descriptor' }))
const startRules: OptionRules<StartOptions> = {
  ...startShape, stdio: stdioRule, onListener: aFunction, watch: instanceOf(Watch),
}
const execRules: OptionRules<ExecOptions> = {
  ...startShape, stdin: either(aString, instanceOf(Uint8Array)), signal: instanceOf(AbortSignal),
  watch: instanceOf(Watch),
}
const nativeRules: OptionRules<NativeOptions> = {
  accept: listOf(aString), quiet: listOf(aString), network: optionsOf(networkRules), onDenial: aFunction,
}

const SHELL_SIGNAL = 128

/** A program, and the limit that ends it. */
export interface Limited {
  readonly process: NativeProcess
  /** Ends it because of a limit. */
  readonly over: (limit: 'time' | 'output') => void
  readonly reason: () => 'time' | 'output' | null
  /** Its way to the hosts of the policy; null without a proxy. */
  readonly proxy: HostProxy | null
}

const limited = (running: NativeProcess, plan: Plan, proxy: HostProxy | null): Limited => {
  let reason: 'time' | 'output' | null = null
  const over = (limit: 'time' | 'output'): void => {
    reason ??= limit
    running.end()
  }
  if (plan.time < Infinity) {
    const timer = setTimeout(() => over('time'), plan.time)
    running.ended.finally(() => clearTimeout(timer)).catch(() => undefined)
  }
  let left = plan.output
  const count = (bytes: Buffer): void => {
    left -= bytes.length
    if (left < 0) over('output')
  }
  if (plan.output < Infinity) for (const stream of [running.stdout, running.stderr]) stream?.on('data', count)
  return { process: running, over, reason: () => reason, proxy }
}

const sentences = {
  time: 'the program was ended after its time', output: 'the program was ended: it wrote more than `output`',
} as const

/** The status that a shell would show, and why. */
export const settledStatus = (
  { code, signal }: Ending, reason: 'time' | 'output' | null,
): Pick<NativeRun, 'status' | 'signal' | 'reason'> => {
  if (reason !== null) {
    const number = reason === 'time' ? SIGXCPU : SIGXFSZ
    return { status: SHELL_SIGNAL + number, signal: signalName(number), reason: sentences[reason] }
  }
  return signal === null ? { status: code ?? 0, signal: null, reason: '' }
    : { status: SHELL_SIGNAL + signal, signal: signalName(signal), reason: '' }
}

/** No more than `most` bytes, whatever comes. */
const collected = (stream: Readable | null, most: number): (() => string) => {
  const parts: Buffer[] = []
  let length = 0
  stream?.on('data', (bytes: Buffer) => {
    const left = bytes.subarray(0, Math.max(0, Math.min(bytes.length, most - length)))
    length += left.length
    if (left.length > 0) parts.push(left)
  })
  return () => Buffer.concat(parts).toString('utf8')
}

/** What is kept of an output that has no limit. */
const MOST_KEPT = 1 << 30

export class NativeBox {
  readonly #policy: Policy
  readonly #accept: readonly string[]
  readonly #options: NativeOptions

  /** @internal */
  constructor(policy: Policy, options: NativeOptions) {
    this.#policy = policy
    this.#accept = options.accept ?? []
    this.#options = options
  }

  /** The plan as the host is now. */
  plan(role?: string, listener = false): { readonly plan: Plan; readonly facts: Facts } {
    const facts = gatherFacts(this.#policy)
    const { quiet = [] } = this.#options
    const options = { accept: this.#accept, listener, quiet, ...(role === undefined ? {} : { role }) }
    return { plan: compile(this.#policy, facts, options), facts }
  }

  /** A watcher that makes the calls holds every right that Landlock has in any version. */
  #modelOf(own: Plan, watch: Watch, role: string | undefined): Plan {
    if (watch.mode !== 'mediate' || own.landlock === null) return own
    const facts = { ...gatherFacts(this.#policy), landlock: NEWEST_ABI }
    const model = compile(this.#policy, facts, { accept: this.#accept, ...(role === undefined ? {} : { role }) })
    // the port of a proxy is in the plan alone
    const ports = [...own.landlock.ports, ...model.landlock!.ports]
    return { ...model, landlock: { ...model.landlock!, ports } }
  }

  /** Which wall holds each line of the policy here; `String(…)` of it is a page for people. */
  explain(role?: string): NativeExplanation {
    const { plan, facts } = this.plan(role)
    return explanationOf(plan, facts, this.#accept, placeErrors(hostSystem(), plan))
  }

  /** Starts a program and hands out its streams. Throws NativeError. */
  start(command: string, args: readonly string[] = [], options: StartOptions = {}): Limited {
    checkOptions(options, startRules, 'start')
    const { env = {}, cwd, role, stdio = ['pipe', 'pipe', 'pipe'], watch } = options
    const { plan: compiled } = this.plan(role, watch !== undefined || options.onListener !== undefined)
    checkHeld(compiled)
    const folder = this.#folder(cwd)
    const way = wayToHosts(compiled, this.#options, options)
    try {
      const { plan: own } = way
      const plan = watch === undefined ? own : watchedPlan(own, watch)
      const onListener = watch === undefined ? options.onListener ?? way.onListener
        : attaching(own, this.#modelOf(own, watch, role), watch)
      const variables = { ...env, ...way.env, ...plan.env }
      const parts: StartParts = {
        program: programPath(command, variables.PATH ?? '', folder), args: [command, ...args], env: variables,
        cwd: folder, stdio: plan.output < Infinity ? piped(stdio) : stdio,
        ...(onListener === undefined ? {} : { onListener }), ...(watch?.isProbed === true ? { probe: own } : {}),
      }
      const started = limited(startProgram(plan, parts), plan, way.proxy)
      started.process.ended.finally(way.end).catch(() => undefined)
      return started
    } catch (error) {
      way.end()
      throw error
    }
  }

  /**
   * Runs a program to its end. Rejects with NativeError for one that could not be started, and with the signal's
   * reason.
   */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<NativeRun> {
    checkOptions(options, execRules, 'exec')
    const { stdin, signal, ...rest } = options
    signal?.throwIfAborted()
    const input = stdin === undefined ? 'ignore' : 'pipe'
    const started = this.start(command, args, { ...rest, stdio: [input, 'pipe', 'pipe'] })
    const { process: running } = started
    const end = (): void => running.end()
    signal?.addEventListener('abort', end)
    // a program need not read what it is given
    running.stdin?.on('error', () => undefined)
    running.stdin?.end(stdin)
    const [stdout, stderr] = [collected(running.stdout, MOST_KEPT), collected(running.stderr, MOST_KEPT)]
    try {
      const ending = await running.ended
      signal?.throwIfAborted()
      const { connections = [], denials = [] } = started.proxy ?? {}
      return {
        ...settledStatus(ending, started.reason()), stdout: stdout(), stderr: stderr(), usage: ending.usage,
        connections, denials,
      }
    } finally {
      signal?.removeEventListener('abort', end)
    }
  }

  #folder(cwd: string | undefined): string {
    if (cwd === undefined) return resolve('.')
    const place = placesOf(this.#policy, cwd)[0]?.place
    if (place === undefined || place.private !== null) {
      throw new NativeError('no-path', `there is no folder of the host at \`${cwd}\``, {
        place: 'cwd', hint: 'a path of the policy, in a folder of the host that it mounts',
      })
    }
    const folder = hostPathOf(place)
    // a spawn would say of the launcher that it is not there
    if (isFolder(folder)) return folder
    throw new NativeError('no-path', `\`${folder}\` is not a folder that can be entered`, {
      place: 'cwd', hint: 'a folder that is there',
    })
  }
}

const isFolder = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

const piped = (stdio: readonly [Stdio, Stdio, Stdio]): readonly [Stdio, Stdio, Stdio] => [stdio[0], 'pipe', 'pipe']

/** A box of native programs. Throws OptionError and SandboxError for a policy that is wrong. */
export const createNativeBox = (policy: Policy, options: NativeOptions = {}): NativeBox => {
  checkOptions(options, nativeRules, 'createNativeBox')
  return new NativeBox(checkPolicy(policy), options)
}
