/** Options of `child_process.spawn`: what is asked about, what does no harm, and what is refused. */
import { constants } from 'node:os'
import {
  aBoolean, aNumber, checkOptions, either, instanceOf, listOf, oneOf, OptionError, recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule } from '@lsmkit/core/option-rules'
import { plainCopy, plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'

/** A pipe to this process, nothing, or this process's own stream of that number. */
export type SpawnStream = 'pipe' | 'overlapped' | 'ignore' | 'inherit' | 'ipc' | 0 | 1 | 2 | null | undefined

export interface GuardedSpawnOptions {
  /** Asked about as the first argument of the program; its path unless given. */
  readonly argv0?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly stdio?: 'pipe' | 'overlapped' | 'ignore' | 'inherit' | readonly SpawnStream[]
  readonly serialization?: 'json' | 'advanced'
  readonly detached?: boolean
  readonly windowsHide?: boolean
  readonly signal?: AbortSignal
  readonly timeout?: number
  readonly killSignal?: NodeJS.Signals | number
}

const noNul: OptionRule = {
  is: (value) => typeof value === 'string' && !value.includes('\0'), what: 'a string without null bytes',
}
const aStream = oneOf('pipe', 'overlapped', 'ignore', 'inherit', 'ipc', 0, 1, 2, null, undefined)

const shape: OptionShape<GuardedSpawnOptions> = {
  takes: {
    // asked about
    argv0: noNul, env: recordOf(either(noNul, oneOf(undefined))),
    // where the program begins: it may go wherever its host user may
    cwd: noNul,
    // between this process and the child
    stdio: either(oneOf('pipe', 'overlapped', 'ignore', 'inherit'), listOf(aStream)),
    serialization: oneOf('json', 'advanced'),
    // how it is shown and ended
    detached: aBoolean, windowsHide: aBoolean, signal: instanceOf(AbortSignal), timeout: aNumber(0),
    killSignal: either(oneOf(...Object.keys(constants.signals)), wholeNumber(0, 64)),
  },
  refuses: {
    shell: { why: 'a shell looks up names on the host; name the program', but: [false] },
    uid: 'nobody is asked about a change of user on the host',
    gid: 'nobody is asked about a change of group on the host',
    windowsVerbatimArguments: { why: 'the program would not get the arguments that are asked about', but: [false] },
    file: 'the program is the first argument',
    args: 'arguments are the second argument',
  },
}

/**
 * Variables by which the host's loader runs code of somebody else in any program (ld.so(8), "secure-execution mode";
 * dyld(1)).
 */
const LOADER = /^(LD_|DYLD_|GLIBC_TUNABLES$|GCONV_PATH$|LOCPATH$|NLSPATH$|MALLOC_TRACE$|RES_OPTIONS$|HOSTALIASES$)/i

const checkLoader = (env: Readonly<Record<string, string | undefined>>): void => {
  for (const [name, value] of Object.entries(env)) {
    // what this process was started with, its owner has chosen
    if (value === undefined || !LOADER.test(name) || process.env[name] === value) continue
    throw new OptionError('refused-option', `\`env.${name}\` is not taken: it loads code that nobody is asked about`, {
      place: 'spawn',
    })
  }
}

const checkStdio = (stdio: GuardedSpawnOptions['stdio']): void => {
  if (!Array.isArray(stdio)) return
  const far = stdio.findIndex((one, i) => i > 2 && one === 'inherit')
  if (far < 0) return
  const why = 'the task has not opened that descriptor of the host'
  throw new OptionError('refused-option', `\`stdio[${far}]\` is not taken: ${why}`, { place: 'spawn' })
}

/** A copy that nothing changes any more. Throws OptionError. */
export const spawnOptions = (given: GuardedSpawnOptions | undefined): GuardedSpawnOptions => {
  const options = plainOptions(given, shape, 'spawn')
  checkLoader(options.env ?? {})
  checkStdio(options.stdio)
  return options
}

interface Command {
  readonly path: string
  readonly args: readonly string[]
}
const commandRules = { path: required(noNul), args: required(listOf(noNul)) }

/** Program and arguments, likewise. */
export const commandOf = (path: unknown, args: unknown): Command => {
  const copy = plainCopy({ path, args }, 'spawn') as Command
  checkOptions(copy, commandRules, 'spawn')
  return copy
}

/** For the test that compares them with what Node knows. */
export const spawnShape = shape
