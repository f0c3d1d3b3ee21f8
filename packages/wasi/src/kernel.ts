/** What of a kernel this package uses: its system calls, each taking the task that makes it, and what lies beneath. */
import type { Kernel, SysCalls } from '@lsmkit/kernel'

/** `kernel.sys`: paths are strings, buffers Uint8Array, results an int >= 0 or -errno. */
export type Sys = SysCalls

/** What runWasi needs of `bootKernel`'s answer. */
export type WasiKernel = Pick<Kernel, 'sys' | 'machine'>

export interface Timespec {
  tv_sec: number
  tv_nsec: number
}
