/** A shell in a box: found by its name beside the kernel, and given the inside of the box. */
import {
  aBoolean, aString, bytes, checkOptions, either, instanceOf, listOf, plainOptions, recordOf, required,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { Denial } from './denial.ts'
import type { HostTraffic } from './hosts/account.ts'
import type { Inside } from './inside-box.ts'
import { aUser } from './policy.ts'
import type { User } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'

/** A package, or the URL of a module, that exports `openShell` (or the function named by `export`): an `OpenShell`. */
export interface ShellSource {
  readonly module: string
  readonly export?: string
  /** Options of that function: data. */
  readonly options?: object
  /**
   * The module imports no values of `@lsmkit/core` and of `@lsmkit/kernel`, except `@lsmkit/kernel/files` and
   * `@lsmkit/core/option-rules`: it works with the kernel that it is handed. Its box starts sooner.
   */
  readonly isHanded?: boolean
}

/** Options of `box.sh` beside the command line. */
export interface ShOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Default `/`. */
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  /** `$1` and the rest. */
  readonly args?: readonly string[]
  /** As in the policy, for this line. */
  readonly user?: User
  /** Of the shell, and of commands that have none of their own. */
  readonly label?: string
  /** A role of the policy, which narrows what the line may do. */
  readonly role?: string
  /** Ends the line, and `sh` is rejected with its reason. */
  readonly signal?: AbortSignal
}

/** The same as data. */
export type ShellSpec = Omit<ShOptions, 'signal'>

const specRules: OptionRules<ShellSpec> = {
  env: recordOf(aString), cwd: aString, stdin: either(aString, bytes), args: listOf(aString), user: aUser,
  label: aString, role: aString,
}
const shRules: OptionRules<ShOptions> = { ...specRules, signal: instanceOf(AbortSignal) }
const commandRules = { command: required(aString) }

/** The options read once, and without the signal, which is not data. Throws OptionError. */
export const shellSpecOf = (
  command: string, given: ShOptions,
): { readonly spec: ShellSpec; readonly signal: AbortSignal | undefined } => {
  checkOptions({ command }, commandRules, 'box.sh')
  const { signal, ...spec } = plainOptions(given, { takes: shRules }, 'box.sh')
  return { spec, signal }
}

/** A request to a shell. */
export interface ShellRequest extends ShOptions {
  /** Number of the run: for `inside.task({ run })`, so that its refusals are reported with it. */
  readonly run: number
  /** Ends the line at once: the caller's own signal, and the limit of time. */
  readonly signal: AbortSignal
  /** To be called when the line begins to run: the limit of time counts anew from there. */
  readonly onStart: () => void
}

export interface ShellEnd {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** Why the line was ended, for people: `SIGXCPU: time limit`. */
  readonly reason?: string
}

/** The result of `box.sh`. */
export interface ShellRun extends Required<ShellEnd> {
  readonly run: number
  readonly denials: readonly Denial[]
  /** Refusals beyond those that are kept (1,024 of a run). */
  readonly denialsLeftOut: number
  /** Hosts of `allow.hosts` that the line was connected to. */
  readonly connections: readonly HostTraffic[]
}

/** A line that goes on. */
export interface ShellRunning {
  readonly end: Promise<ShellRun>
  /** Ends it: what was printed until then is lost. */
  stop(): void
}

export interface Shell {
  /** Runs a command line to its end. Where the signal ends it, it may reject. */
  sh(command: string, request: ShellRequest): Promise<ShellEnd>
  close?(): void
}

export type OpenShell = (inside: Inside, options: object) => Shell | Promise<Shell>

const anObject: OptionRule = { is: (value) => typeof value === 'object' && value !== null, what: 'an object' }
export const shellRules: OptionRules<ShellSource> = {
  module: required(aString), export: aString, options: anObject, isHanded: aBoolean,
}

/** Throws SandboxError for a module that has no shell. */
export const openShell = async (source: ShellSource, inside: Inside): Promise<Shell> => {
  const { module, export: name = 'openShell', options = {} } = source
  let open: unknown
  try {
    open = (await import(/* @vite-ignore */ module) as Readonly<Record<string, unknown>>)[name]
  } catch (cause) {
    throw new SandboxError('no-module', `\`${module}\` cannot be loaded: ${(cause as Error).message}`, {
      place: 'shell', cause,
    })
  }
  if (typeof open !== 'function') {
    throw new SandboxError('no-module', `\`${module}\` exports no function \`${name}\``, { place: 'shell' })
  }
  return (open as OpenShell)(inside, options)
}
