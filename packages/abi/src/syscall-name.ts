/** Names of system calls, without the `SYS_`. */
import * as syscall from './syscall.ts'
import { nameTable } from './name-table.ts'

export const syscallTable = /* @__PURE__ */ nameTable(syscall, /^SYS_/)

/** `openat` for 257; `syscall_500` for a number without a name. */
export const syscallName = (nr: number): string => syscallTable.nameOf(nr)?.slice(4) ?? `syscall_${nr}`

/** The number of `openat`. */
export const syscallByName = (name: string): number | undefined => syscallTable.numberOf(`SYS_${name}`)
