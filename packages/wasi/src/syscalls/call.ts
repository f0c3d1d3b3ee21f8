/** A system call whose arguments a table describes: read and checked before it is made, written back behind it. */
import { EFAULT, ENOSYS } from '@lsmkit/abi'
import { MAX_TIMED } from '../iovec.ts'
import type { Process } from '../process.ts'
import type { Answer } from '../waiting/waits.ts'
import { SKIPPED } from './argument.ts'
import type { Argument, Kind } from './argument.ts'

export interface SyscallRow {
  /** Of the system call. */
  readonly name: string
  readonly kinds: readonly Kind[]
}

type Call = (task: Process['task'], ...args: unknown[]) => number

/** `then` makes the answer of the result. Nothing is written when an argument is bad. */
export const makeCall = (
  process: Process, { name, kinds }: SyscallRow, words: readonly number[], then: (rc: number) => number,
): Answer => {
  const { sys, task, memory, budget, waits } = process
  const call = (sys as unknown as Readonly<Record<string, Call | undefined>>)[name]
  if (call === undefined) return then(-ENOSYS)
  const args: Argument[] = []
  for (let i = 0; i < kinds.length; i++) {
    const arg = kinds[i]!(memory, words, i)
    if (arg === null) return then(-EFAULT)
    if (arg !== SKIPPED) args.push(arg)
  }
  const most = budget.isTimed ? MAX_TIMED : Infinity
  const values = args.map(({ value }) =>
    value instanceof Uint8Array && value.length > most ? value.subarray(0, most) : value)
  return waits(() => call(task, ...values), (rc) => {
    if (rc > 0) budget.spendBytes(rc)
    for (const { writeBack } of args) writeBack?.(rc)
    return then(rc)
  })
}
