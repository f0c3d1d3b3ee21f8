/** The options of the security server, and its answers other than numbers. */
import { aFunction, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export interface SecurityServerOptions {
  /** Refuse what Linux 6.12 would: policies newer than version 33. */
  readonly kernelExact?: '6.12'
  /** The answers to give if kernel and libsepol differ: for sockets, invalid contexts, unknown class numbers. */
  readonly mode?: 'kernel' | 'libsepol'
  /** Is SELinux enforcing now? Computed contexts that are not valid are given out when it is not. */
  readonly enforcing?: () => boolean
  /** Called with each text that the kernel writes into the audit log as SELINUX_ERR: `op=security_compute_sid …`. */
  readonly report?: (text: string) => void
}

export const serverRules: OptionRules<SecurityServerOptions> = {
  kernelExact: oneOf('6.12'), mode: oneOf('kernel', 'libsepol'), enforcing: aFunction, report: aFunction,
}

export interface BooleanState {
  readonly name: string
  readonly value: boolean
}

export interface LoadReport {
  readonly version: number
  readonly seqno: number
  /** Classes and permissions of the kernel that the policy does not know: a line each. */
  readonly unknown: readonly string[]
  /** SIDs whose contexts the new policy does not know. */
  readonly unmapped: readonly number[]
}

export interface FsUseAnswer {
  readonly behavior: number
  readonly sid: number
}

export interface PolicyClass {
  readonly name: string
  readonly value: number
  readonly permissions: readonly { readonly name: string; readonly value: number }[]
}
