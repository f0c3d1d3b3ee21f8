/**
 * The part of a kernel that this package uses: its system calls, each taking the task that makes it, and the machine
 * below.
 */
import type { Kernel, SysCalls } from '@lsmkit/kernel'

/** `kernel.sys`: paths are strings, buffers Uint8Array, results an int >= 0 or -errno. */
export type Sys = SysCalls

/** The part of `bootKernel`'s answer that runWasi needs. */
export type WasiKernel = Pick<Kernel, 'sys' | 'machine'>

export interface Timespec {
  tv_sec: number
  tv_nsec: number
}
