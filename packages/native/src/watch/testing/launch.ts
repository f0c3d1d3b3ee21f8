/** Runs a program under a watch, for tests. */
import type { Readable } from 'node:stream'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { createNativeBox } from '../../exec/native-box.ts'
import type { NativeDenial } from '../native-denial.ts'
import type { WatchDifference } from '../difference.ts'
import { openWatch } from '../watch.ts'
import type { WatchOptions } from '../watch.ts'

export interface LaunchOptions extends Omit<WatchOptions, 'onDenial' | 'onDifference' | 'allow'> {
  readonly policy: Policy
  readonly accept?: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface WatchedRun {
  readonly code: number | null
  readonly signal: number | null
  readonly stdout: string
  readonly stderr: string
  readonly denials: readonly NativeDenial[]
  readonly differences: readonly WatchDifference[]
  /** Calls that were answered. */
  readonly calls: number
}

const textOf = async (stream: Readable | null): Promise<string> => {
  let text = ''
  for await (const part of stream ?? []) text += String(part)
  return text
}

export const launchWatched = async (command: readonly string[], options: LaunchOptions): Promise<WatchedRun> => {
  const { policy, accept = [], cwd = '/', env = { PATH: process.env.PATH ?? '/usr/bin', HOME: '/' }, ...of } = options
  const denials: NativeDenial[] = []
  const differences: WatchDifference[] = []
  const watch = await openWatch({
    ...of, allow: policy.allow ?? null, onDenial: (denial) => denials.push(denial),
    onDifference: (one) => differences.push(one),
  })
  const [program, ...args] = command
  const box = createNativeBox(policy, { accept })
  const { process: started } = box.start(program!, args, { cwd, env, watch, stdio: ['ignore', 'pipe', 'pipe'] })
  const [{ code, signal }, stdout, stderr] = await Promise.all([
    started.ended, textOf(started.stdout), textOf(started.stderr),
  ])
  const { calls } = await watch.end()
  return { code, signal, stdout, stderr, denials, differences, calls }
}
