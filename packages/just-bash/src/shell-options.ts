/** The options of a shell. */
import { aFunction, oneOf, plainOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { BashOptions } from 'just-bash'
import { anExecutionLimits } from './execution-limits.ts'
import { LARGEST_READ } from './file-calls.ts'
import type { FetchForTask, RunProgram } from './processes.ts'

export interface ShellOptions {
  /** Limits of just-bash, for the shell and for each command. */
  readonly executionLimits?: BashOptions['executionLimits']
  readonly executionLimitProfile?: BashOptions['executionLimitProfile']
  /** The most bytes of a file that a command reads whole; reading more is EFBIG. Default, and at most, 64 MiB. */
  readonly largestRead?: number
  /** Runs what is in the tree and is not a command of just-bash, as a WASI program; the child has executed it. */
  readonly runProgram?: RunProgram
  /** Makes requests of HTTP for a process; without it there is no `curl`. A box has its own. */
  readonly fetch?: FetchForTask
}

const shellRules: OptionRules<ShellOptions> = {
  executionLimits: anExecutionLimits,
  executionLimitProfile: oneOf('normal', 'hardened'),
  largestRead: wholeNumber(0, LARGEST_READ),
  runProgram: aFunction,
  fetch: aFunction,
}

/** A copy that nothing changes any more. Throws OptionError. */
export const shellOptionsOf = (options: ShellOptions): ShellOptions =>
  plainOptions(options, { takes: shellRules }, 'Shell')
