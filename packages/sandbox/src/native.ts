/** `box.exec`: native programs under the policy of a box. `@lsmkit/native` runs them; nothing here depends on it. */
import { ownValue } from '@lsmkit/abi'
import { aString, either, instanceOf, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { widened } from './allow.ts'
import type { Denial, Permit } from './denial.ts'
import type { HostTraffic } from './hosts/account.ts'
import type { Network } from './hosts/network.ts'
import type { ModuleSource, Policy } from './policy.ts'
import type { KernelProcess } from './remote/threads.ts'
import { SandboxError } from './sandbox-error.ts'
import { widenedRoles } from './widened-roles.ts'

export interface NativeExecOptions {
  /** Variables beside those of the policy, which stand. */
  readonly env?: Readonly<Record<string, string>>
  /** The folder that it starts in: a path of the box that lies in a folder of the host. */
  readonly cwd?: string
  /** A role of the policy. */
  readonly role?: string
  /** Its input. Default: nothing. */
  readonly stdin?: string | Uint8Array
  /** Ends the program, and `exec` rejects with its reason. */
  readonly signal?: AbortSignal
}

export const nativeExecRules: OptionRules<NativeExecOptions> = {
  env: recordOf(aString), cwd: aString, role: aString, stdin: either(aString, instanceOf(Uint8Array)),
  signal: instanceOf(AbortSignal),
}

export interface NativeResult {
  /** As shells report it. */
  readonly status: number
  /** Name of the signal that ended it, or null. */
  readonly signal: string | null
  /** The limit that ended it, as a sentence; empty for none. */
  readonly reason: string
  readonly stdout: string
  readonly stderr: string
  /** The hosts that it was connected to, and those that it was refused. */
  readonly connections: readonly HostTraffic[]
  readonly denials: readonly Denial[]
}

/** As `createNativeBox` of `@lsmkit/native` makes it. */
export interface NativePrograms {
  exec(program: string, args?: readonly string[], options?: NativeExecOptions): Promise<NativeResult>
}

export interface NativeMakerOptions {
  readonly accept: readonly string[]
  readonly network: Network
}

export type NativeMaker = (policy: Policy, options: NativeMakerOptions) => NativePrograms

const PACKAGE = '@lsmkit/native'

interface NativePackage {
  readonly createNativeBox: NativeMaker
  readonly kernelProcess: KernelProcess
}

const load = async (option: string, name: keyof NativePackage): Promise<NativePackage> => {
  try {
    return await import(/* @vite-ignore */ PACKAGE) as NativePackage
  } catch (cause) {
    throw new SandboxError('no-module', `\`${PACKAGE}\` cannot be loaded: ${(cause as Error).message}`, {
      place: `createSandbox: ${option}`, hint: `npm install ${PACKAGE}, or \`${option}: ${name}\` of it`, cause,
    })
  }
}

/** The option `process`; null for a box in the worker that all share. */
export const processOf = async (chosen: boolean | KernelProcess): Promise<KernelProcess | null> =>
  (chosen === false ? null : chosen === true ? (await load('process', 'kernelProcess')).kernelProcess : chosen)

/** The native side of a box. */
export class NativeSide {
  readonly #policy: Policy
  readonly #options: NativeMakerOptions
  readonly #make: NativeMaker
  readonly #programs: NativePrograms

  constructor(policy: Policy, options: NativeMakerOptions, make: NativeMaker) {
    this.#policy = policy
    this.#options = options
    this.#make = make
    this.#programs = make(policy, options)
  }

  get programs(): NativePrograms {
    return this.#programs
  }

  /** That of a box that may do more. */
  with({ allow, role }: Permit): NativeSide {
    const { roles } = this.#policy
    const named = role === undefined || ownValue(roles, role) === undefined ? undefined : role
    return new NativeSide({
      ...this.#policy, allow: widened(this.#policy.allow ?? {}, allow),
      ...(roles === undefined ? {} : { roles: widenedRoles(roles, named, allow) }),
    }, this.#options, this.#make)
  }
}

/** `chosen`: the option `native`. A native program cannot be held to modules that are functions. */
export const openNative = async (
  chosen: boolean | NativeMaker, policy: Policy, hasFunctions: boolean, options: NativeMakerOptions,
): Promise<NativeSide | null> => {
  if (chosen === false) return null
  const make = chosen === true ? (await load('native', 'createNativeBox')).createNativeBox : chosen
  const functions: readonly ModuleSource[] = hasFunctions ? [{ module: 'a function' }] : []
  return new NativeSide({ ...policy, modules: [...policy.modules ?? [], ...functions] }, options, make)
}
