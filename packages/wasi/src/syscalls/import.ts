/** `lsmkit.syscall(nr, a, b, c, d, e, f)`: a system call by number, answering its result or -errno. */
import { ENOSYS } from '@lsmkit/abi'
import { makeCall } from './call.ts'
import type { Process } from '../process.ts'
import type { Answer } from '../waiting/waits.ts'
import { rawSyscalls } from './table.ts'

export const SYSCALL_MODULE = 'lsmkit'

export const syscallImport = (process: Process) =>
  (nr: number, a: number, b: number, c: number, d: number, e: number, f: number): Answer => {
    const row = Object.hasOwn(rawSyscalls, nr) ? rawSyscalls[nr] : undefined
    if (row === undefined) return -ENOSYS
    return makeCall(process, row, [a, b, c, d, e, f], (rc) => {
      if (row.name === 'execve' && rc === 0) process.stop({ kind: 'replaced' })
      return rc
    })
  }
