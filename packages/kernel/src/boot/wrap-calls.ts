/** A kernel whose system calls go through functions of somebody else, whichever way they are made. */
import type { Kernel } from './boot-with.ts'
import { wrapTable } from '../syscalls/call-table.ts'
import type { SysCall } from '../syscalls/call-table.ts'
import { byName } from '../syscalls/entry.ts'

/** The same kernel, to be given to whatever runs programs: `wrap` makes each call when it is first used. */
export const wrapCalls = (kernel: Kernel, wrap: (name: string, call: SysCall) => SysCall): Kernel => {
  const sys = wrapTable(kernel.sys, wrap)
  return { ...kernel, sys, syscall: byName(sys) }
}
