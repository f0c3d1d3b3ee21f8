/** System calls one by one, as strace prints them: a kernel whose calls report to a function, and a call as text. */
import { errnoName, oneLine } from '@lsmkit/abi'
import type { Denial, Task } from '@lsmkit/core'
import { aFunction, checkOptions, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Kernel } from '../boot/kernel.ts'
import { wrapCalls } from '../boot/wrap-calls.ts'
import { bytesText, capCallText, shownPart, structText } from './bytes.ts'
import { flagText } from './flags.ts'

export interface SystemCall {
  readonly name: string
  readonly task: Task
  readonly args: readonly unknown[]
  readonly rc: number
  /** The last refusal of an LSM during the call; null when there was none. A call may succeed in spite of one. */
  readonly denial: Denial | null
}

export interface CallWatcher {
  /** Before the call is entered. */
  readonly enter?: (name: string, task: Task) => void
  readonly leave: (call: SystemCall) => void
}

const rules: OptionRules<CallWatcher> = { enter: aFunction, leave: required(aFunction) }

type Call = (task: Task, ...args: unknown[]) => number

/**
 * The same kernel, to be given to whatever runs programs; calls made through `kernel` itself are not reported. `stack`
 * is where the denials are read from: the stack the kernel booted on.
 */
export const watchCalls = (
  kernel: Kernel, stack: { readonly denial: Denial | null }, watcher: CallWatcher,
): Kernel => {
  checkOptions(watcher, rules, 'watchCalls')
  const { enter, leave } = watcher
  const watched = (name: string, call: Call): Call => (task, ...args) => {
    enter?.(name, task)
    const before = stack.denial
    const rc = call(task, ...args)
    leave({ name, task, args, rc, denial: stack.denial === before ? null : stack.denial })
    return rc
  }
  return wrapCalls(kernel, watched)
}

/** `[pid 7] openat(AT_FDCWD, "/etc/shadow", O_RDONLY, 0) = -1 EACCES <file_open: warden>`. */
export const callText = ({ name, task, args, rc, denial }: SystemCall): string => {
  const result = rc < 0 ? `-1 ${errnoName(rc)}` : String(rc)
  const by = denial === null ? '' : ` <${denial.hook}: ${denial.lsm}>`
  const isOfCaps = name === 'capget' || name === 'capset'
  const texts = (isOfCaps ? capCallText(args) : null) ??
    args.map((value, i) => flagText(name, i, value) ?? argumentText(shownPart(name, i, value, rc)))
  return oneLine(`[pid ${task.pid}] ${name}(${texts.join(', ')}) = ${result}${by}`, Infinity)
}

const argumentText = (value: unknown): string => {
  if (value === null) return 'NULL'
  if (value instanceof Uint8Array) return bytesText(value)
  if (Array.isArray(value)) return `[${value.map(argumentText).join(', ')}]`
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === undefined) return '{…}'
  return typeof value === 'object' ? structText(value) : String(value)
}
