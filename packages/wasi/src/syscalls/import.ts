/** `lsmkit.syscall(nr, a, b, c, d, e, f)`: a system call by number, answering its result or -errno. */
import { EFAULT, ENOSYS, ERESTARTSYS } from '@lsmkit/abi'
import { waitOut } from '../host.ts'
import type { Process } from '../process.ts'
import { SKIPPED } from './argument.ts'
import type { Argument } from './argument.ts'
import { rawSyscalls } from './table.ts'

export const SYSCALL_MODULE = 'lsmkit'

type Call = (task: Process['task'], ...args: unknown[]) => number

/** Every argument is read and checked before the call is made; nothing is written when one is bad. */
export const syscallImport = (process: Process) => {
  const { sys, task, memory, host } = process
  const calls = sys as unknown as Readonly<Record<string, Call | undefined>>
  return (nr: number, a: number, b: number, c: number, d: number, e: number, f: number): number => {
    const row = Object.hasOwn(rawSyscalls, nr) ? rawSyscalls[nr] : undefined
    const call = row === undefined ? undefined : calls[row.name]
    if (row === undefined || call === undefined) return -ENOSYS
    const words = [a, b, c, d, e, f]
    const args: Argument[] = []
    for (let i = 0; i < row.kinds.length; i++) {
      const arg = row.kinds[i]!(memory, words, i)
      if (arg === null) return -EFAULT
      if (arg !== SKIPPED) args.push(arg)
    }
    const once = (): number => call(task, ...args.map(({ value }) => value))
    let rc = once()
    if (rc === -ERESTARTSYS) rc = waitOut(host, once)
    for (const { writeBack } of args) writeBack?.()
    if (row.name === 'execve' && rc === 0) process.stop({ kind: 'replaced' })
    return rc
  }
}
