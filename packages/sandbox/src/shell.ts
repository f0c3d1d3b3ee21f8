/** A shell in a box: found by its name beside the kernel, and given the inside of the box. */
import { aString, required } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { Denial } from './denial.ts'
import type { Inside } from './inside-box.ts'
import { SandboxError } from './sandbox-error.ts'

/** A package, or the URL of a module, that exports `openShell` (or the function named by `export`): an `OpenShell`. */
export interface ShellSource {
  readonly module: string
  readonly export?: string
  /** What that function is given: data. */
  readonly options?: object
}

/** What a shell is asked for; it may take more options of its own. */
export interface ShellRequest {
  /** Number of the run: for `inside.task({ run })`, so that refusals are told of with it. */
  readonly run: number
}

export interface ShellEnd {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** What `box.sh` answers. */
export interface ShellRun extends ShellEnd {
  readonly run: number
  readonly denials: readonly Denial[]
  /** Refusals beyond those that are kept (1,024 of a run). */
  readonly denialsLeftOut: number
}

export interface Shell {
  /** Runs a command line to its end. */
  sh(command: string, request: ShellRequest & Readonly<Record<string, unknown>>): Promise<ShellEnd>
  close?(): void
}

export type OpenShell = (inside: Inside, options: object) => Shell | Promise<Shell>

const anObject: OptionRule = { is: (value) => typeof value === 'object' && value !== null, what: 'an object' }
export const shellRules: OptionRules<ShellSource> = {
  module: required(aString), export: aString, options: anObject,
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
